"""One channel with Anna, Bert, Carl and Dora, in each state of the standard's tables."""

from itertools import count

from ptt.floor.actions import (
    Action,
    Announce,
    QueueChanged,
    Send,
    StartForwarding,
)
from ptt.floor.arbitrator import Arbitrator
from ptt.wire.floor import (
    AckSource,
    FloorAck,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorQueuePositionInfo,
    FloorRequest,
    FloorTaken,
)

CHANNEL = 99
ANNA, BERT, CARL, DORA = 1, 2, 3, 4
FIRST, SECOND = 1001, 1002  # bursts
QUEUEABLE = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED
EMERGENCY = FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED
KEY = 1  # the priority octet of a person with priority 0 who uses a key
REQUEST = FloorRequest(7, KEY, QUEUEABLE)


def request(*, priority: int = 0, by_key: bool = True, emergency: bool = False) -> FloorRequest:
    return FloorRequest(7, 2 * priority + by_key, EMERGENCY if emergency else QUEUEABLE)


def channel(*people: int, talk_limit: float = 60.0, queue_size: int = 2) -> Arbitrator:
    arbitrator = Arbitrator(
        ssrc=CHANNEL,
        talk_limit=talk_limit,
        queue_size=queue_size,
        new_burst=count(FIRST).__next__,
    )
    for person in people:
        arbitrator.join(person, priority=0, may_talk=True, now=0.0)
    return arbitrator


def idle() -> Arbitrator:
    return channel(ANNA, BERT, CARL, DORA)


def granted() -> Arbitrator:
    """Anna has the floor and has not said anything yet."""
    arbitrator = idle()
    arbitrator.handle(ANNA, REQUEST, 0.0)
    return arbitrator


def taken() -> Arbitrator:
    """Anna talks."""
    arbitrator = granted()
    arbitrator.note_media(0.0)
    return arbitrator


def queued() -> Arbitrator:
    """Anna talks, Bert waits."""
    arbitrator = taken()
    arbitrator.handle(BERT, REQUEST, 0.0)
    return arbitrator


def full() -> Arbitrator:
    """Anna talks, Bert and Carl wait, there is no third place."""
    arbitrator = queued()
    arbitrator.handle(CARL, REQUEST, 0.0)
    return arbitrator


GRANTED = FloorGranted(CHANNEL, 60, FIRST, KEY)
TAKEN = FloorTaken(CHANNEL, "ptt:1", FIRST, 1)
NEXT_GRANTED = FloorGranted(CHANNEL, 60, SECOND, KEY)
NEXT_TAKEN = FloorTaken(CHANNEL, "ptt:2", SECOND, 2)
IDLE = FloorIdle(CHANNEL, 0)
NEXT_IDLE = FloorIdle(CHANNEL, 2)
ACK = FloorAck(CHANNEL, AckSource.CONTROLLING_FUNCTION, 4)


def place(position: int, priority: int = KEY) -> FloorQueuePositionInfo:
    return FloorQueuePositionInfo(CHANNEL, position, priority)


BERT_NEXT: list[Action] = [
    StartForwarding(BERT, SECOND),
    Send(BERT, NEXT_GRANTED),
    Announce(NEXT_TAKEN, but=BERT),
    QueueChanged(()),
]
