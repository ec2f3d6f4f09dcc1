"""`ptt desktop`: everything of the window joined together.

    preferences --> Desk (Trio) --DeskState, Meters--> Window, Tray
                      ^------------- orders ----------------'

A second start finds the first by its local socket, has it come up, and ends.
"""

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import trio
from PySide6.QtWidgets import QApplication

from ptt.client.credentials import Credential, load_credentials
from ptt.errors import ConfigError, RefusedError
from ptt_desk.preferences import Preferences
from ptt_desk.remote import Remote, open_remote
from ptt_desk.remote_orders import RemoteError, Status, ask
from ptt_desktop.desk import Desk
from ptt_desktop.guest import GuestTasks, run_as_guest
from ptt_desktop.keys import GlobalKeys
from ptt_desktop.links import LinksError, register
from ptt_desktop.opened_links import OpenedLinks
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.shell import Shell
from ptt_desktop.window import Page
from ptt_devices.keys import KeyEvent

# Implementation
NOBODY = Status(person="", server="", channel="", pressed=False, microphone_open=False, talker=None)


@dataclass(frozen=True, slots=True)
class DesktopOptions:
    """What was said on the command line. `link`: an invite; `hidden`: begin in the tray."""

    link: str = ""
    hidden: bool = False
    server: str | None = None


def run_desktop(options: DesktopOptions) -> None:
    """Until the person quits. Raises PttError with a sentence."""
    if not _runs_already(options.link):
        app = QApplication(sys.argv[:1])
        app.setApplicationName("ptt")
        app.setDesktopFileName("ptt.Desktop")
        run_as_guest(app, Desktop(app, options).run)


def _runs_already(link: str) -> bool:
    """Whether another window came up instead."""
    try:
        return ask("show", link=link).ok
    except RemoteError:
        return False


class Desktop:
    """One run of the program."""

    def __init__(self, app: QApplication, options: DesktopOptions) -> None:
        self._options = options
        self._tasks = GuestTasks(self._tell)
        self._store = PreferencesStore(self._tasks)
        self._shell = Shell(app, self._store, self._tasks)
        self._keys = GlobalKeys(self._store.preferences.keys, self._tell)
        self._store.changed.connect(self._use_keys)
        self._desk: Desk | None = None
        self._enrolled = trio.Event()
        self._end = trio.CancelScope()
        self._shell.quit_wanted.connect(lambda: self._tasks.call(self._end.cancel))
        self._shell.enrolled.connect(lambda _: self._tasks.call(self._begin_anew))
        self._shell.keys_tried.connect(self._try_keys)
        OpenedLinks(app).opened.connect(self._show)
        if not options.hidden or not self._shell.has_tray:
            self._shell.bring_up()

    async def run(self) -> None:
        """Until the person, or a signal, ends it."""
        with self._end:
            async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
                self._tasks.open(nursery)
                nursery.start_soon(self._end_on_signal)
                nursery.start_soon(self._store.follow)
                nursery.start_soon(self._keys.run)
                remote = await self._open_remote(stack)
                if self._options.link:
                    self._shell.show_link(self._options.link)
                while True:
                    await self._live(remote)
        self._shell.close_down()

    async def _live(self, remote: Remote | None) -> None:
        """With the credential that there is, until there is another one."""
        self._enrolled = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work, remote)
            await self._enrolled.wait()
            nursery.cancel_scope.cancel()

    async def _work(self, remote: Remote | None) -> None:
        credential = self._credential()
        if credential is None:
            self._shell.open(Page.FIRST_RUN)
            await self._swallow(remote)
            return
        self._desk = Desk(credential, self._store.preferences, self._shell, self._keys, remote)
        self._shell.serve(self._desk)
        try:
            await self._desk.run()
        except RefusedError as error:  # revoked: only another invite helps
            self._shell.refuse(str(error))
            await self._swallow(remote)
        finally:
            self._shell.serve(None)
            self._desk = None

    def _begin_anew(self) -> None:
        self._enrolled.set()
        self._tasks.start(self._register)

    def _use_keys(self, held: Preferences) -> None:
        self._tasks.call(lambda: self._keys.use(held.keys))

    def _try_keys(self, tried: bool) -> None:
        """Shown by the first run instead of talking."""
        step = self._shell.first_run.key
        self._keys.trial = (lambda event: step.note(self._keys.way)) if tried else None

    async def _register(self) -> None:
        """The next invite that is clicked comes here."""
        with suppress(LinksError):  # another program opens them: it was here first
            await trio.to_thread.run_sync(register)

    def _credential(self) -> Credential | None:
        try:
            found = load_credentials()
        except ConfigError as error:
            self._tell(str(error))
            return None
        wanted = self._options.server
        fitting = [one for one in found if wanted in (None, one.server, one.host)]
        return fitting[-1] if fitting else None

    async def _open_remote(self, stack: AsyncExitStack) -> Remote | None:
        try:
            remote = open_remote(self._status, self._replay, self._show)
            return await stack.enter_async_context(remote)
        except RemoteError as error:
            self._tell(str(error))
            return None

    # what other programs ask for

    def _status(self) -> Status:
        return (self._desk and self._desk.status()) or NOBODY

    def _replay(self) -> bool:
        return self._desk is not None and self._desk.replay()

    def _show(self, link: str) -> bool:
        self._shell.bring_up()
        if link:
            self._shell.show_link(link)
        return True

    def _tell(self, sentence: str) -> None:
        self._shell.tell(sentence)

    async def _end_on_signal(self) -> None:
        wanted = [signal.SIGINT, signal.SIGTERM]
        with trio.open_signal_receiver(*wanted) as signals:
            async for _ in signals:
                self._end.cancel()

    async def _swallow(self, remote: Remote | None) -> None:
        """Keys press nothing while there is no desk."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_forget, self._keys)
            if remote is not None:
                nursery.start_soon(_forget, remote)


async def _forget(keys: AsyncIterator[KeyEvent]) -> None:
    async for _ in keys:
        pass
