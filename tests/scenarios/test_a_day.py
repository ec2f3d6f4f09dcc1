"""R21: a day of virtual time; whatever happens each hour, nothing grows from hour to hour."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ptt.client.kept_bursts import LONGEST_KEPT
from ptt.floor.participant import FORMER_BURSTS
from ptt.media.frames import FRAME_SECONDS
from ptt.security.epochs import MAX_KEYS
from ptt.security.srtp import MAX_RETIRED, MAX_SOURCES, MKI_OCTETS
from ptt.switchboard.agenda import SPARE
from ptt.switchboard.records import ChannelSettings
from tests.support.table_sizes import Sizes, sizes_of
from tests.support.virtual_office import VirtualOffice

HOUR = 3600.0
HOURS = 24
NAMES = ["Anna", "Bert", "Carl", "Dora"]
WORKSHOP, STORE = "Workshop", "Store"
TALK_LIMIT = 10.0
LOST = 0.01  # of all datagrams
BURSTS = 24  # ordinary ones in an hour
MEMORY_AN_HOUR = 1 << 20  # octets
WARM_UP = 3  # h until the allocator has what it needs
KEPT_PACKETS = round(LONGEST_KEPT / FRAME_SECONDS)
OCTETS = 100  # more than an Opus packet has here

# What remembers the past on purpose, and how much of it at most.
LIMITS: dict[str, Callable[[Counter[str]], int]] = {
    "_Retired._ssrcs": lambda objects: MAX_RETIRED * objects["_Retired"],
    "VoiceReceiver._known": lambda objects: MAX_SOURCES * objects["VoiceReceiver"],
    "VoiceReceiver._trailer": lambda objects: MKI_OCTETS * objects["VoiceReceiver"],
    "KeyRing._keys": lambda objects: MAX_KEYS * objects["KeyRing"],
    "DelayMemory._by_talker": lambda objects: 64 * objects["DelayMemory"],
    "DelayMemory._by_talker[]": lambda objects: 2 * 64 * objects["DelayMemory"],
    "Agenda._heap": lambda objects: SPARE + 4,
    "Agenda._heap[]": lambda objects: 2 * (SPARE + 4),
    "KeptBurst.packets": lambda objects: KEPT_PACKETS * objects["_Kept"],
    "KeptPacket.opus": lambda objects: OCTETS * KEPT_PACKETS * objects["_Kept"],
    "_Kept.bursts": lambda objects: KEPT_PACKETS * objects["_Kept"],
    "Participant._over": lambda objects: FORMER_BURSTS * objects["Participant"],
    "Listener._floor_asked": lambda objects: 2 * objects["Listener"],
}


def an_office() -> VirtualOffice:
    """Four people in the workshop, two of them also in the store; one datagram in 100 is lost."""
    channels = [
        ChannelSettings(number=1, name=WORKSHOP, talk_limit=TALK_LIMIT),
        ChannelSettings(number=2, name=STORE, talk_limit=TALK_LIMIT),
    ]
    office = VirtualOffice(NAMES, channels)
    for name in NAMES:
        office.connect(name, *((WORKSHOP, STORE) if name in ("Anna", "Bert") else (WORKSHOP,)))
    chance = Random(2)
    office.loses = lambda datagram: chance.random() < LOST
    return office


def talk(office: VirtualOffice, name: str, channel: str, seconds: float = 1.0) -> None:
    client = office.clients[name]
    client.press(channel)
    office.run(seconds)
    client.release()
    office.run(1.0)


def wait_for_each_other(office: VirtualOffice) -> None:
    """Two press at once, one of them gives up while it waits."""
    first, second, third = (office.clients[name] for name in ("Carl", "Dora", "Bert"))
    for client in (first, second, third):
        client.press(WORKSHOP)
    office.run(1.0)
    third.release()
    first.release()
    office.run(1.0)
    second.release()
    office.run(1.0)


def talk_too_long(office: VirtualOffice) -> None:
    talk(office, "Dora", WORKSHOP, TALK_LIMIT + 3.0)
    talk(office, "Dora", WORKSHOP)  # too soon


def cry_out(office: VirtualOffice) -> None:
    """An emergency takes the floor of somebody who talks."""
    office.clients["Carl"].press(WORKSHOP)
    office.run(1.0)
    office.clients["Anna"].press(WORKSHOP, emergency=True)
    office.run(1.0)
    office.clients["Carl"].release()
    office.clients["Anna"].release()
    office.run(1.0)


def vanish(office: VirtualOffice) -> None:
    """The connection breaks in the middle of a word, and is there again later."""
    office.clients["Carl"].press(WORKSHOP)
    office.run(1.0)
    office.disconnect("Carl")
    office.clients["Carl"].release()
    office.run(20.0)
    office.connect("Carl")
    office.run(5.0)


def leave_and_join(office: VirtualOffice) -> None:
    """While somebody talks, so that the key changes inside the burst."""
    office.clients["Anna"].press(WORKSHOP)
    office.run(1.0)
    office.clients["Dora"].leave(WORKSHOP)
    office.run(3.0)
    office.clients["Dora"].join(WORKSHOP)
    office.run(3.0)
    office.clients["Anna"].release()
    office.run(1.0)


def move(office: VirtualOffice) -> None:
    """Another address, proved by a challenge; in the middle of a burst."""
    office.clients["Bert"].press(STORE)
    office.run(1.0)
    office.clients["Bert"].move()
    office.run(1.0)
    office.clients["Bert"].release()
    office.run(20.0)


def hear_again(office: VirtualOffice) -> None:
    assert office.clients["Dora"].replay(WORKSHOP)
    office.run(5.0)


EVENTS: list[Callable[[VirtualOffice], None]] = [
    wait_for_each_other,
    talk_too_long,
    cry_out,
    vanish,
    leave_and_join,
    move,
    hear_again,
]


def an_hour(office: VirtualOffice) -> None:
    """Now and then a burst, in between all that can happen, at the end a rest."""
    began, rng = office.now, Random(3)
    for number in range(BURSTS):
        office.run(rng.uniform(20.0, 120.0))
        channel, names = rng.choice([(WORKSHOP, NAMES), (STORE, ["Anna", "Bert"])])
        talk(office, rng.choice(names), channel)
        if number < len(EVENTS):
            EVENTS[number](office)
    office.run(began + HOUR - office.now)


def resident_octets() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def grown(before: Sizes, after: Sizes) -> dict[str, tuple[int, int]]:
    """What holds more than before, and more than it may."""
    larger = {name: size for name, size in after.held.items() if size > before.held[name]}
    return {
        name: (before.held[name], size)
        for name, size in larger.items()
        if name not in LIMITS or size > LIMITS[name](after.objects)
    }


@pytest.mark.slow
def test_r21_after_a_day_nothing_is_larger_than_after_an_hour_and_nobody_holds_a_floor() -> None:
    office = an_office()
    an_hour(office)
    after_an_hour = sizes_of(*office.parts)
    memory = []

    for _ in range(HOURS - 1):
        an_hour(office)

        memory.append(resident_octets())
        assert office.is_quiet
        assert grown(after_an_hour, sizes_of(*office.parts)) == {}

    assert memory[-1] - memory[WARM_UP] <= MEMORY_AN_HOUR * (len(memory) - WARM_UP)
    assert office.noted["talk-start"] == office.noted["talk-end"] > BURSTS * HOURS
    assert office.noted["connect"] == len(NAMES) + HOURS
