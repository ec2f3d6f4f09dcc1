"""A library that behaves as PortAudio through sounddevice does: it knows what it saw at first."""

from types import ModuleType, SimpleNamespace
from typing import Any

from ptt_devices.conversion import StreamFormat


class PortAudioError(Exception):
    pass


class Library(ModuleType):
    """Knows the devices that were `plugged` in when it was initialised, as PortAudio does."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        super().__init__("library")
        self.plugged = ["Headset", "Screen"]
        self.works = True
        self.refused: set[int] = set()  # rates that no device takes
        self.refused_devices: set[int] = set()
        self.default = 0
        self.looks = 0
        self.open: list[RawStream] = []
        self._known: list[str] | None = list(self.plugged)
        self._lib = SimpleNamespace(
            Pa_GetDefaultInputDevice=lambda: self.default,
            Pa_GetDefaultOutputDevice=lambda: self.default,
        )

    def _terminate(self) -> None:
        if self._known is None:
            raise PortAudioError("PortAudio not initialized")
        assert self.open == [], "PortAudio would kill these streams"
        self._known = None

    def _initialize(self) -> None:
        self.looks += 1
        if not self.works:
            raise PortAudioError("Unanticipated host error")
        self._known = list(self.plugged)

    def query_hostapis(self) -> list[dict[str, Any]]:
        if self._known is None:
            raise PortAudioError("PortAudio not initialized")
        return [{"name": "ALSA"}]

    def query_devices(self) -> list[dict[str, Any]]:
        rest = {"max_input_channels": 2, "max_output_channels": 2, "default_samplerate": 44_100.0}
        return [{"name": name, "hostapi": 0, **rest} for name in self._known or []]

    def RawInputStream(self, **how: Any) -> "RawStream":  # noqa: ANN401, N802
        return RawStream(self, how)

    RawOutputStream = RawInputStream


class RawStream:
    def __init__(self, library: Library, how: dict[str, Any]) -> None:
        if how["samplerate"] in library.refused:
            raise PortAudioError("Invalid sample rate")
        if how["device"] in library.refused_devices:
            raise PortAudioError("Device unavailable")
        self.how = how
        self.alive = True
        self._library = library

    def start(self) -> None:
        self._library.open.append(self)

    def abort(self, ignore_errors: bool) -> None:
        assert self.alive, "PortAudio would cancel a thread that is ending"
        self.how["finished_callback"]()

    def stop(self, ignore_errors: bool) -> None:
        assert not self.alive, "PortAudio would play the rest first"

    def close(self, ignore_errors: bool) -> None:
        if self in self._library.open:
            self._library.open.remove(self)

    def vanish(self) -> None:
        self.alive = False
        self.how["finished_callback"]()


class Line:
    def __init__(self) -> None:
        self.formats: list[StreamFormat] = []
        self.ended = 0

    def begin(self, stream_format: StreamFormat) -> None:
        self.formats.append(stream_format)

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        pass

    def end(self) -> None:
        self.ended += 1


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
