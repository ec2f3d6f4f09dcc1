"""R18, R20: ten minutes of one voice in virtual time: keys change, people come, nothing wraps."""

from dataclasses import replace
from random import Random

import pytest

from ptt.media.frames import FRAME_SECONDS
from ptt.security.epochs import CHANGE_INTERVAL
from ptt.switchboard.records import MAX_TALK_LIMIT, ChannelSettings
from tests.support.virtual_office import PLAIN, VirtualOffice

WORKSHOP = "Workshop"
SETTINGS = ChannelSettings(number=1, name=WORKSHOP, talk_limit=MAX_TALK_LIMIT)
ALWAYS = 1000.0  # s, more than the talk limit
AWAY = CHANGE_INTERVAL + 0.5  # s
SOON = 0.060  # s


class Highest(Random):
    """Of all starting numbers the worst."""

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return (start if stop is None else stop) - 1


def an_office(*, low_delay: bool = False, rng: Random | None = None) -> VirtualOffice:
    """Anna, Bert and Carl are in the workshop."""
    settings = replace(PLAIN, low_delay=low_delay)
    office = VirtualOffice(["Anna", "Bert", "Carl"], [SETTINGS], settings=settings, rng=rng)
    for name in office.clients:
        office.connect(name, WORKSHOP)
    office.run(5.0)
    return office


def packets_heard(office: VirtualOffice, name: str) -> int:
    return office.clients[name].conversation.listener.heard


@pytest.mark.slow
@pytest.mark.parametrize("low_delay", [False, True])
def test_r18_the_longest_burst_ends_by_the_talk_limit_and_its_numbers_never_wrap(
    low_delay: bool,
) -> None:
    office = an_office(low_delay=low_delay, rng=Highest(1))
    anna = office.clients["Anna"]

    anna.press(WORKSHOP)
    office.run(ALWAYS)

    assert anna.events["FloorRevoked"] == 1
    assert len(anna.sequences) >= MAX_TALK_LIMIT / FRAME_SECONDS * (2 if low_delay else 1)
    assert anna.sequences == list(range(anna.sequences[0], anna.sequences[-1] + 1))
    assert anna.sequences[-1] < 1 << 16
    assert packets_heard(office, "Bert") == len(anna.sequences)


@pytest.mark.slow
def test_r18_who_joins_late_hears_the_next_packets_at_any_time_of_a_long_burst() -> None:
    office = an_office(rng=Highest(1))
    anna, carl = office.clients["Anna"], office.clients["Carl"]
    anna.press(WORKSHOP)
    office.run(1.0)
    waits = []

    while anna.conversation.channels[WORKSHOP].talker == "Anna":
        carl.leave(WORKSHOP)
        office.run(AWAY)
        before = packets_heard(office, "Carl")
        carl.join(WORKSHOP)
        office.run(SOON)
        waits.append(packets_heard(office, "Carl") > before)
        office.run(AWAY)

    assert len(anna.sequences) > 29_000
    assert len(waits) > 100
    assert all(waits[:-1])  # the last one came when it was over


@pytest.mark.slow
def test_r20_with_a_new_key_each_two_seconds_no_packet_comes_that_cannot_be_opened() -> None:
    office = an_office()
    anna, bert, carl = office.clients.values()
    office.delays["Bert"] = 1.0  # his line is slow, but works
    anna.press(WORKSHOP)
    epochs = bert.conversation.listener.epochs

    while anna.conversation.channels[WORKSHOP].talker == "Anna":
        carl.leave(WORKSHOP)
        office.run(CHANGE_INTERVAL)
        carl.join(WORKSHOP)
        office.run(CHANGE_INTERVAL)

    listener = bert.conversation.listener
    assert listener.epochs - epochs >= 0.95 * MAX_TALK_LIMIT / CHANGE_INTERVAL
    assert (listener.refused, listener.early) == (0, 0)
    assert listener.heard == len(anna.sequences) > 29_000
