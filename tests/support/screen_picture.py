"""What an Xvfb that was started with -fbdir shows, as an image: no program is needed to take it.

The file is in the format of xwd, version 7: numbers of four octets, big end first, then the colour
map, then the lines.
"""

import struct
from pathlib import Path

from PySide6.QtGui import QImage

# Specification
_HEADER = struct.Struct(">25I")
_COLOUR = 12  # octets of an entry of the colour map

# Implementation
_FILE = "Xvfb_screen0"


def screen_picture(folder: Path) -> QImage:
    """The whole screen, as it is at present."""
    octets = (folder / _FILE).read_bytes()
    header = _HEADER.unpack_from(octets)
    begin, width, height, line, colours = (header[at] for at in (0, 4, 5, 12, 19))
    lines = octets[begin + colours * _COLOUR :]
    return QImage(lines, width, height, line, QImage.Format.Format_RGB32).copy()


def save_picture(folder: Path, path: Path, area: tuple[int, int, int, int] | None = None) -> None:
    """Write the screen, or a part of it (x, y, width, height), as PNG."""
    image = screen_picture(folder)
    assert (image.copy(*area) if area else image).save(str(path)), f"{path} cannot be written"
