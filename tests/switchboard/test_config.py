"""The configuration: defaults, overrides, and one sentence for every mistake."""

from pathlib import Path

import pytest

from ptt.errors import ConfigError
from ptt.switchboard.config import DEFAULT_PORT, load_config, parse_config
from ptt.switchboard.records import Role


def test_without_a_file_the_defaults_are_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ptt.switchboard.config.default_file", lambda: None)

    config = load_config(None)

    assert (config.port, config.channels) == (DEFAULT_PORT, ())


def test_the_command_line_counts_more_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pttd.toml"
    file.write_text('port = 1234\nhost = "10.0.0.1"\n')

    config = load_config(file, port=0, host=None, data=tmp_path)

    assert (config.port, config.host, config.data) == (0, "10.0.0.1", tmp_path)


def test_a_channel_can_be_declared_with_roles() -> None:
    config = parse_config(
        '[channels."Goods in"]\ntalk_limit = 30\nopen_to = "listen"\nreplay = false\n'
        'roles = { Anna = "moderate" }'
    )

    [channel] = config.channels
    assert channel.name == "Goods in"
    assert channel.changes == {
        "talk_limit": 30.0,
        "open_to": Role.LISTEN,
        "replay": False,
    }
    assert channel.roles == {"Anna": Role.MODERATE}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1", 'unknown key "prot": did you mean "port"?'),
        ('port = "x"', '"port" must be a whole number from 0 to 65535'),
        ("port = 70000", '"port" must be a whole number from 0 to 65535'),
        ("port = true", '"port" must be a whole number'),
        ("floor_servers = 0", '"floor_servers" must be a whole number from 1 to 64'),
        ("floor_server = 2", 'did you mean "floor_servers"?'),
        ("name = 3", '"name" must be text'),
        ('name = ""', "is empty"),
        ('name = "a\\nb"', "U+000A"),
        ("port = ", "is not TOML"),
        ("channels = 3", '"channels" must be a table'),
        ('[channel."x"]', 'unknown key "channel": did you mean "channels"?'),
        ("[channels]\nx = 3", 'channel "x" must be a table'),
        ("[channels.x]\ntalk_limt = 3", 'did you mean "talk_limit"?'),
        ("[channels.x]\ntalk_limit = 3", "must be a number from 10 to 600 seconds"),
        ("[channels.x]\ntalk_limit = true", "must be a number"),
        ("[channels.x]\ntalk_limit = nan", "must be a number"),
        ("[channels.x]\nqueue_size = 2.5", "must be a whole number from 0 to 64"),
        ('[channels.x]\nprofile = "gmc"', 'cannot be "gmc": did you mean "gcm"?'),
        ("[channels.x]\nstrict = 1", "must be true or false"),
        ('[channels.x]\nreplay = "no"', '"replay" must be true or false'),
        ('[channels.x]\nroles = { Anna = "tall" }', 'did you mean "talk"?'),
        ("[channels.x]\nroles = 3", '"roles" must be a table'),
    ],
)
def test_a_mistake_is_named_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "pttd.toml")

    assert words in str(caught.value)


def test_the_ports_of_all_floor_servers_must_exist(tmp_path: Path) -> None:
    file = tmp_path / "pttd.toml"
    file.write_text("floor_servers = 4\nport = 65532\n")
    assert load_config(file).floor_servers == 4

    with pytest.raises(ConfigError, match="4 floor servers need as many ports from 65533 on"):
        load_config(file, port=65533)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Cannot read .*none\.toml: No such file"):
        load_config(tmp_path / "none.toml")
