"""Names of people, devices and channels: which are allowed, and which was probably meant.

Against names with line ends, escapes, direction marks, or 10 kB. Pure.
"""

import difflib
import unicodedata
from collections.abc import Iterable

from ptt.errors import ConfigError
from ptt.wire.signalling import MAX_NAME

MAX_KEY = 192  # as the database has room for; U+FDFA stands for eighteen letters
# Letters, marks, numbers, punctuation, symbols; of separators only the plain space.
ALLOWED_CATEGORIES = frozenset("LMNPS")


def clean_name(text: str, what: str = "name") -> str:
    """`text` in NFC without surrounding spaces; raises ConfigError if it cannot be a name."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise ConfigError(f"The {what} is empty: write 1 to {MAX_NAME} characters.")
    if len(name) > MAX_NAME:
        raise ConfigError(f"The {what} has {len(name)} characters: at most {MAX_NAME} are allowed.")
    for character in name:
        if not _is_allowed(character):
            code = f"U+{ord(character):04X}"
            raise ConfigError(f"The {what} contains {code}: only printable characters are allowed.")
    if len(name_key(name)) > MAX_KEY:
        raise ConfigError(f"The {what} has characters that stand for many: write a shorter one.")
    return name


def _is_allowed(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] in ALLOWED_CATEGORIES


def name_key(name: str) -> str:
    """Two names with the same key are the same to a reader: `Anna` and `anna`.

    Always text that can be written as UTF-8, also if `name` was no text on the command line.
    """
    key = unicodedata.normalize("NFKC", name).casefold()
    return key.encode("utf-8", "backslashreplace").decode("utf-8")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: the nearest known word, or all if there are few, or a full stop."""
    words = sorted(known)
    keys = {name_key(other): other for other in words}
    if near := difflib.get_close_matches(name_key(word), list(keys), n=1, cutoff=0.5):
        return f': did you mean "{keys[near[0]]}"?'
    if 0 < len(words) <= 8:
        return f" (known: {', '.join(words)})."
    return "."
