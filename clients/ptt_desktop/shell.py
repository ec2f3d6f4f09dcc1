"""Window, tray and pages together: shows what the desk does, and hands it what the person wants.

All of the Face that a Desk shows itself by. Slots ask the desk through Tasks, never directly.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from ptt.client.events import AudioFailed, Event
from ptt_desk.meters import Meters
from ptt_desk.preferences import Preferences
from ptt_desktop.desk import Desk
from ptt_desktop.desk_state import DeskState
from ptt_desktop.doctor_page import DoctorPage
from ptt_desktop.first_run import FirstRun
from ptt_desktop.language import languages, use_language
from ptt_desktop.links import LinksError, autostarts, set_autostart
from ptt_desktop.mending import Remedy
from ptt_desktop.notifications import notification
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.sentences import translated
from ptt_desktop.settings_page import SettingsPage
from ptt_desktop.talk_page import TalkPage
from ptt_desktop.tasks import Tasks
from ptt_desktop.theme import apply
from ptt_desktop.tray import Tray
from ptt_desktop.window import Page, Window


class Shell(QObject):
    """`serve` the desk that there is; without one the pages for a new invite remain."""

    quit_wanted = Signal()
    enrolled = Signal(object)
    keys_tried = Signal(bool)

    def __init__(self, app: QApplication, store: PreferencesStore, tasks: Tasks) -> None:
        super().__init__()
        self._app = app
        self._store = store
        self._tasks = tasks
        self._desk: Desk | None = None
        self._state = DeskState()
        self._now = 0.0  # Trio's time of the last picture
        self._away = False
        self._used: Preferences | None = None
        self._language = ""
        self._look(store.preferences)
        self.window = Window(self._hides_on_close)
        self.tray = Tray()
        self.talk = TalkPage(self._talk_limit)
        self.first_run = FirstRun(store, tasks)
        self.settings = SettingsPage(
            store, tasks, languages(), partial(self._try, autostarts), self._set_autostart
        )
        self.doctor = DoctorPage(tasks)
        self._add_pages()
        self._connect_frame()
        self._connect_pages()
        self._use(store.preferences)

    def _add_pages(self) -> None:
        self.window.add_page(Page.TALK, self.talk)
        self.window.add_page(Page.FIRST_RUN, self.first_run)
        self.window.add_page(Page.SETTINGS, self.settings)
        self.window.add_page(Page.DOCTOR, self.doctor)
        self.window.open(Page.TALK)

    def _connect_frame(self) -> None:
        self._store.changed.connect(self._use)
        self._store.failed.connect(self.tell)
        self.window.quit_wanted.connect(self.quit_wanted)
        self.window.mute_wanted.connect(self._mute_all)
        self.window.away_wanted.connect(self._go_away)
        self.tray.quit_wanted.connect(self.quit_wanted)
        self.tray.show_wanted.connect(self.window.bring_up)
        self.tray.mute_wanted.connect(self._mute_all)
        self.tray.away_wanted.connect(self._go_away)
        self.tray.channel_chosen.connect(self._choose)

    def _connect_pages(self) -> None:
        talk = self.talk
        talk.button.pushed.connect(partial(self._ask, lambda desk: desk.button.press()))
        talk.button.let_go.connect(
            lambda by_hand: self._ask(lambda desk: desk.button.release(by_hand=by_hand))
        )
        talk.floor.replay_wanted.connect(partial(self._ask, lambda desk: desk.replay()))
        talk.floor.leave_wanted.connect(partial(self._ask, lambda desk: desk.leave_queue()))
        talk.channels.chosen.connect(self._choose)
        talk.channels.joined.connect(self._join)
        talk.channels.muted.connect(self._mute)
        talk.channels.volume_chosen.connect(self._set_volume)
        talk.threshold_chosen.connect(self._set_threshold)
        self.first_run.enrolled.connect(self.enrolled)
        self.first_run.key.tried.connect(self.keys_tried)
        self.first_run.finished.connect(lambda: self.window.open(Page.TALK))
        self.doctor.remedy_wanted.connect(self._mend)

    # the desk

    def serve(self, desk: Desk | None) -> None:
        """This desk from now on, or none."""
        self._desk = desk
        self._show(DeskState() if desk is None else desk.state, self._now)

    def _ask(self, what: Callable[[Desk], object]) -> None:
        """Of the desk that there is when Trio comes to it."""
        self._tasks.call(lambda: self._desk is not None and what(self._desk))

    def _talk_limit(self, channel: str) -> float:
        return self._desk.talk_limit(channel) if self._desk is not None else 0.0

    # as the desk's Face

    @property
    def visible(self) -> bool:
        """Whether anybody sees the page that shows meters."""
        return self.window.isVisible() and not self.window.isMinimized()

    def show_desk(self, desk: DeskState, now: float) -> None:
        """As Face.show_desk."""
        self._show(desk, now)

    def show_event(self, event: Event) -> None:
        """As Face.show_event."""
        if isinstance(event, AudioFailed):
            self.tell(event.sentence)
        if self.visible or not self._store.preferences.window.notifications:
            return
        found = notification(event, self._state.person)
        if found is not None:
            self.tray.notify(*found)

    def show_meters(self, found: Meters, now: float) -> None:
        """As Face.show_meters."""
        self.talk.show_meters(found, now)

    def tell(self, sentence: str) -> None:
        """As Face.tell."""
        self.window.banner.say(
            translated(sentence), self.tr("What is wrong?"), lambda: self.window.open(Page.DOCTOR)
        )

    def refuse(self, sentence: str) -> None:
        """The server does not know this device any more."""
        self.window.banner.say(
            translated(sentence),
            self.tr("Join again"),
            lambda: self.window.open(Page.FIRST_RUN),
        )

    def _show(self, desk: DeskState, now: float) -> None:
        was, self._state, self._now = self._state, desk, now
        muted = self._muted
        all_muted = bool(desk.names) and muted >= set(desk.names)
        self.window.show_desk(desk, muted=all_muted, away=self._away)
        self.tray.show_desk(desk, muted, away=self._away)
        self.talk.show_desk(desk, now)
        self.settings.show_people(name for one in desk.channels for name in one.members)
        if desk.lost is not None and was.lost is None:
            self.window.banner.say(translated(desk.lost.sentence))
        elif desk.connected and not was.connected:
            self.window.banner.clear()

    @property
    def _muted(self) -> frozenset[str]:
        return frozenset(self._store.preferences.channels.muted)

    # the program

    @property
    def has_tray(self) -> bool:
        """Whether the program can be found again without a window."""
        return self.tray.is_there

    def bring_up(self) -> None:
        """The window, in front of others."""
        self.window.bring_up()

    def open(self, page: Page) -> None:
        """This page."""
        if page is Page.FIRST_RUN:
            self.first_run.begin()
        self.window.open(page)

    def show_link(self, link: str) -> None:
        """Somebody opened an invite."""
        self.first_run.begin(link)
        self.window.open(Page.FIRST_RUN)

    def close_down(self) -> None:
        """The program ends."""
        self.tray.hide()
        self.window.hide()

    def _hides_on_close(self) -> bool:
        return self.has_tray and self._store.preferences.window.close_to_tray

    # what the person wants

    def _use(self, preferences: Preferences) -> None:
        """These preferences hold."""
        former, self._used = self._used, preferences
        if former is None or former.window != preferences.window:
            self._look(preferences)
        self.talk.channels.use(preferences.channels.muted, preferences.hearing.volumes)
        self.talk.name_key(preferences.keys.talk[0] if preferences.keys.talk else "")
        self._show(self._state, self._now)
        self._tasks.start(partial(self._use_at_desk, preferences))

    async def _use_at_desk(self, preferences: Preferences) -> None:
        if self._desk is not None:
            self._desk.use(preferences)
            self._desk.set_away(self._away)

    def _look(self, preferences: Preferences) -> None:
        apply(self._app, preferences.window.theme)
        if preferences.window.language != self._language or not self._used:
            self._language = preferences.window.language
            use_language(self._app, self._language)
            if self._used:
                self._retranslate()

    def _retranslate(self) -> None:
        """All texts in the present language; the window's frame hears of it by itself."""
        for part in (self.tray, self.talk, self.first_run, self.settings, self.doctor):
            part.retranslate()
        self.window.banner.retranslate()
        self._show(self._state, self._now)

    def _choose(self, channel: str) -> None:
        self._ask(lambda desk: desk.choose(channel))
        self._store.change("channels", talk_in=channel)

    def _join(self, channel: str, joined: bool) -> None:
        left = set(self._store.preferences.channels.left)
        left = left - {channel} if joined else left | {channel}
        self._store.change("channels", left=tuple(sorted(left)))

    def _mute(self, channel: str, muted: bool) -> None:
        now = self._muted | {channel} if muted else self._muted - {channel}
        self._store.change("channels", muted=tuple(sorted(now)))

    def _mute_all(self, muted: bool) -> None:
        names = set(self._state.names)
        now = self._muted | names if muted else self._muted - names
        self._store.change("channels", muted=tuple(sorted(now)))

    def _go_away(self, away: bool) -> None:
        self._away = away
        self._ask(lambda desk: desk.set_away(away))
        self._show(self._state, self._now)

    def _set_volume(self, person: str, decibels: float) -> None:
        volumes = {**self._store.preferences.hearing.volumes, person: decibels}
        kept = {name: volume for name, volume in volumes.items() if volume}
        self._store.change("hearing", volumes=kept)

    def _set_threshold(self, dbfs: float) -> None:
        self._store.change("voice", least_dbfs=dbfs)

    def _set_autostart(self, wanted: bool) -> None:
        self._try(partial(set_autostart, wanted))

    def _try(self, ask: Callable[[], bool | None]) -> bool:
        """What the desktop answers; what it refuses is told."""
        try:
            return bool(ask())
        except LinksError as error:
            self.tell(str(error))
            return False

    def _mend(self, remedy: Remedy) -> None:
        match remedy:
            case Remedy.JOIN:
                self.open(Page.FIRST_RUN)
            case Remedy.SYSTEM_DEVICES:
                self._store.change("devices", microphone="", loudspeaker="")
            case Remedy.SET_ASIDE:
                self._store.set_aside()
            case _:
                self.open(Page.SETTINGS)
