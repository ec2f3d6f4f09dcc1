"""The preferences while the window runs: changed here or by an editor, they hold at once.

change() --> memory --> changed
               `------> file, in a thread, one write at a time
file, edited elsewhere --> changed, or failed with the sentence
"""

from pathlib import Path

import msgspec
import trio
from PySide6.QtCore import QObject, Signal

from ptt.errors import ConfigError
from ptt_desk.preferences import (
    Preferences,
    load_preferences,
    preferences_path,
    save_preferences,
)
from ptt_desktop.tasks import Tasks

# Implementation
LOOK_AGAIN = 1.0  # s between two looks at the file


class PreferencesStore(QObject):
    """`preferences` are those that hold; a damaged file is left alone until it is set aside."""

    changed = Signal(object)
    failed = Signal(str)

    def __init__(self, tasks: Tasks, path: Path | None = None) -> None:
        super().__init__()
        self.path = path or preferences_path()
        self.preferences = Preferences()
        self.damage = ""  # why the file cannot be used, or ""
        self._tasks = tasks
        self._saved = self.preferences
        self._seen = self._stamp()
        self._writing = False
        try:
            self.preferences = self._saved = load_preferences(self.path)
        except ConfigError as error:
            self.damage = str(error)

    def change(self, section: str, **values: object) -> None:
        """These values of the section, from now on."""
        former = getattr(self.preferences, section)
        fresh = msgspec.structs.replace(former, **values)
        if fresh == former:
            return
        self._hold(msgspec.structs.replace(self.preferences, **{section: fresh}))
        self._tasks.start(self._write)

    def set_aside(self) -> None:
        """Rename the damaged file, so that a new one can be written."""
        self._tasks.start(self._set_aside)

    async def follow(self) -> None:
        """Take over what is changed in the file by others, until cancelled."""
        if self.damage:
            self.failed.emit(self.damage)
        while True:
            await trio.sleep(LOOK_AGAIN)
            stamp = self._stamp()
            if stamp != self._seen and not self._writing:
                self._seen = stamp
                await self._read()

    async def _read(self) -> None:
        try:
            found = await trio.to_thread.run_sync(load_preferences, self.path)
        except ConfigError as error:
            self.damage = str(error)
            self.failed.emit(self.damage)
            return
        self.damage, self._saved = "", found
        if found != self.preferences:
            self._hold(found)

    async def _write(self) -> None:
        if self._writing:
            return  # the one that writes looks again
        self._writing = True
        try:
            while self._saved != self.preferences and not self.damage:
                wanted = self.preferences
                await trio.to_thread.run_sync(save_preferences, wanted, self.path)
                self._saved, self._seen = wanted, self._stamp()
        except ConfigError as error:
            self.failed.emit(str(error))
            self._hold(self._saved)
        finally:
            self._writing = False

    async def _set_aside(self) -> None:
        damaged = self.path.with_name(f"{self.path.name}.damaged")
        await trio.to_thread.run_sync(self.path.replace, damaged)
        self.damage = ""
        await self._write()

    def _hold(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self.changed.emit(preferences)

    def _stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
