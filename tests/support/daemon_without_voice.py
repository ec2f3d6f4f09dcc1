"""`pttd` with a floor server that relays nothing: `python daemon_without_voice.py DATA PORT`."""

import sys
from pathlib import Path

from ptt.errors import PttError
from ptt.switchboard.config import Config, load_config
from ptt.switchboard.daemon import run_daemon
from ptt.switchboard.logs import make_log

FLOOR_SERVER = Path(__file__).with_name("fake_floor_server.py")


def main() -> None:
    data, port = Path(sys.argv[1]), int(sys.argv[2])
    file = data / "pttd.toml"

    def read() -> Config:
        path = file if file.exists() else Path("/dev/null")
        return load_config(path, data=data, port=port, host="127.0.0.1")

    try:
        run_daemon(read(), read, make_log(), [sys.executable, str(FLOOR_SERVER)])
    except PttError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
