"""Runs a benchmark's load where it cannot leave: in a network of its own that has only loopback.

Linux: `unshare -n`, as root or in a namespace of users. Elsewhere, or where that is forbidden,
nothing is run, except what refuses by itself every destination that is not loopback.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

# Specification
_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914  # <linux/sockios.h>
_IFF_UP = 1
_IFREQ = struct.Struct("16sh22x")

# Implementation
PATIENCE = 600.0  # s
SHARED = "--shared-network"  # the first argument of what runs in the machine's own network


def run_apart(module: str, *arguments: str, patience: float = PATIENCE) -> bytes:
    """What `python -m MODULE` prints in a network of its own; raises SystemExit if it fails."""
    return _run(_unshare(), module, *arguments, patience=patience)


def run_on_loopback(module: str, *arguments: str) -> bytes:
    """The same for a module that checks its destinations: where no network can be had, without.

    Then its first argument is SHARED, and a sentence says so.
    """
    if _may_unshare():
        return run_apart(module, *arguments)
    print(f"{module}: no network of its own is allowed here; all goes to loopback", file=sys.stderr)
    return _run([], module, SHARED, *arguments)


def _unshare() -> list[str]:
    users = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *users, "-n"]


def _may_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_unshare(), "true"], capture_output=True, check=False).returncode == 0


def _run(prefix: list[str], module: str, *arguments: str, patience: float = PATIENCE) -> bytes:
    command = [*prefix, sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=patience)
    if done.returncode:
        raise SystemExit(f"{module} failed in a network of its own (is unshare -n allowed?)")
    return done.stdout


def enter_loopback() -> None:
    """Bring loopback up; raises SystemExit if this network has anything else."""
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    if others:
        raise SystemExit(f"This load runs only in a network of its own, not beside {others}.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _IFREQ.pack(b"lo", 0))
        _, flags = _IFREQ.unpack(asked)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _IFREQ.pack(b"lo", flags | _IFF_UP))
