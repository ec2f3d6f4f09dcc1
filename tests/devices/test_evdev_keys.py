"""Keys of /dev/input: real evdev events through real descriptors, of devices that are pretended."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from ptt_devices.evdev_keys import LOOK_EVERY, NEW_DEVICES_EVERY, EvdevDevice, EvdevKeys
from ptt_devices.keys import (
    HotkeyError,
    KeyCombination,
    KeyEvent,
    Pressed,
    Purpose,
    Released,
    ReplayPressed,
)
from ptt_devices.linux_keys import Keyboards, changes, key_names

pytest.importorskip("evdev")

from evdev import InputEvent, ecodes

from tests.support.pretend_input import FakeDevice, FakeDevices

CTRL_R = KeyCombination.parse("ctrl_r")
F9 = KeyCombination.parse("f9")
MOUSE4 = KeyCombination.parse("mouse4")
DOWN, UP = Pressed(key="ctrl_r"), Released(key="ctrl_r")
KEYBOARD = [ecodes.KEY_RIGHTCTRL, ecodes.KEY_F9, ecodes.KEY_A, ecodes.KEY_LEFTALT]
MOUSE = [ecodes.BTN_LEFT, ecodes.BTN_SIDE]


async def some(presses: AsyncIterator[KeyEvent], number: int) -> list[KeyEvent]:
    with trio.fail_after(10):
        return [await anext(presses) for _ in range(number)]


async def test_a_held_key_is_pressed_once_and_released_once() -> None:
    keyboard = FakeDevice(KEYBOARD)
    async with EvdevKeys([CTRL_R], devices=FakeDevices(keyboard)).listen() as presses:
        keyboard.press(ecodes.KEY_RIGHTCTRL)
        keyboard.write(ecodes.EV_KEY, ecodes.KEY_RIGHTCTRL, 2)  # it repeats
        keyboard.press(ecodes.KEY_A)
        keyboard.release(ecodes.KEY_A)
        keyboard.release(ecodes.KEY_RIGHTCTRL)
        keyboard.press(ecodes.KEY_RIGHTCTRL)

        seen = await some(presses, 3)

    assert seen == [DOWN, UP, DOWN]


async def test_keys_for_other_purposes_are_heard_on_any_device() -> None:
    keyboard, mouse = FakeDevice(KEYBOARD), FakeDevice(MOUSE)
    devices = FakeDevices(keyboard, mouse)
    keys = EvdevKeys([CTRL_R], emergency=[MOUSE4], replay=[F9], devices=devices)
    async with keys.listen() as presses:
        mouse.press(ecodes.BTN_SIDE)
        first = await some(presses, 1)
        mouse.release(ecodes.BTN_SIDE)
        second = await some(presses, 1)
        keyboard.press(ecodes.KEY_F9)
        keyboard.release(ecodes.KEY_F9)
        keyboard.press(ecodes.KEY_RIGHTCTRL)
        rest = await some(presses, 2)

    assert first + second == [Pressed(True, "mouse4"), Released(True, "mouse4")]
    assert rest == [ReplayPressed("f9"), DOWN]


async def test_devices_without_a_key_that_matters_are_left_alone() -> None:
    keyboard, mouse = FakeDevice(KEYBOARD), FakeDevice(MOUSE)

    async with EvdevKeys([CTRL_R], devices=FakeDevices(keyboard, mouse)).listen():
        assert (keyboard.closed, mouse.closed) == (False, True)

    assert keyboard.closed


async def test_a_key_is_down_while_it_is_down_on_any_keyboard() -> None:
    one, other = FakeDevice(KEYBOARD), FakeDevice(KEYBOARD)
    async with EvdevKeys([CTRL_R], devices=FakeDevices(one, other)).listen() as presses:
        one.press(ecodes.KEY_RIGHTCTRL)
        assert await some(presses, 1) == [DOWN]
        other.press(ecodes.KEY_RIGHTCTRL)
        with trio.move_on_after(0.05):
            await anext(presses)
        one.release(ecodes.KEY_RIGHTCTRL)
        with trio.move_on_after(0.05) as still_down:
            await anext(presses)
        other.release(ecodes.KEY_RIGHTCTRL)

        assert still_down.cancelled_caught
        assert await some(presses, 1) == [UP]


async def test_a_device_that_goes_away_releases_its_key() -> None:
    keyboard, spare = FakeDevice(KEYBOARD), FakeDevice(KEYBOARD)
    devices = FakeDevices(keyboard, spare)
    async with EvdevKeys([CTRL_R], devices=devices).listen() as presses:
        keyboard.press(ecodes.KEY_RIGHTCTRL)
        await some(presses, 1)

        devices.unplug(keyboard)

        assert await some(presses, 1) == [UP]
        assert keyboard.closed
        spare.press(ecodes.KEY_RIGHTCTRL)
        assert await some(presses, 1) == [DOWN]


async def test_the_last_keyboard_may_come_back(autojump_clock: trio.testing.MockClock) -> None:
    del autojump_clock
    first, second = FakeDevice(KEYBOARD), FakeDevice(KEYBOARD)
    devices = FakeDevices(first)
    async with AsyncExitStack() as stack:
        presses = await stack.enter_async_context(EvdevKeys([CTRL_R], devices=devices).listen())
        devices.unplug(first)
        second.press(ecodes.KEY_RIGHTCTRL)
        started = trio.current_time()
        with trio.move_on_after(10 * NEW_DEVICES_EVERY):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(plug_in_later, devices, second, "/dev/input/event1")
                seen = await anext(presses)

    assert seen == DOWN
    assert trio.current_time() - started <= 1.0 + NEW_DEVICES_EVERY


async def plug_in_later(devices: FakeDevices, device: FakeDevice, path: str) -> None:
    await trio.sleep(1.0)
    devices.plug(device, path)


async def test_a_device_that_is_forbidden_at_first_is_tried_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    del autojump_clock
    keyboard, late = FakeDevice(KEYBOARD), FakeDevice(KEYBOARD)
    devices = FakeDevices(keyboard)
    path = devices.plug(late)
    devices.forbidden.add(path)
    async with EvdevKeys([CTRL_R], devices=devices).listen() as presses:
        late.press(ecodes.KEY_RIGHTCTRL)
        with trio.move_on_after(2.5 * NEW_DEVICES_EVERY) as deaf:
            await anext(presses)
        devices.forbidden.clear()
        with trio.fail_after(1.1 * NEW_DEVICES_EVERY):
            seen = await anext(presses)

    assert deaf.cancelled_caught
    assert seen == DOWN


async def test_a_release_that_nobody_heard_is_found_out(
    autojump_clock: trio.testing.MockClock,
) -> None:
    del autojump_clock
    keyboard = FakeDevice(KEYBOARD)
    async with EvdevKeys([CTRL_R], devices=FakeDevices(keyboard)).listen() as presses:
        keyboard.press(ecodes.KEY_RIGHTCTRL)
        assert await anext(presses) == DOWN
        keyboard.release(ecodes.KEY_RIGHTCTRL, heard=False)  # another program took the device
        started = trio.current_time()

        assert await anext(presses) == UP

    assert trio.current_time() - started <= 2 * LOOK_EVERY


async def test_events_that_the_kernel_dropped_leave_no_key_down() -> None:
    keyboard = FakeDevice(KEYBOARD)
    async with EvdevKeys([CTRL_R], devices=FakeDevices(keyboard)).listen() as presses:
        keyboard.press(ecodes.KEY_RIGHTCTRL)
        keyboard.release(ecodes.KEY_RIGHTCTRL, heard=False)
        keyboard.write(ecodes.EV_SYN, ecodes.SYN_DROPPED, 0)

        seen = await some(presses, 2)

    assert seen == [DOWN, UP]


async def test_without_permission_the_sentence_names_the_group() -> None:
    keyboard = FakeDevice(KEYBOARD)
    devices = FakeDevices()
    devices.forbidden.add(devices.plug(keyboard))

    with pytest.raises(HotkeyError, match="usermod -aG input"):
        async with EvdevKeys([CTRL_R], devices=devices).listen():
            pass
    keyboard.close()


async def test_without_a_keyboard_the_sentence_says_to_plug_one_in() -> None:
    with pytest.raises(HotkeyError, match="plug one in"):
        async with EvdevKeys([CTRL_R], devices=FakeDevices(FakeDevice(MOUSE))).listen():
            pass


@pytest.mark.parametrize(
    ("linux_name", "ours"),
    [
        ("KEY_RIGHTCTRL", ("ctrl_r",)),
        ("KEY_F13", ("f13",)),
        ("KEY_T", ("t",)),
        ("KEY_5", ("5",)),
        ("KEY_RIGHTALT", ("alt_r", "alt_gr")),
        ("KEY_SYSRQ", ("print_screen",)),
        ("KEY_MUTE", ("media_volume_mute",)),
        ("BTN_EXTRA", ("mouse5",)),
        ("BTN_MIDDLE", ("mouse3",)),
        ("BTN_LEFT", ()),
        ("KEY_WWW", ()),
    ],
)
def test_the_kernels_names_become_ours(linux_name: str, ours: tuple[str, ...]) -> None:
    names = ecodes.keys[ecodes.ecodes[linux_name]]

    assert key_names((names,) if isinstance(names, str) else names) == ours


def test_every_key_that_has_a_name_here_exists_in_the_kernel() -> None:
    from ptt_devices import linux_keys

    known = {
        name
        for names in ecodes.keys.values()
        for name in ([names] if isinstance(names, str) else names)
    }

    assert set(linux_keys._NAMES) <= known


def test_motion_and_repeats_are_no_changes_of_keys() -> None:
    events = [
        InputEvent(0, 0, ecodes.EV_REL, ecodes.REL_X, 1),
        InputEvent(0, 0, ecodes.EV_KEY, ecodes.KEY_A, 2),
        InputEvent(0, 0, ecodes.EV_SYN, ecodes.SYN_REPORT, 0),
        InputEvent(0, 0, ecodes.EV_MSC, ecodes.MSC_SCAN, 1),
    ]

    assert changes(events) == []


def test_the_keys_of_a_combination_may_be_on_two_devices() -> None:
    keyboards = Keyboards([(KeyCombination.parse("ctrl+mouse4"), Purpose.TALK)])

    events = [
        *keyboards.handle_change("keyboard", ("ctrl_l",), down=True),
        *keyboards.handle_change("mouse", ("mouse4",), down=True),
        *keyboards.handle_change("keyboard", ("ctrl_l",), down=False),
    ]

    assert [type(event) for event in events] == [Pressed, Released]


def test_a_key_that_was_not_heard_to_go_down_stays_up() -> None:
    keyboards = Keyboards([(CTRL_R, Purpose.TALK)])

    assert keyboards.handle_levels("keyboard", ["ctrl_r"]) == []
    assert keyboards.handle_change("keyboard", ("ctrl_r",), down=True) == [DOWN]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"), st.sampled_from(["ctrl_r", "t", "ctrl_l"]), st.integers(0, 3)
        )
    )
)
def test_presses_alternate_and_nothing_stays_down(steps: list[tuple[str, str, int]]) -> None:
    keyboards = Keyboards([(KeyCombination.parse("ctrl+t"), Purpose.TALK)])
    events: list[KeyEvent] = []

    for device, name, what in steps:
        if what == 3:
            events += keyboards.handle_levels(device, [name])
        elif what == 2:
            events += keyboards.lose(device)
        else:
            events += keyboards.handle_change(device, (name,), down=bool(what))
    for device in "AB":
        events += keyboards.lose(device)

    assert [type(event) for event in events] == [Pressed, Released] * (len(events) // 2)
    assert keyboards.holding == []


def test_evdevs_own_device_is_seen_as_ours_and_its_motion_is_asked_away() -> None:
    class Device:
        """As evdev.InputDevice, whose descriptor knows none of the kernel's orders."""

        def __init__(self, fd: int) -> None:
            self.fd = fd

        def fileno(self) -> int:
            return self.fd

        def capabilities(self) -> dict[int, list[int]]:
            return {ecodes.EV_KEY: KEYBOARD, ecodes.EV_LED: [0]}

        def read(self) -> list[InputEvent]:
            return []

        def active_keys(self) -> list[int]:
            return []

        def close(self) -> None:
            os.close(self.fd)

    device = EvdevDevice(Device(os.open(os.devnull, os.O_RDONLY)))

    assert device.all_keys() == KEYBOARD
    device.close()
