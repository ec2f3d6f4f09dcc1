"""Which key talks here, and by which way it is heard while another window has the focus."""

import os
from collections.abc import Iterable, Sequence

from ptt_desk.checks.finding import Figure, Finding, Verdict, failed, parted
from ptt_desk.checks.names import KEY
from ptt_devices.key_ways import AUTO, COMMAND, PORTAL, TERMINAL, Way, best_way, ways
from ptt_devices.keys import HotkeyError, KeyCombination


async def check_key(keys: Iterable[str], wanted: str = AUTO) -> Finding:
    """`keys` and the `wanted` way as in preferences; every way is tried, nobody is asked."""
    try:
        talk = [KeyCombination.parse(key) for key in keys]
        found = await ways(talk)
        return judge_key(talk, found, best_way(found, wanted))
    except HotkeyError as error:
        return failed(KEY, error)


def judge_key(talk: Sequence[KeyCombination], found: Sequence[Way], best: Way) -> Finding:
    """What it means that of the ways that were `found`, `best` is taken."""
    keys = " or ".join(str(key) for key in talk)
    measured: dict[str, Figure] = {
        "keys": keys,
        "way": best.name,
        **{way.name: way.usable for way in found},
    }
    if best.name in (TERMINAL, COMMAND):
        sentence, advice = parted(_obstacle(found).sentence)
        return Finding(KEY, Verdict.WARNING, sentence, advice, measured)
    others = [way.name for way in found if way.usable and way is not best]
    also = f"; usable as well: {', '.join(others)}" if others else ""
    said = "a key that the desktop gives" if best.name == PORTAL else keys
    return Finding(KEY, Verdict.OK, f"The way {best.name} hears {said}{also}", measured=measured)


def _obstacle(found: Sequence[Way]) -> Way:
    """What to mend first: on Wayland the portal, since the native way is closed for good."""
    wanted = PORTAL if os.environ.get("WAYLAND_DISPLAY") else found[0].name
    return next((way for way in found if way.name == wanted), found[0])
