"""Findings come in any order and are told in one; each reads as a sentence."""

import os
from pathlib import Path

import pytest

from ptt.client.credentials import Credential, save_credential
from ptt.errors import AudioDeviceError, RefusedError
from ptt_desk.checks import names
from ptt_desk.checks.files import check_credential, check_preferences
from ptt_desk.checks.finding import Finding, Verdict, failed, ok, problem, skipped, warning, worst
from ptt_desk.checks.report import Report
from ptt_desk.preferences import Preferences


def test_findings_are_told_in_order_as_soon_as_their_turn_comes() -> None:
    told: list[str] = []
    report = Report(("a", "b", "c"), lambda finding: told.append(finding.name))

    report.note(ok("c", "Well"))
    assert told == []
    report.note(ok("a", "Well"))
    assert told == ["a"]
    report.note(ok("b", "Well"))

    assert told == ["a", "b", "c"]
    assert [finding.name for finding in report.findings] == ["a", "b", "c"]


def test_the_worst_finding_decides_and_what_was_skipped_does_not_count() -> None:
    well, bad, worse = ok("a", "Well"), warning("b", "Bad", "mend"), problem("c", "Worse", "mend")

    assert worst([well, *skipped("d", "it rains")]) is Verdict.OK
    assert worst([well, bad]) is Verdict.WARNING
    assert worst([worse, bad, well]) is Verdict.PROBLEM


@pytest.mark.parametrize(
    "text",
    [
        "There is no microphone: plug one in and try again.",
        "There is no loudspeaker ears: did you mean ear, or another one from `ptt devices`?",
        "The microphone HDA: Analog cannot be opened (busy): close other programs.",
        "You shall not pass.",
    ],
)
def test_an_error_of_ours_reads_the_same_as_a_finding(text: str) -> None:
    assert str(failed("x", AudioDeviceError(text))) == text


def test_what_to_do_is_told_apart_from_what_is_wrong() -> None:
    found = failed("session", RefusedError("This device has been revoked: ask for a new invite."))

    assert found.sentence == "This device has been revoked"
    assert found.advice == "ask for a new invite"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It is gone (bus: 1, hub: 2): plug it in (Linux: again).", "It is gone (bus: 1, hub: 2)"),
        ("The microphone HDA: Analog is busy: close it.", "The microphone HDA: Analog is busy"),
        ("[::1]:80 is silent: wait.", "[::1]:80 is silent"),
    ],
)
def test_the_last_colon_outside_of_brackets_parts_them(text: str, wrong: str) -> None:
    assert failed("x", AudioDeviceError(text)).sentence == wrong


def test_no_name_is_used_twice() -> None:
    assert len(set(names.ALL)) == len(names.ALL)


# the credential

ANNA = Credential(
    host="h", port=1, key_hash="k", device="d", secret=b"s", person="Anna", server="Office"
)


async def examined(path: Path, server: str | None = None) -> tuple[Finding, Credential | None]:
    return await check_credential(server, path)


async def test_a_credential_that_only_its_owner_reads_is_ok(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    save_credential(ANNA, path)

    found, credential = await examined(path)

    assert (found.verdict, credential) == (Verdict.OK, ANNA)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
async def test_one_that_others_read_is_a_warning_with_the_command(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "credentials.json"
    save_credential(ANNA, path)
    path.chmod(mode)

    found, _ = await examined(path)

    assert found.verdict is Verdict.WARNING
    assert found.advice == f"run: chmod 600 '{path}'"


async def test_without_one_or_with_a_damaged_one_it_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"

    missing, credential = await examined(path)
    path.write_text("{")
    damaged, _ = await examined(path)

    assert credential is None
    assert "run `ptt join` with an invite link" in missing.advice
    assert "delete it and join again" in damaged.advice


# preferences


async def test_without_preferences_the_defaults_hold(tmp_path: Path) -> None:
    found, preferences = await check_preferences(tmp_path / "ptt.toml")

    assert (found.verdict, preferences) == (Verdict.OK, Preferences())


async def test_preferences_in_order_are_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "ptt.toml"
    path.write_text('[keys]\ntalk = ["f9"]\n')

    found, preferences = await check_preferences(path)

    assert str(found) == f"{path} is in order."
    assert preferences.keys.talk == ("f9",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[keys]\ntlak = 3\n", 'unknown key "tlak" in [keys]: did you mean "talk"?'),
        ("[keys\n", "is not TOML"),
        ('[tones]\nfiles = { granted = "/none.wav" }\n', "none.wav"),
    ],
)
async def test_preferences_that_cannot_be_used_are_a_problem(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "ptt.toml"
    path.write_text(text)

    found, preferences = await check_preferences(path)

    assert found.verdict is Verdict.PROBLEM
    assert words in str(found)
    assert preferences == Preferences()
