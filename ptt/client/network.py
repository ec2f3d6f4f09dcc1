"""What the engine needs of the network, as interfaces; the real one is internet.py.

The session carries signalling messages over TLS and a WebSocket; the datagram socket carries
voice and control. Tests put a network of their own in this place.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ptt.client.credentials import Credential
from ptt.wire.signalling import ClientMessage, ServerMessage


class Session(Protocol):
    """A connection to the switchboard whose server has proved its key.

    `peer_host` is the address that it leads to: voice goes there too unless told otherwise.
    """

    @property
    def peer_host(self) -> str:
        """See above."""
        ...

    async def send(self, message: ClientMessage) -> None:
        """Raises ServerUnreachableError when the connection is gone."""
        ...

    async def receive(self) -> ServerMessage:
        """Raises ServerUnreachableError at the end, MalformedPacketError for rubbish."""
        ...


class DatagramSocket(Protocol):
    """A UDP socket that is connected to the floor server."""

    def send(self, datagram: bytes) -> None:
        """Send at once or lose it: what does not fit into the socket's buffer is late anyway."""
        ...

    async def receive(self) -> bytes:
        """The next datagram."""
        ...

    def address_changed(self) -> bool:
        """Whether a socket that is opened now would send from another address of this machine."""
        ...


class Network(Protocol):
    """How to get a session, and a socket."""

    def open_session(self, credential: Credential) -> AbstractAsyncContextManager[Session]:
        """Raises ServerUnreachableError, ServerKeyMismatchError."""
        ...

    def open_datagrams(self, host: str, port: int) -> AbstractAsyncContextManager[DatagramSocket]:
        """Raises ServerUnreachableError."""
        ...
