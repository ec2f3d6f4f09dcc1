from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.client.settings import Settings
from ptt.errors import AudioDeviceError, ConfigError
from ptt.media.preroll import PreRollLevel
from ptt.media.tones import Tone
from ptt_desk.preferences import (
    Devices,
    Hearing,
    Keys,
    Preferences,
    Tones,
    Voice,
    default_text,
    load_preferences,
    save_preferences,
    settings,
)
from tests.support.noise import write_noise


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "ptt.toml"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_without_a_file_everything_is_as_it_comes(path: Path) -> None:
    assert load_preferences(path) == Preferences()
    assert settings(Preferences()) == Settings()


def test_the_commented_defaults_are_the_defaults(path: Path) -> None:
    text = default_text()

    assert load_preferences(written(path, text)) == Preferences()
    keys = [line for line in text.splitlines() if " = " in line and not line.startswith("#")]
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert len(comments) == len(keys) + 1


def test_what_is_saved_is_loaded(path: Path) -> None:
    chosen = Preferences(
        devices=Devices(microphone='USB "Headset"', loudspeaker="Büro"),
        keys=Keys(talk=("f9", "mouse4"), emergency="f12", latch_ms=0, way="evdev"),
        voice=Voice(hands_free=True, hang_over_ms=700, preroll="always-warm"),
        tones=Tones(volume_db=-6.0, off=("ended", "lost")),
        hearing=Hearing(volumes={"Anna B.": -3.5}, ducking_db=12.0),
    )

    save_preferences(chosen, path)

    assert load_preferences(path) == chosen


def test_what_a_person_wrote_stays_where_it_is(path: Path) -> None:
    written(path, "# mine\n[voice]\nhang_over_ms = 400  # I think slowly\n")
    former = load_preferences(path)

    save_preferences(msgspec.structs.replace(former, keys=Keys(talk=("f9",))), path)

    assert path.read_text().startswith("# mine\n[voice]\nhang_over_ms = 400  # I think slowly\n")
    assert load_preferences(path).voice.hang_over_ms == 400
    assert load_preferences(path).keys.talk == ("f9",)


WRONG = [
    ("[voic]", 'unknown key "voic": did you mean "voice"?'),
    ("[voice]\nhang_over = 3", 'unknown key "hang_over" in [voice]: did you mean "hang_over_ms"?'),
    ("[voice]\nzzz = 3", 'unknown key "zzz" in [voice] (known: hands_free, '),
    ('[voice]\nhang_over_ms = "x"', '"hang_over_ms" in [voice] must be a whole number.'),
    ("[voice]\nhang_over_ms = 30", '"hang_over_ms" in [voice] must be a whole number of at least'),
    ("[voice]\nonset_ms = 60", "make the onset at least as long"),
    ('[keys]\nway = "x12"', '"way" in [keys] must be one of auto, x11, '),
    ('[keys]\ntalk = "f9"', '"talk" in [keys] must be a list in brackets.'),
    ('[keys]\ntalk = ["f99"]', "There is no key 'f99'"),
    ('[keys]\nemergency = "f99"', "There is no key 'f99'"),
    ('[tones]\noff = ["grantd"]', 'there is no tone "grantd": did you mean "granted"?'),
    ('[tones.files]\nx = "y.wav"', 'there is no tone "x"'),
    ("[hearing.volumes]\nAnna = 99", '"volumes" in [hearing] must be a number of at most 12.0.'),
    ("voice = 3", "[voice] must be a table."),
    ("x =", "is not TOML"),
    ("[devices]\nmicrophone = 'a\x00b'", "is not TOML"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_is_named(text: str, words: str, path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_preferences(written(path, text))

    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_preferences(tmp_path)
    blocked = written(tmp_path / "file", "") / "ptt.toml"
    with pytest.raises(ConfigError, match="Not a directory"):
        save_preferences(Preferences(keys=Keys(talk=("f9",))), blocked)


@given(st.text(max_size=200) | st.text(max_size=50).map("[voice]\n{}".format))
def test_no_text_is_worse_than_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(ConfigError):
        load_preferences(path)


def test_preferences_mean_something_to_the_engine(tmp_path: Path) -> None:
    write_noise(tmp_path / "yes.wav", 0.1)
    preferences = Preferences(
        voice=Voice(hang_over_ms=700, least_dbfs=-40.0, preroll="off", gain_control=True),
        tones=Tones(volume_db=-6.0, off=("lost",), files={"granted": str(tmp_path / "yes.wav")}),
        hearing=Hearing(volumes={"Anna": -3.0}, ducking_db=12.0),
        devices=Devices(latency="low"),
    )

    meant = settings(preferences)

    assert meant.voice.hang_over == pytest.approx(0.7)
    assert meant.voice.least_level == -40.0
    assert meant.preroll is PreRollLevel.OFF
    assert (meant.gain_control, meant.tone_volume, meant.ducking) == (True, -6.0, 12.0)
    assert meant.tones == frozenset(Tone) - {Tone.LOST}
    assert len(meant.tone_sounds[Tone.GRANTED]) == 9600
    assert meant.volumes == {"Anna": -3.0}
    assert meant.low_delay


def test_a_tone_must_be_a_short_file(tmp_path: Path) -> None:
    long = write_noise(tmp_path / "long.wav", 3.0)

    with pytest.raises(ConfigError, match="too long for a tone"):
        settings(Preferences(tones=Tones(files={"granted": str(long)})))
    with pytest.raises(AudioDeviceError, match=r"none.wav is not a readable WAV file"):
        settings(Preferences(tones=Tones(files={"granted": str(tmp_path / "none.wav")})))
