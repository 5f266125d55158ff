"""Where an error becomes an exit code and a line for the person at the terminal."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from typer.core import TyperGroup

from ..errors import HarnessError
from ..report.outcome import INTERRUPTED

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Commands(TyperGroup):
    """All commands; takes their errors before Typer makes exit codes of its own."""

    def invoke(self, ctx: Any) -> Any:
        """Call the command."""
        with exit_codes():
            return super().invoke(ctx)


@contextmanager
def exit_codes() -> Iterator[None]:
    """End the program as the error says that is raised in here."""
    try:
        yield
    except HarnessError as error:
        leave(str(error), error.exit_code)
    except KeyboardInterrupt:
        leave("interrupted", INTERRUPTED)
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read our output has had enough
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            sys.exit(INTERRUPTED)
        if error.errno not in NO_ROOM:
            raise
        leave(f"There is no room left: {error}\n  Make room there.", 4)


def leave(message: str, code: int) -> NoReturn:
    """Say why, and end the program."""
    sys.stderr.write(f"qfc-harness: {message}\n")
    sys.exit(code)
