"""What must never be seen in a channel is seen by the soak's witness, and nothing else is."""

from benchmarks.channel_witness import DISAGREEMENT, HOLDERS_OVERLAP, LATE, UNANNOUNCED
from benchmarks.channel_witness import ChannelWitness as Witness

ANNA, BERT, CARL = 1, 2, 3
FIRST, SECOND = 1001, 1002


def talking(packets: int = 10) -> Witness:
    """Anna talks, Bert and Carl hear all of it."""
    witness = Witness()
    for client in (ANNA, BERT, CARL):
        witness.learn(client, None)
    witness.grant(ANNA, FIRST)
    for listener in (BERT, CARL):
        witness.learn(listener, FIRST)
    for number in range(packets):
        witness.send(FIRST)
        for listener in (BERT, CARL):
            assert witness.hear(listener, FIRST, now=number / 50)
    return witness


def test_an_ordinary_burst_breaks_nothing_and_loses_nothing() -> None:
    witness = talking()

    witness.give_back(ANNA, FIRST, now=1.0, whole=True)
    for client in (ANNA, BERT, CARL):
        witness.learn(client, None)
    witness.look(1.0 + LATE + 0.1)

    assert not witness.broken
    assert (witness.bursts, witness.expected, witness.lost) == (1, 20, 0)


def test_a_packet_that_did_not_come_is_lost_but_not_for_who_left() -> None:
    witness = talking()

    witness.send(FIRST)
    witness.leave(CARL)
    witness.give_back(ANNA, FIRST, now=1.0, whole=True)
    witness.look(1.0 + LATE + 0.1)

    assert (witness.expected, witness.lost) == (11, 1)


def test_two_holders_are_seen_when_it_lasts() -> None:
    witness = talking()

    witness.grant(BERT, SECOND)
    witness.look(1.0)
    before = witness.broken["two holders"]
    witness.look(1.0 + HOLDERS_OVERLAP + 0.01)

    assert (before, witness.broken["two holders"]) == (0, 1)


def test_who_is_told_of_another_burst_for_long_is_seen() -> None:
    witness = talking()

    witness.learn(CARL, SECOND)
    witness.look(1.0)
    witness.look(1.0 + DISAGREEMENT + 0.01)

    assert witness.broken == {"disagreement": 1}


def test_voice_that_nobody_announces_is_seen_when_it_goes_on() -> None:
    witness = talking()

    known = [witness.hear(BERT, SECOND, now) for now in (1.0, 1.1, 1.1 + UNANNOUNCED)]

    assert known == [False, False, False]
    assert witness.broken == {"voice without Floor Taken": 1}
