"""`python -m ptt.floor_server`: floor control and voice relay, told what to do by a switchboard.

It reads one line from its standard input,

    HOST:PORT TOKENHEX LISTENHOST UDPPORT

connects to the trunk at HOST:PORT, proves itself with the token, binds the UDP port, and works
until the trunk closes or says Stop. The line is not an argument, because arguments can be read by
everybody on the machine.
"""

import gc
import secrets
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field

import trio

from ptt.channel.forwarding import BurstNumbers
from ptt.errors import ConfigError
from ptt.floor_server.floor_loop import Alarm, run_datagrams, run_seconds
from ptt.floor_server.server import FloorServer
from ptt.floor_server.trunk import Trunk, connect_trunk
from ptt.net.bulk_send import open_bulk_sender
from ptt.net.datagrams import DatagramSocket, Pollable, open_datagram_socket
from ptt.wire.link import TOKEN_OCTETS
from ptt.wire.trunk import Failed, Ready, Stop, TrunkHello

# Implementation
OLD_GENERATION = 1000  # collections of the middle one; a full one stops the voice for 10 ms
STOP_PATIENCE = 2.0  # s for the last reports to go out


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process is told at its start."""

    trunk_host: str
    trunk_port: int
    token: bytes = field(repr=False)
    listen_host: str
    listen_port: int


def parse_orders(line: str) -> Orders:
    """The line on standard input; raises ConfigError if it is not one."""
    try:
        trunk, token, listen_host, listen_port = line.split()
        host, _, port = trunk.rpartition(":")
        return Orders(host, int(port), bytes.fromhex(token), listen_host, int(listen_port))
    except ValueError as error:
        raise ConfigError(
            "The floor server expects HOST:PORT TOKENHEX LISTENHOST UDPPORT on its standard input; "
            "it is started by pttd."
        ) from error


async def run(orders: Orders) -> None:
    """Work until the switchboard says Stop or is gone."""
    async with await connect_trunk(orders.trunk_host, orders.trunk_port) as stream:
        trunk = Trunk(stream)
        trunk.report(TrunkHello(token=orders.token))
        try:
            socket = open_datagram_socket(orders.listen_host, orders.listen_port)
        except ConfigError as error:
            trunk.report(Failed(sentence=str(error)))
            trunk.finish()
            await trunk.run_writer()
            return
        try:
            trunk.report(Ready(port=socket.port))
            await serve(trunk, socket, stream.socket)
        finally:
            socket.close()


async def serve(trunk: Trunk, socket: DatagramSocket, orders: Pollable | None = None) -> None:
    """Relay and obey on a trunk and a socket that stand; `orders` is the trunk's own socket."""
    server = FloorServer(
        socket,
        open_bulk_sender(socket.raw),
        new_nonce=lambda: secrets.token_bytes(TOKEN_OCTETS),
        new_burst=BurstNumbers(secrets.randbits(31), secrets.randbits(31)),
        report=trunk.report,
    )
    alarm = Alarm(server)
    async with trio.open_nursery() as outer:
        outer.start_soon(trunk.run_writer)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_end_when_terminated, nursery.cancel_scope)
            nursery.start_soon(run_datagrams, socket, server, alarm, orders)
            nursery.start_soon(alarm.run)
            nursery.start_soon(run_seconds, server, alarm)
            await _obey(trunk, server, alarm)
            nursery.cancel_scope.cancel()
        server.stop(trio.current_time())
        trunk.finish()
        outer.cancel_scope.deadline = trio.current_time() + STOP_PATIENCE


async def _obey(trunk: Trunk, server: FloorServer, alarm: Alarm) -> None:
    """Until Stop, or the end of the trunk."""
    while orders := await trunk.receive():
        for order in orders:
            if isinstance(order, Stop):
                return
            server.obey(order, trio.current_time())
        alarm.look()


async def _end_when_terminated(scope: trio.CancelScope) -> None:
    with trio.open_signal_receiver(signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


def main() -> None:
    """Read the orders and work; exit status 1 with a sentence if that is not possible."""
    # The terminal's Ctrl-C goes to the whole group: the switchboard ends us in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_keys_out_of_core_dumps()
    try:
        orders = parse_orders(sys.stdin.readline())
        _collect_garbage_rarely()
        trio.run(run, orders)
    except ConfigError as error:
        sys.exit(str(error))
    except (OSError, trio.TooSlowError):
        sys.exit("The floor server cannot reach the switchboard that started it.")


def _keep_keys_out_of_core_dumps() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _collect_garbage_rarely() -> None:
    """Full collections hold the loop for 10 ms and find nothing: what is here now stays."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, OLD_GENERATION)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
