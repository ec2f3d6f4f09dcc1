"""A window with little in it and an icon in the tray, for the tests of desktop_screen.py."""

import sys

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSystemTrayIcon,
    QVBoxLayout,
    QWidget,
)


def main() -> None:
    app = QApplication(sys.argv)
    window, key, name, said = QWidget(), QPushButton("Talk"), QLineEdit(), QLabel("silence")
    window.setWindowTitle("Small window")
    name.setAccessibleName("Your name")
    slider = QSlider(accessibleName="Threshold", value=30)
    key.pressed.connect(lambda: said.setText("speech"))
    key.released.connect(lambda: said.setText(f"{name.text()} was heard"))
    column = QVBoxLayout(window)
    for widget in (key, name, slider, said):
        column.addWidget(widget)
    picture = QPixmap(32, 32)
    picture.fill("red")
    tray = QSystemTrayIcon(QIcon(picture))
    tray.setVisible(QSystemTrayIcon.isSystemTrayAvailable())
    tray.activated.connect(lambda: said.setText("from the tray"))
    window.show()
    app.exec()


if __name__ == "__main__":
    main()
