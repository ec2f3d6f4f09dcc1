"""Events for many listeners, each at their own pace."""

import gc

import trio
import trio.testing

from ptt.client.event_stream import LONGEST, EventPublisher, EventStream
from ptt.client.events import AudioFailed, ChannelLeft


async def read(stream: EventStream) -> list[object]:
    return [event async for event in stream]


async def test_every_stream_gets_what_happens_after_it_was_made() -> None:
    publisher = EventPublisher()
    early = publisher.subscribe()
    publisher.publish(AudioFailed("first"))
    late = publisher.subscribe()
    publisher.publish(AudioFailed("second"))
    publisher.close()

    assert await read(early) == [AudioFailed("first"), AudioFailed("second")]
    assert await read(late) == [AudioFailed("second")]


async def test_a_reader_who_waits_is_woken() -> None:
    publisher = EventPublisher()
    stream = publisher.subscribe()
    heard: list[object] = []

    async def listen() -> None:
        heard.append(await anext(stream))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await trio.testing.wait_all_tasks_blocked()
        publisher.publish(ChannelLeft("Team"))

    assert heard == [ChannelLeft("Team")]


async def test_a_slow_reader_misses_the_oldest_and_is_told_how_many() -> None:
    publisher = EventPublisher()
    stream = publisher.subscribe()
    for number in range(LONGEST + 3):
        publisher.publish(AudioFailed(str(number)))
    publisher.close()

    assert (await read(stream))[0] == AudioFailed("3")
    assert stream.dropped == 3


def test_a_stream_that_nobody_holds_is_forgotten() -> None:
    publisher = EventPublisher()
    publisher.subscribe()
    gc.collect()

    assert len(publisher._streams) == 0
