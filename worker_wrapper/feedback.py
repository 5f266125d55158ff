"""The worker's ``feedback.json``: read with suspicion, and made storable as jsonb."""

import json
import math
from pathlib import Path
from typing import Any

from . import failures, left_files

MAXIMUM_BYTES = 64 * 1024**2
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable_text(text: str) -> str:
    """The text without what PostgreSQL's ``text`` and ``jsonb`` refuse.

    These are NUL and lone surrogates; each becomes U+FFFD.
    """
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(
            _REPLACEMENT if 0xD800 <= ord(letter) <= 0xDFFF else letter
            for letter in text
        )
    return text


def storable(value: Any) -> Any:
    """JSON data without what ``jsonb`` refuses; NaN and the infinities become null."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {storable_text(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def read(path: Path) -> dict[str, Any]:
    """The feedback that a worker left.

    :raises failures.WorkerFailed: there is none, or it can't be used
    """
    try:
        content = left_files.read(path, MAXIMUM_BYTES)
    except left_files.TooLarge as error:
        raise failures.WorkerFailed(
            failures.FEEDBACK_NOT_STORABLE, str(error)
        ) from None
    except FileNotFoundError:
        raise failures.WorkerFailed(
            failures.FEEDBACK_MISSING, f"The worker left no {path.name}."
        ) from None
    except OSError as error:
        raise failures.WorkerFailed(
            failures.FEEDBACK_MISSING,
            f"The worker's {path.name} can't be read: {error}",
        ) from error
    try:
        value = storable(json.loads(content.decode(errors="replace")))
    except (ValueError, RecursionError) as error:
        raise failures.WorkerFailed(
            failures.FEEDBACK_INVALID,
            f"{path.name} ({len(content)} bytes) is not JSON: {error}",
        ) from error
    if not isinstance(value, dict):
        raise failures.WorkerFailed(
            failures.FEEDBACK_INVALID,
            f"{path.name} holds a {type(value).__name__}, not an object.",
        )
    return value
