"""Control packets to clients: floor messages, link control, reports; each under its own key."""

from collections.abc import Iterable

from ptt.floor_server.clients import Client
from ptt.floor_server.statistics import Counters
from ptt.net.datagrams import Address, DatagramSocket
from ptt.wire.control import ControlMessage, encode_control


class Downlink:
    """Sends at once or loses it: the protocols above repeat what matters."""

    def __init__(self, socket: DatagramSocket, counters: Counters) -> None:
        self._socket = socket
        self._counters = counters

    def send(self, clients: Iterable[Client], message: ControlMessage) -> None:
        """The same message to each, at the address that it is bound to."""
        octets = encode_control(message)
        for client in clients:
            if client.link.address is None:
                self._counters.control_unsent += 1
            else:
                self._send(client, octets, client.link.address)

    def send_to(self, client: Client, address: Address, message: ControlMessage) -> None:
        """To an address that need not be the client's: link control only."""
        self._send(client, encode_control(message), address)

    def _send(self, client: Client, octets: bytes, address: Address) -> None:
        if self._socket.send(client.control.protect_rtcp(octets), address):
            self._counters.control_sent += 1
        else:
            self._counters.control_unsent += 1
