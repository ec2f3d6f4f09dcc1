"""One epoll loop for many light clients: starts them, drives whoever has something to read."""

import select
import time
from collections.abc import Callable, Iterable

from benchmarks.light_client import LightClient, Steps

TICK = 0.05  # s
RETRY_AFTER = 0.5  # s, when a connection was refused


class LightLoop:
    """Drives clients until `run` is told that it is enough.

    `reads_voice`: their UDP sockets are read for ever; otherwise only until they are bound.
    """

    def __init__(self, clients: Iterable[LightClient], *, reads_voice: bool = False) -> None:
        self.clients = list(clients)
        self._reads_voice = reads_voice
        self._epoll = select.epoll()
        self._steps: dict[int, tuple[LightClient, Steps]] = {}
        self._links: dict[int, LightClient] = {}
        self._waiting: list[LightClient] = []  # for their next try

    def begin(self) -> None:
        """Let all come, at once."""
        for client in self.clients:
            self._start(client)

    def run(
        self,
        until: Callable[[float], bool],
        take: Callable[[LightClient], None] | None = None,
        tick: float = TICK,
    ) -> None:
        """Until `until(now)` says so; `take` reads the UDP socket of whoever is in."""
        while not until(now := time.monotonic()):
            for number, _ in self._epoll.poll(tick):
                if number in self._steps:
                    self._go_on(number)
                elif client := self._links.get(number):
                    (take if take and client.is_in else _take_link)(client)
                    self._watch_link(client)
            self._keep_time(now)

    def _start(self, client: LightClient) -> None:
        steps = client.live()
        try:
            events = next(steps)
        except OSError:
            self._retry(client)
            return
        assert client.raw is not None
        number = client.raw.fileno()
        self._steps[number] = (client, steps)
        self._epoll.register(number, events)

    def _go_on(self, number: int) -> None:
        client, steps = self._steps[number]
        try:
            self._epoll.modify(number, next(steps))
        except OSError:  # of TLS, too
            self._end(number, client)
            return
        self._watch_link(client)

    def _watch_link(self, client: LightClient) -> None:
        """Look at the UDP socket as long as it matters."""
        if client.udp is None:
            return
        number = client.udp.fileno()
        if number not in self._links and not client.is_in:
            self._links[number] = client
            self._epoll.register(number, select.EPOLLIN)
        elif client.is_in and not self._reads_voice and number in self._links:
            del self._links[number]
            self._epoll.unregister(number)

    def _end(self, number: int, client: LightClient) -> None:
        del self._steps[number]
        if client.udp is not None:
            self._links.pop(client.udp.fileno(), None)
        client.close()
        self._retry(client)

    def _retry(self, client: LightClient) -> None:
        if client.is_in:
            client.times.losses += 1
        else:
            client.times.refusals += 1
        client.retry_at = time.monotonic() + RETRY_AFTER
        self._waiting.append(client)

    def _keep_time(self, now: float) -> None:
        for client in self._links.values():
            client.tick(now)
        due = [client for client in self._waiting if now >= client.retry_at]
        for client in due:
            self._waiting.remove(client)
            self._start(client)


def _take_link(client: LightClient) -> None:
    client.take_datagrams()
