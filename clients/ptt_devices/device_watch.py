"""Moves open streams when the machine's devices are others than before, and tells people of it.

signs --changed--> SoundSystem.note_change --as soon as nobody hears it--> SoundSystem.follow
"""

from collections.abc import Callable

import trio

from ptt.errors import AudioDeviceError
from ptt_devices.device_signs import FileSigns, ListedSigns, Settled, device_signs
from ptt_devices.portaudio import SoundSystem, off_the_loop
from ptt_devices.wake_up import WakeUp

# Implementation
LOOK_EVERY = 0.25  # s; a change is believed when the next look finds no other


async def follow_devices(
    system: SoundSystem,
    talking: Callable[[], bool],
    told: Callable[[str], None],
    signs: FileSigns | ListedSigns | None = None,
) -> None:
    """Until cancelled: streams go to the devices that their names mean now.

    `talking`: whether somebody waits for, or hears, our microphone; `told` gets sentences.
    """
    signs = signs or device_signs()
    system.talking = talking
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_tell, system, told)
        if isinstance(signs, ListedSigns):
            nursery.start_soon(signs.run)
        settled = Settled(signs)
        while True:
            await trio.sleep(LOOK_EVERY)
            if settled.changed():
                system.note_change()
            if system.wants_to_follow:
                await _follow(system)


async def _follow(system: SoundSystem) -> None:
    try:
        await off_the_loop(system.follow)
    except AudioDeviceError:
        system.doubt()  # whoever uses a stream hears of it there


async def _tell(system: SoundSystem, told: Callable[[str], None]) -> None:
    bell = WakeUp()
    system.noticed = bell.set
    try:
        while True:
            for sentence in system.take_notices():
                told(sentence)
            await bell.wait()
    finally:
        bell.close()
