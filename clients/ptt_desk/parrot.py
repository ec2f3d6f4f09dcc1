"""Hear yourself back: what the microphone took in, out of the loudspeaker again. Goes nowhere."""

from collections.abc import Sequence

from ptt.client.audio_ports import Loudspeaker

# Implementation
REST = 15  # frames of silence at the end, so that a device plays the last words out


async def play(loudspeaker: Loudspeaker, frames: Sequence[bytes]) -> None:
    """All of them, and come back when they are heard. Raises AudioDeviceError."""
    async with loudspeaker.open() as sink:
        for frame in [*frames, *[bytes(len(frames[0]))] * REST]:
            await sink.wanted()
            sink.write(frame)
