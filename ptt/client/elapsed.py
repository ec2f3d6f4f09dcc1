"""A clock that goes on while the computer sleeps, which Trio's does not on Linux and macOS."""

import sys
import time

if sys.platform == "linux":

    def elapsed() -> float:
        """Seconds since some moment, those of a suspended machine included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
elif sys.platform == "darwin":

    def elapsed() -> float:
        """Seconds since some moment, those of a suspended machine included."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # mach_continuous_time
else:

    def elapsed() -> float:
        """Seconds since some moment, those of a suspended machine included."""
        return time.monotonic()  # GetTickCount64, which counts them
