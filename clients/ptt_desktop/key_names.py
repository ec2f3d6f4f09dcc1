"""From a key that Qt heard to its name in the preferences (ptt_devices.keys). Pure."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

# Specification: key codes of X11's evdev rules, virtual keys of Windows and of macOS
_SIDES = {
    "linux": {37: "ctrl_l", 105: "ctrl_r", 50: "shift_l", 62: "shift_r", 64: "alt_l"}
    | {108: "alt_r", 133: "cmd_l", 134: "cmd_r"},
    "win32": {0xA2: "ctrl_l", 0xA3: "ctrl_r", 0xA0: "shift_l", 0xA1: "shift_r"}
    | {0xA4: "alt_l", 0xA5: "alt_gr", 0x5B: "cmd_l", 0x5C: "cmd_r"},
    "darwin": {0x3B: "ctrl_l", 0x3E: "ctrl_r", 0x38: "shift_l", 0x3C: "shift_r"}
    | {0x3A: "alt_l", 0x3D: "alt_r", 0x37: "cmd_l", 0x36: "cmd_r"},
}

_K = Qt.Key
_NAMES = {
    _K.Key_Control: "ctrl",
    _K.Key_Shift: "shift",
    _K.Key_Alt: "alt",
    _K.Key_AltGr: "alt_gr",
    _K.Key_Meta: "cmd",
    _K.Key_Super_L: "cmd_l",
    _K.Key_Super_R: "cmd_r",
    _K.Key_Space: "space",
    _K.Key_Tab: "tab",
    _K.Key_Return: "enter",
    _K.Key_Enter: "enter",
    _K.Key_Escape: "esc",
    _K.Key_Backspace: "backspace",
    _K.Key_Delete: "delete",
    _K.Key_Insert: "insert",
    _K.Key_Home: "home",
    _K.Key_End: "end",
    _K.Key_PageUp: "page_up",
    _K.Key_PageDown: "page_down",
    _K.Key_Up: "up",
    _K.Key_Down: "down",
    _K.Key_Left: "left",
    _K.Key_Right: "right",
    _K.Key_Pause: "pause",
    _K.Key_Print: "print_screen",
    _K.Key_ScrollLock: "scroll_lock",
    _K.Key_NumLock: "num_lock",
    _K.Key_CapsLock: "caps_lock",
    _K.Key_Menu: "menu",
    _K.Key_MediaTogglePlayPause: "media_play_pause",
    _K.Key_MediaNext: "media_next",
    _K.Key_MediaPrevious: "media_previous",
    _K.Key_VolumeUp: "media_volume_up",
    _K.Key_VolumeDown: "media_volume_down",
    _K.Key_VolumeMute: "media_volume_mute",
}
_MODIFIERS = {
    Qt.KeyboardModifier.ControlModifier: "ctrl",
    Qt.KeyboardModifier.AltModifier: "alt",
    Qt.KeyboardModifier.ShiftModifier: "shift",
    Qt.KeyboardModifier.MetaModifier: "cmd",
}
_MOUSE = {
    Qt.MouseButton.MiddleButton: "mouse3",
    Qt.MouseButton.BackButton: "mouse4",
    Qt.MouseButton.ForwardButton: "mouse5",
}


def key_name(event: QKeyEvent, platform: str = sys.platform) -> str:
    """Of this one key, sides told apart where the system does; "" if it has no name here."""
    code = event.nativeScanCode() if platform == "linux" else event.nativeVirtualKey()
    key = Qt.Key(event.key())
    if key in _NAMES:
        sided = _SIDES.get(platform, {}).get(code, "")
        modifier = _NAMES[key] in ("ctrl", "shift", "alt", "alt_gr", "cmd")
        return sided if sided and modifier else _NAMES[key]
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F20:
        return f"f{key - Qt.Key.Key_F1 + 1}"
    text = event.text().casefold()
    return text if text.isprintable() and not text.isspace() and len(text) == 1 else ""


def with_modifiers(name: str, modifiers: Qt.KeyboardModifier) -> str:
    """The combination of what is held beside it."""
    held = [word for flag, word in _MODIFIERS.items() if flag in modifiers]
    return "+".join([*held, name])


def mouse_name(button: Qt.MouseButton) -> str:
    """Of the middle and the side buttons; "" for those that one clicks with."""
    return _MOUSE.get(button, "")
