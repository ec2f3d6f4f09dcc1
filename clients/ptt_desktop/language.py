"""The window's language: one file ptt_LANGUAGE.qm each, and Qt's own texts beside it.

Another language needs no code: translate translations/ptt_LANGUAGE.ts and compile it.
"""

from importlib import resources
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

# Implementation
OWN = "en"  # that of the source


def languages() -> dict[str, str]:
    """Codes of those there are, and how each calls itself."""
    codes = sorted({OWN, *(path.stem.removeprefix("ptt_") for path in _folder().glob("*.qm"))})
    return {code: _native_name(code) for code in codes}


def use_language(app: QApplication, code: str) -> None:
    """Show everything in it; "" is the language of the desktop, English where there is none."""
    locale = QLocale(code) if code else QLocale.system()
    QLocale.setDefault(locale)
    for former in app.findChildren(QTranslator):
        app.removeTranslator(former)
        former.deleteLater()
    _install(app, locale, "qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    _install(app, locale, "ptt", str(_folder()))


def _native_name(code: str) -> str:
    if code == OWN:
        return "English"  # Qt calls it American
    return QLocale(code).nativeLanguageName() or code


def _install(app: QApplication, locale: QLocale, name: str, folder: str) -> None:
    translator = QTranslator(app)
    if translator.load(locale, name, "_", folder):
        app.installTranslator(translator)


def _folder() -> Path:
    return Path(str(resources.files("ptt_desktop"))) / "translations"
