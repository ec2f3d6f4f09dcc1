"""The window of ptt: channels, floor and one big key, in Qt widgets.

Everything runs in Qt's thread. Trio is a guest of Qt's loop, so its tasks touch widgets as they
please; a slot of Qt asks Trio through `tasks.py` and never waits.
"""
