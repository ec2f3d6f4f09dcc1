"""The engine's and the server's sentences in the person's language.

They arrive in English, with names and figures in them. Each stands here once as a template, which
is translated; the names are put back in. One that is not known is shown as it came.
"""

import re
from functools import cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

# Implementation
CONTEXT = "Sentences"

_MARKED = (
    # the connection
    QT_TRANSLATE_NOOP("Sentences", "The server does not answer any more."),
    QT_TRANSLATE_NOOP("Sentences", "The server did not say welcome; trying again."),
    QT_TRANSLATE_NOOP("Sentences", "The server takes too long to answer."),
    QT_TRANSLATE_NOOP(
        "Sentences", "The server at {address} takes too long to answer: try again later."
    ),
    QT_TRANSLATE_NOOP("Sentences", "The connection to the server at {address} broke: try again."),
    QT_TRANSLATE_NOOP(
        "Sentences", "The server at {address} gave no proper answer: try again later."
    ),
    QT_TRANSLATE_NOOP("Sentences", "The server at {address} cannot be reached: {reason}."),
    QT_TRANSLATE_NOOP("Sentences", "There is no connection to the server at the moment."),
    QT_TRANSLATE_NOOP("Sentences", "The server does not answer: press again."),
    QT_TRANSLATE_NOOP("Sentences", "The computer slept."),
    QT_TRANSLATE_NOOP("Sentences", "The floor server was restarted."),
    QT_TRANSLATE_NOOP("Sentences", "The server stops."),
    # who may do what
    QT_TRANSLATE_NOOP("Sentences", "This device has been revoked: ask for a new invite."),
    QT_TRANSLATE_NOOP(
        "Sentences", "This device is not known here (any more): ask for a new invite."
    ),
    QT_TRANSLATE_NOOP("Sentences", "This device has connected again from elsewhere."),
    QT_TRANSLATE_NOOP("Sentences", "This channel has been removed."),
    QT_TRANSLATE_NOOP("Sentences", "You may no longer be in this channel."),
    QT_TRANSLATE_NOOP("Sentences", "You are not in the channel {channel}: join it first."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "This program speaks another version of the protocol than the server: update it.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "The server cannot ask its database at the moment."),
    # the floor
    QT_TRANSLATE_NOOP("Sentences", "Somebody else is talking."),
    QT_TRANSLATE_NOOP("Sentences", "Nobody else is in this channel."),
    QT_TRANSLATE_NOOP("Sentences", "You may only listen in this channel."),
    QT_TRANSLATE_NOOP("Sentences", "You may only listen in this channel now."),
    QT_TRANSLATE_NOOP("Sentences", "Too many people wait to talk: try again later."),
    QT_TRANSLATE_NOOP("Sentences", "You do not have the floor any more."),
    QT_TRANSLATE_NOOP("Sentences", "You talked as long as this channel allows."),
    QT_TRANSLATE_NOOP(
        "Sentences", "You talked as long as this channel allows: try again in {seconds} s."
    ),
    QT_TRANSLATE_NOOP("Sentences", "Something more urgent came in between."),
    # sound and keys
    QT_TRANSLATE_NOOP("Sentences", "There is no microphone: plug one in and try again."),
    QT_TRANSLATE_NOOP("Sentences", "There is no loudspeaker: plug one in and try again."),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "The microphone {name} is gone: plug it in again. Until then the system's default is used.",
    ),
    QT_TRANSLATE_NOOP(
        "Sentences",
        "The loudspeaker {name} is gone: plug it in again. "
        "Until then the system's default is used.",
    ),
    QT_TRANSLATE_NOOP("Sentences", "The microphone {name} is back and in use."),
    QT_TRANSLATE_NOOP("Sentences", "The loudspeaker {name} is back and in use."),
    QT_TRANSLATE_NOOP(
        "Sentences", "The microphone is gone: plug it in again or choose another one."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "The loudspeaker is gone: plug it in again or choose another one."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "The microphone {name} is gone: plug it in again or choose another one."
    ),
    QT_TRANSLATE_NOOP(
        "Sentences", "The loudspeaker {name} is gone: plug it in again or choose another one."
    ),
    QT_TRANSLATE_NOOP("Sentences", "The keyboard cannot be heard any more: the display is gone."),
    QT_TRANSLATE_NOOP("Sentences", "There is nothing to hear again."),
)

TEMPLATES = tuple(str(template) for template in _MARKED)


def translated(sentence: str) -> str:
    """In the language of the window."""
    for template, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            words = QCoreApplication.translate(CONTEXT, template)
            return words.format(**found.groupdict())
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((template, _pattern(template)) for template in TEMPLATES)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(template)))
