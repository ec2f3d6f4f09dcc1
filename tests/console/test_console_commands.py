"""`ptt` as people call it: every failure is one sentence and exit code 1."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ptt.client.credentials import Credential, default_credential, save_credential
from ptt.errors import AudioDeviceError, InviteError, RefusedError, ServerKeyMismatchError
from ptt_console import cli
from ptt_console.devices import table
from ptt_console.talk import TalkOptions, choose_channel, talk_until_told
from ptt_devices.devices import Device, Direction

CREDENTIAL = Credential(
    host="127.0.0.1",
    port=1,
    key_hash="A" * 43,
    device="d",
    secret=b"s",
    person="Anna",
    server="Factory",
)
SPEECH = Path(__file__).parents[2] / "clients" / "ptt_demo" / "speech" / "anna.wav"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    return tmp_path


def ptt(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


def assert_one_sentence(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert [word for word in words if word not in result.stderr] == []


def test_a_link_that_is_none_is_told() -> None:
    assert_one_sentence(ptt("join", "https://example.org"), "not an invite link")


@pytest.mark.parametrize(
    "error",
    [InviteError("This invite has expired."), ServerKeyMismatchError("It is another server.")],
)
def test_what_enrolment_refuses_is_told(
    error: Exception, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    async def refuse(link: str, name: str) -> Credential:
        raise error

    monkeypatch.setattr("ptt.client.enrolment.enrol", refuse)

    assert_one_sentence(ptt("join", "ptt://x"), str(error))
    assert list(home.iterdir()) == []


def test_join_keeps_the_credential_for_talk(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    async def accept(link: str, name: str) -> Credential:
        assert (link, name) == ("ptt://x", "My desk")
        return CREDENTIAL

    monkeypatch.setattr("ptt.client.enrolment.enrol", accept)

    result = ptt("join", "ptt://x", "--device-name", "My desk")

    assert result.exit_code == 0
    assert "Joined Factory as Anna" in result.stdout
    assert default_credential() == CREDENTIAL


def test_talk_without_an_invite_says_how_to_get_in() -> None:
    assert_one_sentence(ptt("talk"), "not enrolled", "ptt join")


def test_talk_to_a_server_that_is_away_says_so(tmp_path: Path) -> None:
    save_credential(CREDENTIAL)

    result = ptt("talk", "--from-wav", str(SPEECH), "--to-wav", str(tmp_path / "out.wav"))

    assert_one_sentence(result, "127.0.0.1")


def test_a_file_that_is_no_sound_is_told(tmp_path: Path) -> None:
    save_credential(CREDENTIAL)

    result = ptt("talk", "--from-wav", str(tmp_path / "nothing.wav"))

    assert_one_sentence(result, "nothing.wav", "not a readable WAV file")


def test_a_key_that_does_not_exist_is_told(tmp_path: Path) -> None:
    save_credential(CREDENTIAL)
    files = ("--from-wav", str(SPEECH), "--to-wav", str(tmp_path / "out.wav"))

    assert_one_sentence(ptt("talk", *files, "--key", "crtl_r"), "crtl_r", "ctrl_r")


async def test_an_unknown_microphone_is_told_before_anybody_sees_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoSound:
        def devices(self) -> list[Device]:
            return []

    monkeypatch.setattr("ptt_console.talk.sound_system", NoSound)

    with pytest.raises(AudioDeviceError, match="no microphone"):
        await talk_until_told(CREDENTIAL, TalkOptions(key="terminal"))


CHOICES = [
    ((), None, "ask whoever runs the server"),
    (("Hall", "Workshop"), None, "--channel with one of: Hall, Workshop"),
    (("Hall", "Workshop"), "Workshp", "did you mean Workshop"),
    (("Hall", "Workshop"), "xyz", "your channels: Hall, Workshop"),
]


@pytest.mark.parametrize(("channels", "name", "words"), CHOICES)
def test_a_channel_that_cannot_be_meant_is_told(
    channels: tuple[str, ...], name: str | None, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        choose_channel(channels, name)


def test_the_only_channel_needs_no_name() -> None:
    assert choose_channel(("Hall",), None) == "Hall"
    assert choose_channel(("Hall", "Workshop"), "Hall") == "Hall"


def test_devices_are_listed_by_what_they_do() -> None:
    headset = Device(0, "Headset", "ALSA", 1, 2, 48_000, frozenset({Direction.MICROPHONE}))
    screen = Device(1, "Screen", "ALSA", 0, 2, 48_000, frozenset({Direction.LOUDSPEAKER}))

    assert table([headset, screen]).splitlines() == [
        "Microphones:",
        "* Headset (ALSA)",
        "Loudspeakers:",
        "  Headset (ALSA)",
        "* Screen (ALSA)",
    ]


def test_without_devices_the_list_says_none() -> None:
    assert table([]).count("none") == 2
