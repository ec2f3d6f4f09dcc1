"""A channel whose key changes every two seconds, because somebody keeps coming and going."""

from pathlib import Path

import pytest
import trio

from ptt.client.client import Client
from ptt_demo.daemon import Daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import voice

MINUTE = 60.0  # s
EVERY = 2.0  # s, the shortest time between two epochs of a channel
PACKETS_A_SECOND = 50


async def come_and_go(client: Client) -> None:
    while True:
        await trio.sleep(EVERY)
        await client.leave(CHANNEL)
        await trio.sleep(EVERY)
        await client.join(CHANNEL)


@pytest.mark.slow
async def test_no_packet_is_undecodable_while_the_key_changes_every_two_seconds(
    daemon: Daemon, tmp_path: Path
) -> None:
    speech = voice(MINUTE)
    await daemon.command("channels", "set", CHANNEL, "--talk-limit", "120")
    async with (
        office(daemon, ["Anna", "Ben", "Clara"], CHANNEL, tmp_path) as [anna, ben, clara],
        trio.open_nursery() as nursery,
    ):
        before = ben.client.statistics()
        nursery.start_soon(come_and_go, clara.client)
        anna.client.press(CHANNEL)
        await anna.microphone.say(speech)
        anna.client.release()
        quality = ben.client.quality(CHANNEL)
        nursery.cancel_scope.cancel()

    after = ben.client.statistics()
    assert after.epochs - before.epochs >= MINUTE / EVERY * 0.8
    assert after.heard - before.heard >= (MINUTE - 1) * PACKETS_A_SECOND
    assert (after.early - before.early, after.refused - before.refused) == (0, 0)
    assert quality.loss == 0
