"""Takes the wrapping off errors that come out of a nursery."""

from collections.abc import Iterator
from contextlib import contextmanager

from ptt.errors import PttError


@contextmanager
def lone_errors() -> Iterator[None]:
    """Raise the error inside a group of one, so that callers need no `except*`.

    Several of our own errors at once (both halves of a lost connection): the first. Any other
    group of several is raised as it is.
    """
    try:
        yield
    except BaseExceptionGroup as group:
        errors = list(_leaves(group))
        if len(errors) == 1 or all(isinstance(error, PttError) for error in errors):
            raise errors[0] from errors[0].__cause__
        raise


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
