"""S9 and S10: a stolen device, and somebody who is not to come back, at a real daemon.

The thief has the credential, all keys of the session, and a place on the line.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trio

from ptt.client.audio_files import WavMicrophone
from ptt.client.client import open_client
from ptt.client.credentials import Credential
from ptt.client.enrolment import enrol
from ptt.client.events import FloorGranted
from ptt.client.listener import Listener, ListenOrder
from ptt.errors import AuthenticationError, InviteError, RefusedError
from ptt.security.srtp import UplinkSender, VoiceReceiver
from ptt.wire.datagram import DatagramKind, classify
from ptt.wire.rtp import encode_rtp, parse_rtp_untrusted
from ptt_demo.daemon import Daemon
from ptt_demo.office import Worker, office
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import voice
from tests.support.wiretap import TappedDaemon, Way, Wiretap, wiretap
from tests.support.witness import Witness

SERVER_WITHIN = 1.0  # s until the thief's session is cut and the floor is free
KEYS_WITHIN = 3.0  # s until what is said is under a key that the thief does not have
LONG = 30.0  # s, longer than any of these tests
PACKETS = 50
EVER_SINCE = 0


@dataclass
class Loot:
    """What went through the thief's program, in clear, and the keys of all voice."""

    sent: list[tuple[UplinkSender, bytes]] = field(default_factory=list)  # RTP
    asked: list[bytes] = field(default_factory=list)  # RTCP
    keys: list[tuple[Listener, bytes, int]] = field(default_factory=list)
    thief: Listener | None = None

    def opens(self, datagram: bytes) -> bool:
        """Whether any of the keys that the thief was told, tried afresh, opens it."""
        for key, epoch in [(key, epoch) for whose, key, epoch in self.keys if whose is self.thief]:
            try:
                VoiceReceiver(key, epoch).unprotect(datagram)
            except AuthenticationError:
                continue
            return True
        return False


@pytest.fixture
def loot(monkeypatch: pytest.MonkeyPatch) -> Loot:
    """Collected from all clients of this process; the keys with whose they are."""
    taken = Loot()
    protect, ask, add_key = (
        UplinkSender.protect_rtp,
        UplinkSender.protect_rtcp,
        Listener.add_key,
    )

    def note_packet(sender: UplinkSender, packet: bytes) -> bytes:
        taken.sent.append((sender, packet))
        return protect(sender, packet)

    def note_message(sender: UplinkSender, packet: bytes) -> bytes:
        taken.asked.append(packet)
        return ask(sender, packet)

    def note_key(
        listener: Listener, channel: int, epoch: int, key: bytes, profile: str, now: float
    ) -> list[ListenOrder]:
        taken.keys.append((listener, key, epoch))
        return add_key(listener, channel, epoch, key, profile, now)

    monkeypatch.setattr(UplinkSender, "protect_rtp", note_packet)
    monkeypatch.setattr(UplinkSender, "protect_rtcp", note_message)
    monkeypatch.setattr(Listener, "add_key", note_key)
    return taken


@dataclass
class Theft:
    """Ben's device is the thief's, and talks. Anna and Clara are at their desks."""

    daemon: Daemon
    tap: Wiretap
    anna: Worker
    clara: Worker
    watch: Witness  # what Anna sees
    credential: Credential
    loot: Loot
    refusals: list[RefusedError] = field(default_factory=list)

    async def talk(self, task_status: trio.TaskStatus[None]) -> None:
        microphone = WavMicrophone(voice(LONG))
        try:
            async with open_client(self.credential, microphone=microphone) as thief:
                self.loot.thief = thief._engine.conversation.listener
                await thief.join(CHANNEL)
                microphone.start()
                thief.press(CHANNEL)
                task_status.started()
                await trio.sleep_forever()
        except RefusedError as refused:
            self.refusals.append(refused)

    def thiefs_way(self) -> Way:
        [way] = [one for one in self.tap.ways.values() if any(map(is_voice, one.up))]
        return way

    def voice_to_others(self) -> list[bytes]:
        """What the wiretap saw of voice on its way to one of the others."""
        ways = [one for one in self.tap.ways.values() if one is not self.thief]
        return max(([each for each in way.down if is_voice(each)] for way in ways), key=len)

    def __post_init__(self) -> None:
        self.thief: Way | None = None


def is_voice(datagram: bytes) -> bool:
    return classify(datagram) is DatagramKind.RTP


@asynccontextmanager
async def theft(daemon: Daemon, folder: Path, loot: Loot) -> AsyncIterator[Theft]:
    """Until the thief has talked for a while."""
    tapped = TappedDaemon.of(daemon)
    async with (
        wiretap(daemon.port) as tap,
        office(tapped, ["Anna", "Clara"], CHANNEL, folder) as [anna, clara],
        trio.open_nursery() as nursery,
    ):
        credential = await enrol(await tapped.invite("Ben"), "laptop")
        scene = Theft(tapped, tap, anna, clara, Witness(anna.client), credential, loot)
        nursery.start_soon(scene.watch.watch)
        await nursery.start(scene.talk)
        await scene.watch.saw_talker("Ben", after=EVER_SINCE)
        await trio.sleep(0.5)
        scene.thief = scene.thiefs_way()
        yield scene
        nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_a_revoked_thief_is_silent_at_once_whatever_he_sends(
    daemon: Daemon, tmp_path: Path, loot: Loot
) -> None:
    async with theft(daemon, tmp_path, loot) as scene:
        place = scene.watch.now()
        await scene.daemon.command("people", "revoke", "Ben")
        revoked_at = trio.current_time()
        freed_at = await scene.watch.saw_talker(None, after=place)
        heard = scene.anna.client.statistics().heard, scene.clara.client.statistics().heard

        sender, last = loot.sent[-1]
        packet = parse_rtp_untrusted(last)
        for number in range(1, PACKETS + 1):  # his program would have stopped, he does not
            forged = replace(packet, sequence=packet.sequence + number)
            assert scene.thief is not None
            scene.thief.add(sender.protect_rtp(encode_rtp(forged)))
            scene.thief.add(sender.protect_rtcp(loot.asked[number % len(loot.asked)]))
            await trio.sleep(0.02)

        assert freed_at - revoked_at < SERVER_WITHIN
        assert [str(each) for each in scene.refusals] != []
        assert (
            scene.anna.client.statistics().heard,
            scene.clara.client.statistics().heard,
        ) == heard
        assert scene.anna.client.talker(CHANNEL) is None
        with pytest.raises(RefusedError, match="new invite"):
            async with open_client(scene.credential):
                pass


@pytest.mark.slow
async def test_what_is_said_after_the_revocation_is_sealed_for_the_thief(
    daemon: Daemon, tmp_path: Path, loot: Loot
) -> None:
    async with theft(daemon, tmp_path, loot) as scene:
        before = scene.voice_to_others()
        place = scene.watch.now()
        await scene.daemon.command("people", "revoke", "Ben")
        revoked_at = trio.current_time()
        await scene.watch.saw_talker(None, after=place)
        scene.anna.client.press(CHANNEL)
        await scene.watch.saw(FloorGranted, after=place)
        scene.anna.microphone.start(voice(LONG))
        await trio.sleep_until(revoked_at + KEYS_WITHIN)
        already, heard = len(scene.voice_to_others()), scene.clara.client.statistics().heard
        await trio.sleep(PACKETS * 0.02)
        after = scene.voice_to_others()[already:]
        heard = scene.clara.client.statistics().heard - heard

    assert len(before) > 10
    assert all(map(loot.opens, before)), "so far he was a member"
    assert len(after) >= 0.8 * PACKETS <= heard
    assert not any(map(loot.opens, after))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["revoke", "remove"])
async def test_the_open_invites_of_somebody_who_is_gone_are_void(
    daemon: Daemon, command: str
) -> None:
    await enrol(await daemon.invite("Ben"), "laptop")
    spare = await daemon.invite("Ben")

    await daemon.command("people", command, "Ben")

    with pytest.raises(InviteError, match="not known"):
        await enrol(spare, "another laptop")
