"""Signals by name and number, as the engine reads them."""

import signal

_BY_NAME = {each.name.removeprefix("SIG"): each.value for each in signal.Signals}
_BY_NAME |= {"RTMIN": 34, "RTMAX": 64}
_BY_NAME |= {f"RTMIN+{n}": 34 + n for n in range(1, 16)}
_BY_NAME |= {f"RTMAX-{n}": 64 - n for n in range(1, 15)}


class UnknownSignalError(ValueError):
    """No such signal; the text is the engine's."""


def parse_signal(text: str) -> int:
    """``SIGTERM``, ``term`` or ``15``; raises UnknownSignalError.

    A number is taken as it is, except 0: whether the kernel has such a signal is
    asked later (see `exists`).
    """
    if text.isascii() and text.isdigit():
        if int(text) == 0:
            raise UnknownSignalError(f"Invalid signal: {text}")
        return int(text)
    try:
        return _BY_NAME[text.upper().removeprefix("SIG")]
    except KeyError:
        raise UnknownSignalError(f"Invalid signal: {text}") from None


def exists(signum: int) -> bool:
    """Whether the engine's platform has a signal of this number."""
    return signum in _BY_NAME.values()
