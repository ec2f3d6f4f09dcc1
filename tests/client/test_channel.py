"""What a client knows of one channel."""

import pytest

from ptt.client.channel import Channel
from ptt.wire.signalling import ChannelDescription, Joined, Member, Members, Waiting

ANNA, BEN, CARL = (
    Member(participant=number, name=name) for number, name in ((1, "Anna"), (2, "Ben"), (3, "Carl"))
)


def channel(
    *, me: int = 1, waiting: tuple[int, ...] = (), frame_ms: int = 20, **described: object
) -> Channel:
    description = {"channel": 5, "name": "Workshop", "role": "talk"} | described
    joined = Joined(
        channel=5,
        ssrc=10,
        channel_ssrc=11,
        members=[CARL, ANNA, BEN],
        waiting=list(waiting),
        frame_ms=frame_ms,
    )
    return Channel(ChannelDescription(**description), joined, me)  # type: ignore[arg-type]


def test_members_are_named_in_alphabetical_order() -> None:
    assert channel().members == ("Anna", "Ben", "Carl")


def test_members_come_and_go() -> None:
    here = channel()

    here.change_members(
        Members(channel=5, joined=[Member(participant=4, name="Dora")], left=[2, 99])
    )

    assert here.members == ("Anna", "Carl", "Dora")


@pytest.mark.parametrize(
    ("waiting", "position", "before"),
    [
        ((), 1, ()),
        ((2, 3, 1), 3, ("Ben", "Carl")),
        ((2, 1, 3), 2, ("Ben",)),
        ((2, 3), 3, ("Ben", "Carl")),  # the news of the queue comes after my place in it
        ((2, 3), 2, ("Ben",)),
        ((2,), 255, ("Ben",)),
    ],
)
def test_who_waits_before_me(
    waiting: tuple[int, ...], position: int, before: tuple[str, ...]
) -> None:
    here = channel()

    here.change_waiting(Waiting(channel=5, participants=list(waiting)))

    assert here.before(position) == before


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("ptt:2", "Ben"),
        ("ptt:77", "somebody"),
        ("ptt:", "somebody"),
        ("ptt:-1", "somebody"),
        ("sip:2", "somebody"),
        ("", "somebody"),
        (None, "somebody"),
    ],
)
def test_a_talker_is_named(uri: str | None, name: str) -> None:
    assert channel().name_of(uri) == name


@pytest.mark.parametrize(
    ("frame_ms", "frames"), [(20, 1), (40, 2), (60, 3), (0, 1), (10, 1), (500, 3)]
)
def test_the_advised_length_of_a_packet_is_followed(frame_ms: int, frames: int) -> None:
    assert channel(frame_ms=frame_ms).begin_burst() == frames


def test_the_advice_for_more_members_holds_from_the_next_burst_on() -> None:
    here = channel()
    before = here.begin_burst()
    here.change_members(Members(channel=5, frame_ms=40))
    here.redundancy.handle_loss(0.02, now=1.0)
    during = here.redundancy.copies

    after = here.begin_burst()

    assert (before, after) == (1, 2)
    assert (during, here.redundancy.copies) == ((1, 4), (1, 2))


@pytest.mark.parametrize(("role", "may"), [("listen", False), ("talk", True), ("manage", True)])
def test_a_listener_may_not_talk(role: str, may: bool) -> None:
    assert channel(role=role).may_talk is may


def test_a_large_channel_gets_one_copy_at_most() -> None:
    here = channel()
    crowd = [Member(participant=100 + number, name=f"P{number}") for number in range(300)]

    here.change_members(Members(channel=5, joined=crowd))
    here.redundancy.handle_loss(0.3, now=1.0)

    assert len(here.redundancy.copies) == 1


def test_who_has_several_devices_is_away_only_from_all_of_them() -> None:
    here = channel()
    away = Member(participant=4, name="Anna", away=True, muted=True)

    here.change_members(Members(channel=5, joined=[away]))
    with_one_here = here.away, here.muted
    here.change_members(
        Members(channel=5, joined=[Member(participant=1, name="Anna", away=True, muted=True)])
    )

    assert with_one_here == ((), ())
    assert (here.away, here.muted) == (("Anna",), ("Anna",))
