"""All checks of this computer and of its way to the server, as `ptt doctor` makes them.

    files --+--> sound: libraries, microphone, then loudspeaker
            +--> key
            +--> server: reach, then log-in and the way of the voice

The three run at the same time. What depends on something that failed is skipped.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import SystemRandom

import trio

from ptt.client.credentials import Credential
from ptt.client.internet import Internet
from ptt_desk.checks import names
from ptt_desk.checks.files import check_credential, check_preferences
from ptt_desk.checks.finding import Finding, Verdict, skipped
from ptt_desk.checks.key import check_key
from ptt_desk.checks.login import PROBES, QUICK_PROBES, check_login
from ptt_desk.checks.reach import check_reach
from ptt_desk.checks.report import Report
from ptt_desk.checks.sound import (
    check_loudspeaker_named,
    check_microphone_named,
    check_sound_library,
    check_voice_library,
)
from ptt_desk.checks.talk import check_talk, why_no_log_in
from ptt_desk.preferences import Devices, Keys


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to look at; None: as preferences say, else the default.

    listen: let the microphone hear the loudspeaker's tone; quick: play no tone, record and probe
    for a shorter time.
    """

    server: str | None = None
    microphone: str | None = None
    loudspeaker: str | None = None
    listen: bool = False
    quick: bool = False


async def examine(wishes: Wishes, tell: Callable[[Finding], None]) -> list[Finding]:
    """Every finding, in the order of names.ALL; `tell` gets each as soon as its turn comes."""
    report = Report(names.ALL, tell)
    preferred, preferences = await check_preferences()
    found, credential = await check_credential(wishes.server)
    talk, status = await check_talk()
    report.note(preferred, found, talk)
    wishes = _filled_up(wishes, preferences.devices)
    harm = why_no_log_in(talk, status, credential) if credential else ""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_examine_sound, wishes, report)
        nursery.start_soon(_examine_key, preferences.keys, report)
        nursery.start_soon(_examine_server, credential, harm, wishes, report)
    return report.findings


def _filled_up(wishes: Wishes, devices: Devices) -> Wishes:
    """With the devices that are preferred where none was wished for; "" is the system's."""
    return replace(
        wishes,
        microphone=wishes.microphone or devices.microphone or None,
        loudspeaker=wishes.loudspeaker or devices.loudspeaker or None,
    )


async def _examine_key(keys: Keys, report: Report) -> None:
    report.note(await check_key(keys.talk, keys.way))


async def _examine_sound(wishes: Wishes, report: Report) -> None:
    library, devices = await check_sound_library()
    report.note(library, await check_voice_library())
    if library.verdict is Verdict.PROBLEM:
        report.note(*skipped(names.SOUND[2:], "the sound library cannot be used"))
        return
    report.note(await check_microphone_named(devices, wishes.microphone, quick=wishes.quick))
    if wishes.quick:
        report.note(*skipped(names.LOUDSPEAKER, "a quick look plays no tone"))
        return
    report.note(
        await check_loudspeaker_named(
            devices, wishes.loudspeaker, listen_by=wishes.microphone, listen=wishes.listen
        )
    )


async def _examine_server(
    credential: Credential | None, harm: str, wishes: Wishes, report: Report
) -> None:
    """`harm`: why a log-in would do some."""
    if credential is None:
        because = "this device knows no server"
        report.note(*skipped((*names.REACH, *names.LOGGED_IN), because))
        return
    reach = await check_reach(credential)
    report.note(*reach)
    if _is_unusable(reach):
        harm = "the server cannot be used"
    if harm:
        report.note(*skipped(names.LOGGED_IN, harm))
        return
    probes = QUICK_PROBES if wishes.quick else PROBES
    report.note(*await check_login(credential, Internet(), SystemRandom(), probes))


def _is_unusable(reach: list[Finding]) -> bool:
    """No log-in is possible; a server that is only not ready for voice may still know us."""
    needed = names.SERVER_NAME, names.SERVER, names.SERVER_KEY
    return any(found.verdict is not Verdict.OK for found in reach if found.name in needed)
