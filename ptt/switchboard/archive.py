"""A backup is one tar file: the database and, only if asked for, the server's key.

data folder --copy--> FILE: ptt.sqlite3 [server-key.pem server-certificate.pem]
FILE --unpack, check--> beside the data --rename--> data folder; the former goes to a folder there

Of a tar file that is read only these names are taken, and never its paths, owners or modes.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ptt.errors import StoreError
from ptt.security.server_key import CERTIFICATE_FILE, KEY_FILE, load_or_make
from ptt.switchboard.setting_up import load_server_key
from ptt.switchboard.store.copies import FILE_NAMES, check_copy, copy_database
from ptt.switchboard.store.sqlite import FILE_NAME

# Implementation
KEY_FILES = (KEY_FILE, CERTIFICATE_FILE)
MAX_MEMBER = 1 << 40  # octets; more is no database of ours


def write_archive(data: Path, file: Path, *, with_key: bool, force: bool) -> None:
    """Back up the folder `data` into `file`, mode 0600, whole or not at all; raises PttError."""
    if file.exists() and not force:
        raise StoreError(f"{file} is there already: choose another name, or overwrite it: --force.")
    with _folder_beside(file) as folder:
        copy_database(data, folder / FILE_NAME)
        names = [FILE_NAME]
        if with_key:
            load_server_key(data)
            names += KEY_FILES
            for name in KEY_FILES:
                shutil.copyfile(data / name, folder / name)
        packed = folder / "backup.tar"
        _pack(packed, [folder / name for name in names])
        packed.replace(file)


def _pack(packed: Path, members: list[Path]) -> None:
    with open(os.open(packed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as whole:
        with tarfile.open(fileobj=whole, mode="w") as archive:
            for member in members:
                archive.add(member, member.name, filter=_without_owner)
        whole.flush()
        os.fsync(whole.fileno())


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def read_archive(file: Path, data: Path, *, force: bool) -> tuple[bool, Path | None]:
    """Put what `file` holds in the place of what `data` holds; nobody else may use `data` now.

    Returns whether the server's key was in it, and where the former files are, if there were any.
    Raises PttError; whatever is wrong with `file` is found before anything is changed.
    """
    with _folder_beside(data / FILE_NAME) as folder:
        names = _unpack(file, folder)
        check_copy(folder / FILE_NAME, file)
        if KEY_FILE in names:
            load_or_make(folder)  # raises ConfigError for a key that cannot be used
            names = [FILE_NAME, *KEY_FILES]
        replaced = _replaced(data, names)
        if replaced and not force:
            raise StoreError(
                f"{replaced[0]} is there already: restore into another folder with --data, or "
                "move the former files aside: --force."
            )
        aside = _move_aside(data, replaced)
        for name in names:
            (folder / name).replace(data / name)
        _sync(data)
    return KEY_FILE in names, aside


def _unpack(file: Path, folder: Path) -> list[str]:
    names = []
    try:
        with tarfile.open(file, "r:") as archive:
            for member in archive:
                if member.name in (FILE_NAME, *KEY_FILES) and member.size <= MAX_MEMBER:
                    _unpack_member(archive, member, folder / member.name)
                    names.append(member.name)
    except OSError as error:
        raise StoreError(f"{file} cannot be read ({error.strerror}): name another file.") from error
    except (tarfile.TarError, EOFError) as error:
        raise StoreError(f"{file} is not a whole backup of pttd ({error}).") from error
    if FILE_NAME not in names:
        raise StoreError(f"{file} is not a backup of pttd: there is no {FILE_NAME} in it.")
    return names


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Raises TarError for anything that is not a file, is twice there, or is cut short."""
    octets = archive.extractfile(member) if member.isreg() else None
    if octets is None or target.exists():
        raise tarfile.TarError(f"{member.name} is no single file in it")
    with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        shutil.copyfileobj(octets, out)
        out.flush()
        os.fsync(out.fileno())


def _replaced(data: Path, names: list[str]) -> list[Path]:
    """What lies where the files would come."""
    own = FILE_NAMES + (KEY_FILES if KEY_FILE in names else ())
    return [data / name for name in own if (data / name).exists()]


def _move_aside(data: Path, former: list[Path]) -> Path | None:
    if not former:
        return None
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{stamp}-", dir=data))
    for path in former:
        path.replace(aside / path.name)
    return aside


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """A folder for us alone on the disk of `file`: from there a file gets its name at once."""
    try:
        with tempfile.TemporaryDirectory(prefix=".ptt-", dir=file.absolute().parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise StoreError(f"{file} cannot be written ({error.strerror}): check its disk.") from error


def _sync(folder: Path) -> None:
    """The new names last over a power cut; Windows has no such call."""
    if hasattr(os, "O_DIRECTORY"):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
