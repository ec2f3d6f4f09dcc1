"""What the desktop is told while nobody sees the window."""

from PySide6.QtCore import QCoreApplication

from ptt.client import events
from ptt.client.events import Event
from ptt_desktop.sentences import translated


def notification(event: Event, me: str) -> tuple[str, str] | None:
    """Title and sentence, or None if it is not worth a notification."""
    match event:
        case events.TalkerChanged(channel=channel, talker=str(talker), emergency=True):
            return _tr("Emergency"), _tr("{talker} talks in {channel}").format(
                talker=talker, channel=channel
            )
        case events.TalkerChanged(channel=channel, talker=str(talker)) if talker != me:
            return channel, _tr("{talker} talks").format(talker=talker)
        case events.FloorGranted(channel=channel, from_queue=True):
            return channel, _tr("It is your turn: talk now")
        case events.FloorDenied(channel=channel, sentence=sentence):
            return channel, translated(sentence)
        case events.FloorRevoked(channel=channel, sentence=sentence):
            return channel, translated(sentence)
        case events.ConnectionLost(sentence=sentence):
            return _tr("Not connected"), translated(sentence)
        case events.AudioFailed(sentence=sentence) | events.AudioChanged(sentence=sentence):
            return _tr("Sound"), translated(sentence)
        case _:
            return None


def _tr(words: str) -> str:
    return QCoreApplication.translate("Notifications", words)
