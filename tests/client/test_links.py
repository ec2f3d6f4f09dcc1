"""One link to each floor server: each is probed, bound and doubted for itself."""

from math import inf
from random import Random

from ptt.client.links import Links, ToSend
from ptt.wire.link import Probe, ProbeReply

FIRST, SECOND = 0, 1


def two() -> Links:
    links = Links(Random(1))
    links.open(FIRST, 10, 100.0)
    links.open(SECOND, 20, 100.0)
    return links


def answer(links: Links, sent: ToSend, now: float, *, of: tuple[int, ...]) -> None:
    for number, probe in sent:
        assert isinstance(probe, Probe)
        if number in of:
            links.handle(number, ProbeReply(probe.ssrc, probe.token), now)


def is_bound(links: Links, number: int) -> bool:
    watch = links.get(number)
    return watch is not None and watch.state.bound


def test_without_links_nothing_is_ever_due() -> None:
    assert Links(Random(1)).deadline == inf
    assert Links(Random(1)).handle_deadline(1.0) == []


def test_every_floor_server_gets_probes_under_its_own_ssrc() -> None:
    sent = two().handle_deadline(100.0)

    assert [(number, probe.ssrc) for number, probe in sent] == [(FIRST, 10), (SECOND, 20)]


def test_the_reply_of_one_binds_no_other() -> None:
    links = two()

    answer(links, links.handle_deadline(100.0), 100.01, of=(FIRST,))

    assert (is_bound(links, FIRST), is_bound(links, SECOND)) == (True, False)
    assert [number for number, _ in links.handle_deadline(100.15)] == [SECOND]


def test_new_keys_void_one_link_only() -> None:
    links = two()
    answer(links, links.handle_deadline(100.0), 100.01, of=(FIRST, SECOND))

    links.open(SECOND, 21, 101.0)

    assert (is_bound(links, FIRST), is_bound(links, SECOND)) == (True, False)


def test_only_where_somebody_talks_is_probed_often_and_missed() -> None:
    links = two()
    answer(links, links.handle_deadline(100.0), 100.0, of=(FIRST, SECOND))

    links.expect(busy={SECOND}, expecting={SECOND}, now=100.0)
    links.note_media(SECOND, 100.2)

    assert links.handle_deadline(100.49) == []
    assert [number for number, _ in links.handle_deadline(100.5)] == [SECOND]


def test_a_message_from_a_floor_server_without_keys_is_not_answered() -> None:
    assert two().handle(7, ProbeReply(10, bytes(8)), 100.0) == []


def probe_until(links: Links, begin: float, end: float, *, alive: tuple[int, ...]) -> None:
    """Everything that is due from `begin` on, answered by the living."""
    now = begin
    while (now := max(now, links.deadline)) < end:
        links.are_dead(now)
        answer(links, links.handle_deadline(now), now, of=alive)


def test_one_floor_server_that_is_silent_does_not_make_the_session_doubtful() -> None:
    links = two()
    answer(links, links.handle_deadline(100.0), 100.0, of=(FIRST, SECOND))

    probe_until(links, 100.0, 200.0, alive=(FIRST,))

    silent = links.get(SECOND)
    assert silent is not None
    assert silent.is_dead(200.0)
    assert not links.are_dead(200.0)


def test_when_all_are_silent_the_session_is_doubtful_soon_although_nobody_talks() -> None:
    links = two()
    answer(links, links.handle_deadline(100.0), 100.0, of=(FIRST, SECOND))
    links.expect(busy={SECOND}, expecting={SECOND}, now=100.0)  # probed each second, FIRST is not

    probe_until(links, 100.0, 110.0, alive=())
    assert not links.are_dead(106.5)
    links.handle_deadline(107.0)

    assert links.are_dead(112.5)


def test_links_that_never_came_to_be_are_not_dead() -> None:
    links = two()

    probe_until(links, 100.0, 200.0, alive=())

    assert not links.are_dead(200.0)
