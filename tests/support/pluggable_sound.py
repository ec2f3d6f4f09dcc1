"""Virtual devices that come and go one by one, with a rate and channels of their own.

    unplug(name): its ALSA name goes, its sink goes, the socket through which it was used goes

Each device has a socket of its own at the one sound server: when that closes, the streams of this
device die, and no others, as those of a USB device do; a server moves streams to another device
when only the sink is removed. The default device is another one, at the server's main socket.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.virtual_sound import VirtualSound, virtual_sound

DEFAULT = (
    'pcm.!default {{ type pulse server "unix:{folder}/pulse.sock" '
    "hint {{ show on description default }} }}\n"
)


@dataclass(frozen=True)
class Card:
    """What a virtual device is like: its own rate in Hz, channels, and format in pactl's words."""

    name: str
    microphone: bool
    rate: int = 48_000
    channels: int = 1
    samples: str = "s16le"


@dataclass
class PluggableSound:
    """A running sound server, and what is plugged in for programs with this home."""

    server: VirtualSound
    home: Path
    modules: dict[Card, list[str]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that shall see these devices."""
        return {**self.server.environment, "HOME": str(self.home)}

    def plug(self, *cards: Card) -> None:
        """They are there from now on."""
        for card in cards:
            self.modules[card] = [self._load(module) for module in self._modules(card)]
        self._write_names()

    def unplug(self, *cards: Card) -> None:
        """They are gone: what uses them is cut."""
        for card in cards:
            for module in reversed(self.modules[card]):
                self.server.pactl("unload-module", module)
            del self.modules[card]
        self._write_names()

    def _load(self, module: str) -> str:
        number = self.server.pactl("load-module", *module.split()).strip()
        assert number.isdigit(), f"no {module}"
        return number

    def _modules(self, card: Card) -> list[str]:
        name = card.name
        sink = f"{name}_in" if card.microphone else name
        form = f"rate={card.rate} channels={card.channels} format={card.samples}"
        modules = [f"module-null-sink sink_name={sink} norewinds=1 {form}"]
        if card.microphone:
            modules.append(f"module-remap-source source_name={name} master={sink}.monitor")
        socket = f"socket={self.server.folder}/{name}.sock auth-anonymous=1"
        return [*modules, f"module-native-protocol-unix {socket}"]

    def _write_names(self) -> None:
        """As ALSA knows them; whole at once, for programs look at any time."""
        folder = self.server.folder
        lines = [
            f'pcm.{card.name} {{ type pulse server "unix:{folder}/{card.name}.sock" '
            f'device {card.name} hint {{ show on description "{card.name}" }} }}\n'
            for card in self.modules
        ]
        default = DEFAULT.format(folder=folder)
        new = self.home / "new"
        new.write_text("".join([default, *lines]))
        new.replace(self.home / ".asoundrc")


@contextmanager
def sound_server(folder: Path) -> Iterator[VirtualSound]:
    """A server with a default microphone and loudspeaker that stay."""
    with virtual_sound(folder, microphones=["default-mic"], loudspeakers=["default-ear"]) as server:
        server.pactl("set-default-source", "default-mic")
        server.pactl("set-default-sink", "default-ear")
        yield server


def plugged_in(server: VirtualSound, home: Path, *cards: Card) -> PluggableSound:
    """These devices at that server, for programs with this home."""
    home.mkdir()
    sound = PluggableSound(server, home)
    sound.plug(*cards)
    return sound
