"""Which words reach the terminal."""

import subprocess
import sys

PROGRAM = """
import os, sys
from ptt_devices.quiet import quiet_libraries
os.write(2, b"library before\\n")
with quiet_libraries():
    os.write(2, b"library within\\n")
    print("python within", file=sys.stderr)
os.write(2, b"library after\\n")
print("python after", file=sys.stderr)
"""


def test_only_python_speaks_within() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert done.stderr.splitlines() == [
        "library before",
        "python within",
        "library after",
        "python after",
    ]
