"""Every text of the window is there in every language, and what is shipped is what was written."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import ptt_desktop
from ptt_desktop.language import languages, use_language
from ptt_desktop.sentences import translated

FOLDER = Path(next(iter(ptt_desktop.__path__)))
TRANSLATIONS = FOLDER / "translations"
TOOLS = Path(sys.executable).parent
FILES = sorted(TRANSLATIONS.glob("*.ts"))


def texts(path: Path) -> dict[tuple[str, str], list[str]]:
    """What is translated how, by context and source; nothing where it is unfinished."""
    found: dict[tuple[str, str], list[str]] = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            source = message.findtext("source", "")
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation] or [translation.text or ""]
            key = context.findtext("name", ""), source
            found[key] = [] if translation.get("type") else forms
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_the_source_is_translated(path: Path, tmp_path: Path) -> None:
    fresh = tmp_path / path.name
    fresh.write_bytes(path.read_bytes())
    sources = sorted(map(str, FOLDER.glob("*.py")))
    command = [TOOLS / "pyside6-lupdate", *sources, "-ts", fresh, "-no-obsolete"]
    subprocess.run(command, check=True, capture_output=True)

    assert [key for key, forms in texts(fresh).items() if not all(forms) or not forms] == []
    assert texts(fresh).keys() == texts(path).keys(), "run lupdate as translations/README.md says"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_put_into_a_text_is_put_into_its_translation(path: Path) -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{\w+\}|%n", text))

    wrong = [
        key for key, forms in texts(path).items() for form in forms if holes(form) != holes(key[1])
    ]

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_compiled_file_is_of_this_source(path: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "compiled.qm"
    command = [TOOLS / "pyside6-lrelease", path, "-qm", compiled]
    subprocess.run(command, check=True, capture_output=True)

    assert compiled.read_bytes() == path.with_suffix(".qm").read_bytes()


def test_languages_say_what_they_are_called() -> None:
    assert languages() == {"de": "Deutsch", "en": "English"}


def test_a_sentence_of_the_server_is_told_in_the_language_of_the_window(
    qtbot: QtBot, qapp: QApplication
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    use_language(qapp, "de")
    try:
        german = translated("You are not in the channel Werk 2: join it first.")
    finally:
        use_language(qapp, "en")

    assert german == "Sie sind nicht im Kanal Werk 2: Treten Sie erst bei."
    assert translated("Somebody else is talking.") == "Somebody else is talking."
