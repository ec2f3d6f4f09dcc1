"""In place of the hook that PyInstaller brings, which looks for a package of the name webrtcvad."""

from PyInstaller.utils.hooks import copy_metadata

datas = copy_metadata("webrtcvad-wheels")
