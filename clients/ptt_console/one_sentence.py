"""How every command fails: one sentence on standard error and exit code 1."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ptt.errors import PttError


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn every error of ours into its sentence and exit code 1."""
    try:
        yield
    except PttError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except BrokenPipeError:  # nobody reads what we print, as in `ptt talk | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
