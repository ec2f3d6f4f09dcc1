"""What the engine's machines can do to the world: an interface that the shell implements."""

from typing import Protocol

from ptt.client.events import Event
from ptt.media.tones import Tone
from ptt.wire.control import ControlMessage
from ptt.wire.rtp import RtpPacket
from ptt.wire.signalling import ClientMessage


class Surroundings(Protocol):
    """None of these waits, and none fails: what cannot be sent now is lost."""

    def publish(self, event: Event) -> None:
        """Tell all faces."""
        ...

    def tell(self, message: ClientMessage) -> None:
        """Send to the switchboard."""
        ...

    def send_control(self, floor_server: int, message: ControlMessage) -> None:
        """Send to this floor server."""
        ...

    def send_voice(self, floor_server: int, packet: RtpPacket) -> None:
        """Send to this floor server."""
        ...

    def play_tone(self, tone: Tone) -> None:
        """Into the own loudspeaker, unless the person switched that tone off."""
        ...
