"""Widgets without a screen; set before Qt is loaded."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
