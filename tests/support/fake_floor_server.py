"""A floor server that only obeys: `python fake_floor_server.py`, told by stdin like the real one.

It binds no UDP port. With FAKE_FLOOR_SERVER_FAILS set it answers Failed. It reports a talk of
each member that is added with priority 99, so that a test sees talks begin and end.
"""

import contextlib
import os
import socket
import sys
import time
from threading import Thread

from ptt.wire import trunk
from ptt.wire.trunk import FrameBuffer, encode, parse_to_floor_server_untrusted


def main() -> None:
    place, token, _host, port = sys.stdin.readline().split()
    host, trunk_port = place.split(":")
    with socket.create_connection((host, int(trunk_port))) as connection:
        connection.sendall(encode(trunk.TrunkHello(token=bytes.fromhex(token))))
        if sentence := os.environ.get("FAKE_FLOOR_SERVER_FAILS"):
            connection.sendall(encode(trunk.Failed(sentence=sentence)))
            return
        connection.sendall(encode(trunk.Ready(port=int(port))))
        Thread(target=_report, args=[connection], daemon=True).start()
        _obey(connection)


def _report(connection: socket.socket) -> None:
    """Statistics each second, as long as somebody wants them."""
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(encode(trunk.Statistics(counters={"packets_relayed": 3})))
            time.sleep(1.0)


def _obey(connection: socket.socket) -> None:
    frames, talks = FrameBuffer(), []
    while octets := connection.recv(65536):
        for body in frames.feed_untrusted(octets):
            match parse_to_floor_server_untrusted(body):
                case trunk.SetMember(channel=channel, client=client, priority=99):
                    talks.append((channel, client, (1 << 31) + len(talks)))
                    started = trunk.TalkStarted(channel=channel, client=client, burst=talks[-1][2])
                    connection.sendall(encode(started))
                case trunk.Stop():
                    for talk in talks:
                        connection.sendall(encode(_end(*talk)))
                    return
                case _:
                    pass


def _end(channel: int, client: int, burst: int) -> trunk.TalkEnded:
    return trunk.TalkEnded(
        channel=channel, client=client, burst=burst, reason="stopped", seconds=1.0, packets=50
    )


if __name__ == "__main__":
    main()
