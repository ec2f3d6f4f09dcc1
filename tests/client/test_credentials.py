"""The file that proves who this device is."""

from pathlib import Path

import pytest

from ptt.client.credentials import (
    Credential,
    default_credential,
    load_credentials,
    save_credential,
)
from ptt.errors import ConfigError


def credential(server: str = "Office") -> Credential:
    return Credential(
        host=f"{server.lower()}.example",
        port=17880,
        key_hash=f"hash of {server}",
        device="device",
        secret=b"s3cr3t" * 6,
        person="Anna",
        server=server,
    )


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "credentials.json"

    save_credential(credential(), path)

    assert load_credentials(path) == [credential()]


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "credentials.json"

    save_credential(credential(), path)
    save_credential(credential("Depot"), path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_the_server_that_was_joined_last_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    save_credential(credential("Office"), path)
    save_credential(credential("Depot"), path)

    assert default_credential(path=path).server == "Depot"
    assert default_credential("Office", path).server == "Office"
    assert default_credential("office.example", path).server == "Office"


def test_joining_a_server_again_replaces_the_credential(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    for server in ("Office", "Depot", "Office"):
        save_credential(credential(server), path)

    assert [one.server for one in load_credentials(path)] == ["Depot", "Office"]


def test_without_a_credential_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not enrolled: run `ptt join`"):
        default_credential(path=tmp_path / "none.json")


def test_an_unknown_server_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not enrolled at Moon"):
        default_credential("Moon", tmp_path / "none.json")


@pytest.mark.parametrize("octets", [b"", b"{", b"\xff\xfe", b'{"credentials": [{}]}'])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "credentials.json"
    path.write_bytes(octets)

    with pytest.raises(ConfigError, match="is damaged"):
        load_credentials(path)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be"):
        save_credential(credential(), tmp_path / "file" / "credentials.json")


def test_the_secret_is_in_no_repr() -> None:
    assert "s3cr3t" not in repr(credential())
