"""S20: what cannot be prevented is said, where people read it before they install anything."""

from pathlib import Path

import pytest

README = " ".join((Path(__file__).parents[2] / "README.md").read_text().split())


@pytest.mark.parametrize(
    "promise",
    [
        "encrypted between each computer and the server",
        "Whoever runs the server can listen to what it relays",
        "end-to-end encryption is not offered",
        "The server records nothing; its log names who talked when and for how long, never what",
    ],
)
def test_the_readme_says_who_can_hear_what(promise: str) -> None:
    assert promise in README
