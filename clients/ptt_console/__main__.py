"""`python -m ptt_console` is `ptt`."""

from ptt_console.cli import main

if __name__ == "__main__":
    main()
