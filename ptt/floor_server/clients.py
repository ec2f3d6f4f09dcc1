"""Who may say something at all: clients with their keys, and the SSRCs that belong to them.

An SSRC that is not here costs one look-up in a dictionary and nothing else: libsrtp, which looks
its sources up one by one, never sees it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ptt.floor_server.links import Link
from ptt.security.srtp import ControlSender, UplinkReceiver


@dataclass(slots=True, eq=False)
class Client:
    """One connection of one device. `live` counts the bursts that it sends right now."""

    number: int
    ssrc: int
    uplink: UplinkReceiver
    control: ControlSender
    link: Link
    ssrcs: dict[int, int] = field(default_factory=dict)  # channel -> SSRC of floor messages there
    live: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Whose control packets carry an SSRC; `channel` is None for those about the link itself."""

    client: Client
    channel: int | None = None


class Clients:
    """All clients by number, all sources by SSRC. `new_nonce` is chance, eight octets of it."""

    def __init__(self, new_nonce: Callable[[], bytes]) -> None:
        self._new_nonce = new_nonce
        self._clients: dict[int, Client] = {}
        self._sources: dict[int, Source] = {}
        self.source = self._sources.get  # SSRC -> Source; for every datagram

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def get(self, number: int) -> Client | None:
        """The client, None if it is not (or no longer) there."""
        return self._clients.get(number)

    def add(self, number: int, ssrc: int, uplink_key: bytes, control_key: bytes) -> None:
        """A new client; one that is known already stays as it is: keys are used once."""
        if number in self._clients:
            return
        client = Client(
            number,
            ssrc,
            UplinkReceiver(uplink_key),
            ControlSender(control_key),
            Link(ssrc, self._new_nonce),
        )
        self._clients[number] = client
        self._add_source(ssrc, Source(client))

    def remove(self, number: int) -> None:
        """Forget the client, its keys and its SSRCs."""
        client = self._clients.pop(number, None)
        if client is None:
            return
        for ssrc in (client.ssrc, *client.ssrcs.values()):
            self._sources.pop(ssrc, None)

    def enter(self, client: Client, channel: int, ssrc: int) -> None:
        """From now on the client's floor messages in `channel` carry `ssrc`."""
        if client.ssrcs.get(channel) == ssrc:
            return
        self.leave(client, channel)
        client.ssrcs[channel] = ssrc
        self._add_source(ssrc, Source(client, channel))

    def leave(self, client: Client, channel: int) -> None:
        """The client's SSRC in that channel is void."""
        ssrc = client.ssrcs.pop(channel, None)
        if ssrc is not None:
            del self._sources[ssrc]
            client.uplink.remove_source(ssrc)
            client.link.forget(ssrc)

    def _add_source(self, ssrc: int, source: Source) -> None:
        self._sources[ssrc] = source
        source.client.uplink.add_source(ssrc)
