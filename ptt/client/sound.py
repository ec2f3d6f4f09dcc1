"""Drives microphone and loudspeaker, and gets over it when one of them goes away.

A device that fails is tried again, less and less often; the face is told once for each reason.
"""

from collections.abc import Callable

import trio

from ptt.client.audio_ports import AudioSink, AudioSource, Loudspeaker, Microphone
from ptt.client.tone_player import TonePlayer
from ptt.errors import AudioDeviceError
from ptt.media.frames import SILENCE
from ptt.media.mixer import mix

# Implementation
FIRST_REOPEN = 0.25  # s
LONGEST_REOPEN = 0.8  # s; a device is to be in use within a second after it came back
CLOSED_AFTER = 60.0  # s of silence; an open loudspeaker costs 2 % of a core, and keeps chips awake
LOOK_AGAIN = 0.5  # s; whether something is to sound, should nobody have said so


class _Backoff:
    """Waits that double while a device fails, and what was said about it."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._wait = FIRST_REOPEN
        self._told = ""

    def failure(self, sentence: str, *, again: bool = False) -> None:
        if again or sentence != self._told:
            self._told = sentence
            self._failed(sentence)

    async def wait(self) -> None:
        await trio.sleep(self._wait)
        self._wait = min(2 * self._wait, LONGEST_REOPEN)

    def success(self) -> None:
        self._wait, self._told = FIRST_REOPEN, ""


class MicrophoneDriver:
    """Opens the microphone while `wanted()`, closes it at once afterwards.

    `wake` must be called when `wanted()` may have changed. `lost` is called at every failure, to
    give back the floor; it says whether somebody was talking, who is then told in any case.
    `failed` gets the sentence.
    """

    def __init__(
        self,
        microphone: Microphone,
        *,
        wanted: Callable[[], bool],
        frame: Callable[[bytes], None],
        failed: Callable[[str], None],
        lost: Callable[[], bool] = lambda: False,
    ) -> None:
        self._microphone = microphone
        self._wanted = wanted
        self._frame = frame
        self._failed = failed
        self._lost = lost
        self._woken = trio.Event()
        self._in_use = trio.CancelScope()

    def use(self, microphone: Microphone) -> None:
        """This one from now on; one that is open is closed first."""
        self._microphone = microphone
        self._in_use.cancel()

    def wake(self) -> None:
        """Look again whether the microphone is wanted."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        backoff = _Backoff(self._failed)
        while True:
            while not self._wanted():
                self._woken = trio.Event()
                await self._woken.wait()
                backoff.success()  # whoever presses again is told again
            self._in_use = trio.CancelScope()
            try:
                with self._in_use:
                    async with self._microphone.open() as source:
                        await self._read(source, backoff)
            except AudioDeviceError as error:
                backoff.failure(str(error), again=self._lost())
                if self._wanted():  # else the next press opens it at once
                    await backoff.wait()

    async def _read(self, source: AudioSource, backoff: _Backoff) -> None:
        while self._wanted():
            self._frame(await source.read())
            backoff.success()


class LoudspeakerDriver:
    """Plays voices and tones as the loudspeaker asks for them.

    `played` gets what was given to the loudspeaker: frames, but while nothing sounds and a voice is
    waited for, as `waits` knows, silence in pieces as short as the loudspeaker takes them. While
    `rests()`, the loudspeaker is silent by itself and nothing is asked for, and after a minute it
    is closed; `wake` must be called when that may have changed.
    """

    def __init__(
        self,
        loudspeaker: Loudspeaker,
        *,
        voices: Callable[[float], list[bytes]],
        tones: TonePlayer,
        failed: Callable[[str], None],
        played: Callable[[bytes], None],
        waits: Callable[[float], bool] = lambda now: False,
        rests: Callable[[], bool] = lambda: False,
    ) -> None:
        self._loudspeaker = loudspeaker
        self._voices = voices
        self._tones = tones
        self._failed = failed
        self._played = played
        self._waits = waits
        self._rests = rests
        self._sink: AudioSink | None = None
        self._in_use = trio.CancelScope()
        self._woken = trio.Event()

    def use(self, loudspeaker: Loudspeaker) -> None:
        """This one from now on; the one before is closed first."""
        self._loudspeaker = loudspeaker
        self._in_use.cancel()

    def wake(self) -> None:
        """Look again whether something is to sound."""
        self._woken.set()
        if self._sink is not None:
            self._sink.stir()

    async def run(self) -> None:
        """Until cancelled."""
        backoff = _Backoff(self._failed)
        while True:
            self._in_use = trio.CancelScope()
            try:
                with self._in_use:
                    await self._open(backoff)
                    await self._sleep()
            except AudioDeviceError as error:
                backoff.failure(str(error))
                await backoff.wait()

    async def _open(self, backoff: _Backoff) -> None:
        async with self._loudspeaker.open() as self._sink:
            try:
                await self._play(self._sink, backoff)
            finally:
                self._sink = None

    async def _play(self, sink: AudioSink, backoff: _Backoff) -> None:
        """Until nothing was to sound for long."""
        while True:
            with trio.move_on_after(CLOSED_AFTER) as long:
                await sink.rest(self._is_silent)
            if long.cancelled_caught:
                return
            await sink.wanted()
            now = trio.current_time()
            frames = self._voices(now) + self._tones.next_frame()
            whole = bool(frames) or not self._waits(now)
            frame = mix(frames) if whole else SILENCE[: sink.shortest]
            sink.write(frame)
            self._played(frame)
            backoff.success()

    async def _sleep(self) -> None:
        """While nothing is to sound; the loudspeaker is closed."""
        while self._is_silent():
            self._woken = trio.Event()
            with trio.move_on_after(LOOK_AGAIN):
                await self._woken.wait()

    def _is_silent(self) -> bool:
        return self._rests() and not self._tones.sounding
