"""Two thousand connections that come to nothing, while somebody talks: how soon is a real one in?

    silent      connected, says nothing
    dripping    sends the first octets of a TLS handshake, one each second
    half-open   has shaken hands, then sends its HTTP request, one octet each second

All in a network of their own, from a hundred addresses of loopback, renewed when they are cut. A
join is that of join_storm.py. Delay and loss are those of one burst to ten listeners; memory is
that of the switchboard, less what it had before. Goals: a join within 2 s, 5 ms more at p99, 40 MB.
"""

import json
import select
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread

from benchmarks.join_storm import (
    LISTENERS,
    SETTLE,
    Figures,
    Processes,
    end_child,
    enrolled_people,
    expect_word,
    next_line,
    resident_octets,
    running_server,
    start_child,
    started_child,
    tell_child,
    voice_figures,
)
from benchmarks.own_network import enter_loopback, run_apart
from benchmarks.table import Answer, Row, spread

CONNECTIONS = 2000
ADDRESSES = 100
HALF_OPEN_EACH = 20  # every twentieth: it costs the attacker a whole handshake, too
JOINS = 10
SHARE_DRIPPING = 2  # every second one
CLIENT_HELLO = bytes.fromhex("160301020001000200fc0303") + bytes(500)
REQUEST = b"GET /v1/session HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 1000


def main() -> Answer:
    """Measure once; the spread is that of the joins."""
    figures = json.loads(run_apart("benchmarks.slow_connections"))
    joins = figures.pop("join, s")
    rows = [Row("join, s", spread(joins))]
    rows += [Row(what, spread([figure])) for what, figure in figures.items()]
    return Answer("slow_connections", "each line says its unit", rows)


def measure() -> dict[str, object]:
    """The figures, in this network."""
    with tempfile.TemporaryDirectory() as folder:
        logins = enrolled_people(Path(folder), JOINS + LISTENERS + 1)
        with running_server(Path(folder)) as daemon:
            logins = [{**login, "port": daemon.port} for login in logins]
            return _measure(daemon, logins[: LISTENERS + 1], logins[LISTENERS + 1 :])


def _measure(
    daemon: Processes, witnesses: list[dict[str, object]], logins: list[dict[str, object]]
) -> dict[str, object]:
    with started_child("benchmarks.storm_voice", witnesses) as voice:
        expect_word(voice, "talking")
        time.sleep(SETTLE)
        before = resident_octets(daemon.switchboard)
        with _slow_ones(daemon.port) as slow:
            time.sleep(SETTLE)
            times = [_join(login) for login in logins]
            time.sleep(SETTLE)
            grown = resident_octets(daemon.switchboard) - before
        tell_child(voice, "stop")
        packets = json.loads(next_line(voice))
    joins = [each["joined"] - each["began"] for each in times]
    return {
        "join, s": joins,
        "connections made": slow.made,
        "renewed": slow.renewed,
        "switchboard memory, MB": grown / 1e6,
        **voice_figures(packets, times),
    }


def _join(login: dict[str, object]) -> Figures:
    child = start_child("benchmarks.storm_clients", [login])
    expect_word(child, "ready")
    tell_child(child, "come")
    [entry] = json.loads(next_line(child))
    end_child(child)
    figures: Figures = entry
    return figures


class SlowOnes:
    """Keeps CONNECTIONS open from a thread."""

    def __init__(self, port: int) -> None:
        self.made = 0
        self.renewed = 0
        self._port = port
        self._numbers = count()
        self._open: dict[int, tuple[socket.socket, bytes, int]] = {}
        self._stop = Event()

    def run(self) -> None:
        """Until `stop`: once a second each dripping one says one octet more."""
        while not self._stop.wait(1.0):
            self._renew()
            for number, (connection, words, said) in self._open.items():
                if said < len(words):
                    self._say(number, connection, words, said)

    def open_all(self) -> None:
        """Make all of them."""
        while len(self._open) < CONNECTIONS:
            self._connect()

    def stop(self) -> None:
        """No more."""
        self._stop.set()

    def close_all(self) -> None:
        """After the thread has ended."""
        for connection, _, _ in self._open.values():
            connection.close()

    def _connect(self) -> None:
        number = next(self._numbers)
        connection = socket.create_connection(
            ("127.0.0.1", self._port),
            source_address=(f"127.0.1.{1 + number % ADDRESSES}", 0),
            timeout=5.0,
        )
        words = CLIENT_HELLO if number % SHARE_DRIPPING else b""
        if number % HALF_OPEN_EACH == 0:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection, words = context.wrap_socket(connection), REQUEST
        connection.settimeout(0.0)
        self._open[number] = (connection, words, 0)
        self.made += 1

    def _say(self, number: int, connection: socket.socket, words: bytes, said: int) -> None:
        try:
            connection.send(words[said : said + 1])
            self._open[number] = (connection, words, said + 1)
        except OSError:
            self._drop(number)

    def _renew(self) -> None:
        """Those that were cut come again."""
        poll = select.poll()
        places = {c.fileno(): number for number, (c, _, _) in self._open.items()}
        for place in places:
            poll.register(place, select.POLLHUP | select.POLLRDHUP | select.POLLERR)
        for place, _ in poll.poll(0):
            self._drop(places[place])
        while len(self._open) < CONNECTIONS and not self._stop.is_set():
            try:
                self._connect()
            except OSError:
                return
            self.renewed += 1

    def _drop(self, number: int) -> None:
        self._open.pop(number)[0].close()


@contextmanager
def _slow_ones(port: int) -> Iterator[SlowOnes]:
    slow = SlowOnes(port)
    slow.open_all()
    thread = Thread(target=slow.run)
    thread.start()
    try:
        yield slow
    finally:
        slow.stop()
        thread.join()
        slow.close_all()


if __name__ == "__main__":
    enter_loopback()
    print(json.dumps(measure()), file=sys.stdout)
