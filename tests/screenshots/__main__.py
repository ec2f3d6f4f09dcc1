"""Pictures of the window in every state: `make screenshots`.

    python -m tests.screenshots          out/screenshots/STATE-LANGUAGE-COLOURS-SCALE.png
    python -m tests.screenshots --readme  and those of README anew

Exit code 1 if a text is cut, or two things overlap.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.screenshots.scenes import SCENES
from tests.support.virtual_display import virtual_display
from tests.support.virtual_sound import virtual_sound

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "screenshots"
PICTURES = ROOT / "clients" / "ptt_desktop" / "pictures"
SCALES = {"100": "1", "200": "2"}
SCREEN = 2000, 2400
OF_README = "en-light-100"


def main(arguments: Sequence[str]) -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    unfitting = [line for scale in SCALES for line in _photographed(scale)]
    print("\n".join(unfitting))
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}, {len(unfitting)} things do not fit.")
    if "--readme" in arguments:
        _renew_pictures()
    return 1 if unfitting else 0


def _photographed(scale: str) -> list[str]:
    """What the photographer said."""
    with (
        tempfile.TemporaryDirectory(prefix="ptt-screens-") as name,
        virtual_display(SCREEN) as display,
        virtual_sound(
            Path(name) / "sound", microphones=["Headset"], loudspeakers=["Loudspeakers"]
        ) as sound,
    ):
        environment = {
            **os.environ,
            **sound.environment,
            **display.environment,
            "XDG_CONFIG_HOME": name,
            "XDG_DATA_HOME": name,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": SCALES[scale],
            "LC_ALL": "C.UTF-8",
        }
        command = [sys.executable, "-m", "tests.screenshots.photographer", str(OUT), scale]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    return done.stdout.splitlines()


def _renew_pictures() -> None:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    for scene in SCENES:
        if scene.readme:
            shutil.copy(OUT / f"{scene.name}-{OF_README}.png", PICTURES / f"{scene.name}.png")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
