"""What the desktop is told while nobody sees the window."""

from PySide6.QtCore import QCoreApplication

from ptt.client import events
from ptt.client.events import Event
from ptt_desktop.sentences import translated


def notification(event: Event, me: str) -> tuple[str, str] | None:
    """Title and sentence, or None if it is not worth a notification."""
    match event:
        case events.TalkerChanged(channel=channel, talker=str(talker), emergency=True):
            return QCoreApplication.translate(
                "Notifications", "Emergency"
            ), QCoreApplication.translate("Notifications", "{talker} talks in {channel}").format(
                talker=talker, channel=channel
            )
        case events.TalkerChanged(channel=channel, talker=str(talker)) if talker != me:
            return channel, QCoreApplication.translate("Notifications", "{talker} talks").format(
                talker=talker
            )
        case events.FloorGranted(channel=channel, from_queue=True):
            return channel, QCoreApplication.translate("Notifications", "It is your turn: talk now")
        case events.FloorDenied(channel=channel, sentence=sentence):
            return channel, translated(sentence)
        case events.FloorRevoked(channel=channel, sentence=sentence):
            return channel, translated(sentence)
        case events.ConnectionLost(sentence=sentence):
            return QCoreApplication.translate("Notifications", "Not connected"), translated(
                sentence
            )
        case events.AudioFailed(sentence=sentence) | events.AudioChanged(sentence=sentence):
            return QCoreApplication.translate("Notifications", "Sound"), translated(sentence)
        case _:
            return None
