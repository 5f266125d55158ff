"""Reads a log that broke off from its beginning, after what it has already."""

from collections.abc import Callable, Iterable

from worker_wrapper import logs
from worker_wrapper.wrapper import *  # noqa: F403


def copy(
    begin: Callable[[], Iterable[bytes]],
    log: logs.BoundedLog,
    goes_on: Callable[[Exception], bool],
) -> None:
    """Until it comes to the end."""
    while True:
        try:
            for chunk in begin():
                log.write(chunk)
        except Exception as error:
            if not goes_on(error):
                raise
        else:
            return


logs.copy = copy
