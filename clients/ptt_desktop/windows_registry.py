"""The registry of Windows below HKEY_CURRENT_USER, as texts. The only file that knows winreg."""

import sys

if sys.platform == "win32":
    import winreg
    from collections.abc import Iterator
    from contextlib import contextmanager

    from ptt_desktop.links import LinksError

    class WindowsRegistry:
        """Implements Registry. Raises LinksError where this person may not write."""

        def read(self, key: str, name: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    return str(winreg.QueryValueEx(opened, name)[0])
            except OSError:
                return None

        def write(self, key: str, name: str, value: str) -> None:
            with _refusals(key), winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def forget(self, key: str, name: str) -> None:
            if self.read(key, name) is None:
                return
            access = winreg.KEY_SET_VALUE
            with _refusals(key), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, access) as opened:
                winreg.DeleteValue(opened, name)

        def forget_all(self, key: str) -> None:
            for below in self._below(key):
                self.forget_all(rf"{key}\{below}")
            with _refusals(key):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)

        def _below(self, key: str) -> list[str]:
            with _refusals(key), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return [winreg.EnumKey(opened, at) for at in range(winreg.QueryInfoKey(opened)[0])]

    @contextmanager
    def _refusals(key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            return
        except OSError as error:
            raise LinksError(f"The registry refuses {key}: {error.strerror}.") from error
