"""One process at one scale: the window in each scene, language and colours, changed while it runs.

    python -m tests.screenshots.photographer FOLDER SCALE

Says on standard output, a line each, what does not fit where it is.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import trio
from PySide6.QtWidgets import QApplication, QScrollArea, QStackedWidget

from ptt_desktop.guest import GuestTasks, run_as_guest
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.shell import Shell
from ptt_desktop.window import Page
from tests.screenshots.fitting import unfitting
from tests.screenshots.scenes import SCENES, TALK_LIMIT

LANGUAGES = ("en", "de")
THEMES = ("light", "dark")
SETTLE = 0.25  # s for layouts and for what is looked up in threads
EXAMINED = 30.0  # s at most


class Photographer:
    """`scale` is only for the names of the files."""

    def __init__(self, app: QApplication, folder: Path, scale: str) -> None:
        self._folder, self._scale = folder, scale
        self._tasks = GuestTasks(print)
        preferences = Path(tempfile.mkdtemp(prefix="ptt-screenshots-")) / "ptt.toml"
        self._store = PreferencesStore(self._tasks, preferences)
        self._shell = Shell(app, self._store, self._tasks)
        self._shell._talk_limit = lambda channel: TALK_LIMIT  # that of the desk, which there is not
        self._shell.talk._talk_limit = self._shell._talk_limit
        self._shell.bring_up()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            self._tasks.open(nursery)
            for language in LANGUAGES:
                for theme in THEMES:
                    self._store.change("window", language=language, theme=theme)
                    await self._all(f"{language}-{theme}-{self._scale}")
            self._shell.close_down()
            nursery.cancel_scope.cancel()

    async def _all(self, circumstances: str) -> None:
        for scene in SCENES:
            scene.show(self._shell)
            await trio.sleep(SETTLE)
            await self._take(f"{scene.name}-{circumstances}")
        await self._first_steps(circumstances)
        await self._whole_settings(circumstances)

    async def _first_steps(self, circumstances: str) -> None:
        """However many there are."""
        self._shell.open(Page.FIRST_RUN)
        steps = self._shell.first_run.findChildren(QStackedWidget)[0]
        for step in range(1, steps.count()):
            steps.setCurrentIndex(step)
            await trio.sleep(SETTLE)
            await self._take(f"first-{step + 1}-{circumstances}")

    async def _whole_settings(self, circumstances: str) -> None:
        """Page by page, as far as it can be scrolled."""
        self._shell.open(Page.SETTINGS)
        for number, _ in enumerate(_scrolled(self._shell.settings), start=2):
            await trio.sleep(SETTLE)
            await self._take(f"settings-{number}-{circumstances}")

    async def _take(self, name: str) -> None:
        with trio.move_on_after(EXAMINED):
            while self._is_examining:  # noqa: ASYNC110  the page tells nobody when it is done
                await trio.sleep(0.1)
        window = self._shell.window
        window.grab().save(str(self._folder / f"{name}.png"))
        for found in unfitting(window):
            print(f"{name}: {found}", flush=True)

    @property
    def _is_examining(self) -> bool:
        page = self._shell.doctor
        return page.isVisible() and not page._again.isEnabled()


def _scrolled(area: QScrollArea) -> Iterator[int]:
    """After each page down."""
    bar = area.verticalScrollBar()
    while bar.value() < bar.maximum():
        bar.setValue(bar.value() + bar.pageStep())
        yield bar.value()
    bar.setValue(0)


def main(folder: str, scale: str) -> None:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("ptt")
    run_as_guest(app, Photographer(app, Path(folder), scale).run)


if __name__ == "__main__":
    main(*sys.argv[1:])
