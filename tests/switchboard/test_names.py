"""Names: what may be one, and what was probably meant."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import ConfigError
from ptt.switchboard.names import MAX_KEY, clean_name, did_you_mean, name_key


@pytest.mark.parametrize(
    "text",
    ["", "   ", "a\nb", "a\rb", "\x1b[31m", "a\u202eb", "a\u200bb", "x" * 65, "a\x00", "\ud800"],
)
def test_a_name_with_control_characters_or_of_wrong_length_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        clean_name(text)


def test_a_short_name_of_letters_that_stand_for_many_is_refused() -> None:
    clean_name("\ufdfa" * 10)

    with pytest.raises(ConfigError, match="stand for many: write a shorter one"):
        clean_name("\ufdfa" * 11)


def test_a_name_is_composed_and_trimmed() -> None:
    assert clean_name(" Jo\u0308rg ") == "J\xf6rg"


@given(st.text(max_size=100))
def test_whatever_is_accepted_is_printable_and_short(text: str) -> None:
    try:
        name = clean_name(text)
    except ConfigError:
        return

    assert 1 <= len(name) <= 64
    assert len(name_key(name)) <= MAX_KEY
    assert name == unicodedata.normalize("NFC", name).strip()
    assert all(unicodedata.category(letter)[0] != "C" for letter in name)
    assert len(name.splitlines()) == 1


def test_the_nearest_name_is_offered() -> None:
    assert did_you_mean("ana", ["Anna", "Ben"]) == ': did you mean "Anna"?'
    assert did_you_mean("zzz", ["Anna", "Ben"]) == " (known: Anna, Ben)."
    assert did_you_mean("zzz", []) == "."


def test_names_that_look_alike_to_a_reader_are_the_same() -> None:
    assert name_key("ANNA") == name_key("anna")
