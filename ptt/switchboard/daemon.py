"""`pttd run`: puts the parts together, says when it is ready, stops in good order.

lock, port -> floor servers (processes) | store, directory, web server -> ready
SIGHUP: read the configuration again
SIGTERM, SIGINT: Bye to clients, Stop to the floor servers
"""

import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.metadata import version
from random import SystemRandom

import trio

from ptt.errors import PttError
from ptt.net.pinned_tls import server_context
from ptt.security.srtp import new_key
from ptt.switchboard.config import Config
from ptt.switchboard.directory import DirectoryWatch
from ptt.switchboard.exchange import Exchange
from ptt.switchboard.floor_servers import COMMAND, FloorServerPlace, Supervisor
from ptt.switchboard.garbage import search_young_only
from ptt.switchboard.keys import Supply
from ptt.switchboard.logs import FoldedLog, Log
from ptt.switchboard.metrics import Metrics
from ptt.switchboard.setting_up import (
    PORT_NOTE,
    listen,
    load_server_key,
    set_up_channels,
    sole_daemon,
)
from ptt.switchboard.state import Switchboard
from ptt.switchboard.store.database import open_store, set_note

# Implementation
STOP_WITHIN = 4.0  # s
GOODBYE = "The server is stopping."


def run_daemon(
    config: Config, reload: Callable[[], Config], log: Log, command: Sequence[str] = COMMAND
) -> None:
    """Run until told to stop.

    `reload` reads the configuration again; `command` starts a floor server. Raises PttError if
    the daemon cannot work.
    """
    try:
        trio.run(Daemon(config, reload, log, command).run)
    except BaseExceptionGroup as group:
        raise _first_of_ours(group) from group


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The PttError in a group, or the group if there is anything else in it."""
    ours, others = group.split(PttError)
    if ours is None or others is not None:
        return group
    error: BaseException = ours
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class Daemon:
    """One run of the daemon."""

    def __init__(
        self, config: Config, reload: Callable[[], Config], log: Log, command: Sequence[str]
    ) -> None:
        self._config = config
        self._reload = reload
        self._log = log
        self._folded = FoldedLog(log, trio.current_time)
        self._command = command

    async def run(self) -> None:
        """From the lock to the last good-bye; raises PttError, alone or in groups."""
        config = self._config
        with (
            trio.open_signal_receiver(*_signals()) as signals,
            sole_daemon(config.data),
            listen(config.host, config.port, config.floor_servers) as listening,
        ):
            await self._run(signals, listening)

    async def _run(self, signals: AsyncIterator[int], listening: socket.socket) -> None:
        port = int(listening.getsockname()[1])
        exchange = self._make_exchange()
        supervisors = self._make_supervisors(exchange, port)
        async with trio.open_nursery() as nursery:
            # The floor servers' processes start while this one reads its database.
            async with trio.open_nursery() as starting:
                for supervisor in supervisors:
                    starting.start_soon(nursery.start, supervisor.keep_running)
                store = await trio.to_thread.run_sync(
                    open_store, self._config.data, self._config.database
                )
            with store, store.alone():
                directory = DirectoryWatch(store, exchange, self._folded)
                await self._set_up(directory, self._config, port)
                stop_accepting = self._open_web(nursery, exchange, directory, listening)
                watches = (directory.watch, directory.stay_alone)
                for task in (*watches, exchange.keep_time, exchange.cut_stalled):
                    nursery.start_soon(task)
                self._announce(port)
                search_young_only()
                await self._obey(signals, directory, port)
                stop_accepting()
                await self._stop(exchange, supervisors)
                nursery.cancel_scope.cancel()
        self._log.info("stopped")

    def _make_exchange(self) -> Exchange:
        supply = Supply(SystemRandom(), new_key)
        state = Switchboard(self._config.name, supply, self._config.floor_servers)
        metrics = Metrics()
        metrics.gauges |= {
            "connections": ("Connected devices.", lambda: len(state.connections)),
            "channels": ("Channels.", lambda: len(state.channels)),
            "talks": ("Talk bursts that run.", lambda: state.talks),
            "floor_server_ready": (
                "Floor servers that relay voice.",
                lambda: state.floor_servers,
            ),
        }
        return Exchange(state, self._log, metrics)

    def _make_supervisors(self, exchange: Exchange, port: int) -> list[Supervisor]:
        """Of one floor server each; the first one listens on `port`, each other one higher."""
        host, numbers = self._config.host, range(self._config.floor_servers)
        places = (FloorServerPlace(each, host, port + each, self._command) for each in numbers)
        return [Supervisor(place, exchange, self._log) for place in places]

    async def _set_up(self, directory: DirectoryWatch, config: Config, port: int) -> None:
        unknown = await directory.write(lambda tx: set_up_channels(tx, config.channels))
        for name in unknown:
            self._log.warning("role-of-nobody", person=name)
        await directory.write(lambda tx: set_note(tx, PORT_NOTE, str(port)))
        await directory.refresh()

    def _open_web(
        self,
        nursery: trio.Nursery,
        exchange: Exchange,
        directory: DirectoryWatch,
        listening: socket.socket,
    ) -> Callable[[], None]:
        # Here, so that a floor server is on its way already: together a tenth of a second.
        from ptt.switchboard.app import make_app
        from ptt.switchboard.enrolment import EnrolmentService
        from ptt.switchboard.session import SessionService
        from ptt.switchboard.web_server import WebServer

        sessions = SessionService(exchange, directory, self._folded)
        enrolment = EnrolmentService(
            self._config.name, directory, exchange.metrics, self._log, self._folded
        )
        self._key = load_server_key(self._config.data)
        context = server_context(self._key)
        web = WebServer(make_app(exchange, sessions, enrolment), context, self._folded)
        nursery.start_soon(web.serve, listening)
        return web.stop_accepting

    def _announce(self, port: int) -> None:
        self._log.info(
            "ready",
            host=self._config.host,
            port=port,
            key=self._key.hash,
            data=str(self._config.data),
            version=version("ptt"),
        )
        if sys.stdout.isatty():
            print(
                f"pttd listens on port {port} (TCP and UDP). Invite somebody with: "
                f'pttd invite "Anna" --data "{self._config.data}"',
                file=sys.stderr,
            )

    async def _obey(
        self, signals: AsyncIterator[int], directory: DirectoryWatch, port: int
    ) -> None:
        """Until somebody wants the daemon to stop."""
        async for number in signals:
            if number != getattr(signal, "SIGHUP", None):
                self._log.info("stopping", signal=signal.Signals(number).name)
                return
            try:
                await self._set_up(directory, self._reload(), port)
                self._log.info("reloaded")
            except PttError as error:
                self._log.error("reload-refused", sentence=str(error))

    async def _stop(self, exchange: Exchange, supervisors: Sequence[Supervisor]) -> None:
        for supervisor in supervisors:
            supervisor.expect_end()
        exchange.end(GOODBYE)
        with trio.move_on_after(STOP_WITHIN):
            for supervisor in supervisors:
                await supervisor.ended.wait()
            await exchange.emptied()


def _signals() -> list[signal.Signals]:
    names = ("SIGTERM", "SIGINT", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]
