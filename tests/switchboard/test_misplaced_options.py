"""Options that stand where nobody would take them are refused, not ignored."""

from pathlib import Path

import pytest

from ptt.errors import RefusedError
from ptt.switchboard import __main__ as pttd


@pytest.mark.parametrize(
    "words", [["channels", "--data", "F", "list"], ["people", "--data", "F", "list"]]
)
def test_a_folder_in_front_of_the_command_is_refused(words: list[str], tmp_path: Path) -> None:
    pttd._add_commands()

    with pytest.raises(RefusedError, match="behind the command"):
        pttd.app([str(tmp_path) if word == "F" else word for word in words])


def test_a_folder_in_front_of_all_commands_is_refused(tmp_path: Path) -> None:
    pttd._add_commands()

    with pytest.raises(RefusedError, match="behind the command"):
        pttd.app(["--data", str(tmp_path), "invite", "Anna"])
