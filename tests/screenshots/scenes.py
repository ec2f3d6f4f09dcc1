"""Every state of the window that is photographed, and how to bring it about."""

from collections.abc import Callable
from dataclasses import dataclass

from ptt.security.invitations import InviteLink
from ptt_desk.meters import Meters
from ptt_desktop.desk_state import DeskState
from ptt_desktop.shell import Shell
from ptt_desktop.window import Page
from tests.screenshots import desks
from tests.screenshots.desks import BAD, BY_VOICE, NOW, OPEN, QUIET

TALK_LIMIT = 30.0  # s
LINK = str(InviteLink("ptt.example.com", 17880, token="A" * 22, key_hash="A" * 43))
BEATS = 40  # pictures of the network's graph


@dataclass(frozen=True, slots=True)
class Scene:
    """`show` on a window that shows anything; `readme`: whether README has it."""

    name: str
    show: Callable[[Shell], None]
    readme: bool = False


def _talk(make: Callable[[], DeskState], meters: Meters = QUIET) -> Callable[[Shell], None]:
    def show(shell: Shell) -> None:
        shell.window.banner.clear()
        shell.open(Page.TALK)
        shell.show_desk(desks.free(), NOW)
        shell.show_desk(make(), NOW)
        for _ in range(BEATS):
            shell.show_meters(meters, NOW)

    return show


def _muted(shell: Shell) -> None:
    _talk(desks.free)(shell)
    shell.window.mute_wanted.emit(True)


def _audible(shell: Shell) -> None:
    shell.window.mute_wanted.emit(False)


def _told(shell: Shell) -> None:
    _audible(shell)
    _talk(desks.free)(shell)
    shell.tell("The microphone is gone: plug it in again, or choose another one in the settings.")


def _page(page: Page) -> Callable[[Shell], None]:
    def show(shell: Shell) -> None:
        shell.window.banner.clear()
        shell.open(page)

    return show


def _link(shell: Shell) -> None:
    shell.window.banner.clear()
    shell.show_link(LINK)


SCENES = [
    Scene("free", _talk(desks.free), readme=True),
    Scene("listening", _talk(desks.listening), readme=True),
    Scene("emergency", _talk(desks.emergency)),
    Scene("elsewhere", _talk(desks.elsewhere)),
    Scene("asking", _talk(desks.asking, OPEN)),
    Scene("talking", _talk(desks.talking, OPEN), readme=True),
    Scene("nearly-over", _talk(desks.nearly_over, OPEN)),
    Scene("silent", _talk(desks.silent, OPEN)),
    Scene("queued", _talk(desks.queued), readme=True),
    Scene("denied", _talk(desks.denied)),
    Scene("again", _talk(desks.again)),
    Scene("bad-network", _talk(desks.listening, BAD)),
    Scene("hands-free", _talk(desks.free, BY_VOICE)),
    Scene("disconnected", _talk(desks.disconnected)),
    Scene("fifty", _talk(desks.crowd)),
    Scene("nowhere", _talk(desks.nowhere)),
    Scene("muted", _muted),
    Scene("told", _told),
    Scene("invite", _link, readme=True),
    Scene("settings", _page(Page.SETTINGS), readme=True),
    Scene("doctor", _page(Page.DOCTOR)),
]
