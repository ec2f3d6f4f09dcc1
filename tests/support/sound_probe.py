"""Real PortAudio in a process of its own, which reads the sound system's settings when it starts.

    sound_probe.py hear MICROPHONE SECONDS FILE   record it as raw 16-bit samples
    sound_probe.py play LOUDSPEAKER FILE          play raw samples to the end
    sound_probe.py list                           names of devices

Prints `open` when the device is open, then what is to be told about it, and the sentence of an
AudioDeviceError.
"""

import sys
from pathlib import Path

import trio

from ptt.client.audio_ports import FRAME_OCTETS, FRAME_SECONDS
from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import sound_system

TAIL = 10  # frames of silence, for what is still in the device


def formats(wanted: list[str]) -> list[StreamFormat] | None:
    """`44100x2` asks for that rate and so many channels."""
    if not wanted:
        return None
    rate, channels = wanted[0].split("x")
    return [StreamFormat(int(rate), int(channels))]


def told() -> None:
    print("open", *sound_system().take_notices(), sep="\n", flush=True)


async def hear(name: str, frames: int, wanted: list[str]) -> bytes:
    sound = bytearray()
    async with PortAudioMicrophone(name, formats=formats(wanted)).open() as source:
        told()
        for _ in range(frames):
            sound += await source.read()
    return bytes(sound)


async def play(name: str, sound: bytes, wanted: list[str]) -> None:
    async with PortAudioLoudspeaker(name, formats=formats(wanted)).open() as sink:
        told()
        for at in range(0, len(sound), FRAME_OCTETS):
            await sink.wanted()
            sink.write(sound[at : at + FRAME_OCTETS].ljust(FRAME_OCTETS, b"\0"))


def main() -> None:
    match sys.argv[1:]:
        case ["hear", name, seconds, file, *wanted]:
            frames = round(float(seconds) / FRAME_SECONDS)
            Path(file).write_bytes(trio.run(hear, name, frames, wanted))
        case ["play", name, file, *wanted]:
            silence = bytes(TAIL * FRAME_OCTETS)
            trio.run(play, name, Path(file).read_bytes() + silence, wanted)
        case _:
            print(*[device.name for device in sound_system().devices()], sep="\n")


if __name__ == "__main__":
    try:
        main()
    except AudioDeviceError as error:
        print(error, flush=True)
        sys.exit(1)
