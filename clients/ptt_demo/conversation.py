"""Three desk workers talk: what each says when, and what the floor did about it.

    at once   Anna and Ben press at the same instant: one talks, the other waits and gets the
              floor after; Ben has much to say and is cut by the talk limit of ten seconds
    then      Anna asks something, Clara cuts in with an emergency

Everything is real: invitations, TLS, UDP, SRTP, Opus. Only the sound cards are files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trio

from ptt.client.event_stream import EventStream
from ptt.client.events import (
    Event,
    FloorDenied,
    FloorGranted,
    FloorQueued,
    FloorReleased,
    FloorRequested,
    FloorRevoked,
)
from ptt_demo.office import Worker
from ptt_demo.timeline import Mark, What

CHANNEL = "demonstration"
TALK_LIMIT = 10  # s, the shortest there is
PEOPLE = ("Anna", "Ben", "Clara")
SPEECH = Path(__file__).parent / "speech"
PAUSE = 0.8  # s, between two turns
INTERRUPTS_AFTER = 2.0  # s


@dataclass(frozen=True, slots=True)
class Said:
    """What a person's microphone heard, and when it began (Trio's clock)."""

    person: str
    at: float
    speech: Path


@dataclass
class Story:
    """What happened so far; `tell` hears of each thing at once."""

    tell: Callable[[Mark], None]
    began: float = field(default_factory=trio.current_time)
    marks: list[Mark] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    access_times: list[float] = field(default_factory=list)
    emergencies: set[str] = field(default_factory=set)
    _changed: trio.Event = field(default_factory=trio.Event)

    def note(self, person: str, what: What, remark: str = "") -> None:
        """Remember and tell one thing."""
        emergency = person in self.emergencies
        mark = Mark(trio.current_time() - self.began, person, what, emergency, remark)
        self.marks.append(mark)
        self.tell(mark)
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, person: str, *what: What, after: int = 0) -> None:
        """Wait until one of these has happened to the person, from mark number `after` on."""
        while not any(m.person == person and m.what in what for m in self.marks[after:]):
            await self._changed.wait()


async def converse(workers: Sequence[Worker], tell: Callable[[Mark], None]) -> Story:
    """Play the conversation; the workers are PEOPLE, in CHANNEL."""
    anna, ben, clara = workers
    story = Story(tell)
    async with trio.open_nursery() as watching:
        for worker in workers:
            watching.start_soon(_watch, story, worker, worker.client.events())
        async with trio.open_nursery() as turns:
            turns.start_soon(_turn, story, anna)
            turns.start_soon(_turn, story, ben)
        await trio.sleep(PAUSE)
        async with trio.open_nursery() as turns:
            turns.start_soon(_turn, story, anna)
            await trio.sleep(INTERRUPTS_AFTER)
            turns.start_soon(_emergency, story, clara)
        await trio.sleep(PAUSE)
        watching.cancel_scope.cancel()
    return story


async def _turn(story: Story, worker: Worker, *, emergency: bool = False) -> None:
    """Press; speak once there is a permit; let go when all is said or the floor is gone."""
    first = len(story.marks)
    speech = SPEECH / f"{worker.name.lower()}.wav"
    worker.client.press(CHANNEL, emergency=emergency)
    await story.until(worker.name, What.GRANTED, What.DENIED, after=first)
    story.said.append(Said(worker.name, trio.current_time(), speech))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_until_cut, story, worker, first, nursery.cancel_scope)
        await worker.microphone.say(speech)
        nursery.cancel_scope.cancel()
    worker.client.release()
    await story.until(worker.name, What.RELEASED, What.REVOKED, What.DENIED, after=first)


async def _until_cut(story: Story, worker: Worker, first: int, speaking: trio.CancelScope) -> None:
    await story.until(worker.name, What.REVOKED, What.DENIED, after=first)
    speaking.cancel()


async def _emergency(story: Story, worker: Worker) -> None:
    story.emergencies.add(worker.name)
    await _turn(story, worker, emergency=True)


async def _watch(story: Story, worker: Worker, events: EventStream) -> None:
    async for event in events:
        _note(story, worker.name, event)


def _note(story: Story, person: str, event: Event) -> None:
    match event:
        case FloorRequested():
            story.note(person, What.PRESSED)
        case FloorGranted(access_time=access, from_queue=False):
            story.access_times.append(access)
            story.note(person, What.GRANTED, f"{access * 1e3:.1f} ms after the key")
        case FloorGranted():
            story.note(person, What.GRANTED, "it is their turn")
        case FloorQueued(position=position, before=before):
            behind = f", behind {', '.join(before)}" if before else ""
            story.note(person, What.QUEUED, f"place {position}{behind}")
        case FloorDenied(sentence=sentence):
            story.note(person, What.DENIED, sentence)
        case FloorRevoked(sentence=sentence):
            story.note(person, What.REVOKED, sentence)
        case FloorReleased(seconds=seconds):
            story.note(person, What.RELEASED, f"spoke for {seconds:.1f} s")
        case _:
            pass
