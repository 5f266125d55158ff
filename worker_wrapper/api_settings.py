"""How long the wrapper listens to a backend's API, and how long it goes on asking."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import setting_values as values


@dataclass(frozen=True)
class ApiSettings:
    """Times of both backends' APIs, in seconds."""

    timeout_s: int = 30
    """A call that is silent for so long is given up, and tried again."""
    patience_s: int = 120
    """For so long a call is tried again; then the job fails."""
    watch_s: int = 30
    """A watch (Docker: a wait) is renewed after so long: it may be dead unnoticed."""


def read(get: Callable[[str, int, Callable[[Any], int]], int]) -> ApiSettings:
    """Of the settings that ``get`` knows, by name, default and converter."""
    default = ApiSettings()
    return ApiSettings(
        timeout_s=get(
            "QFIELDCLOUD_WORKER_API_TIMEOUT_S", default.timeout_s, values.whole(1, 600)
        ),
        patience_s=get(
            "QFIELDCLOUD_WORKER_API_PATIENCE_S",
            default.patience_s,
            values.whole(0, 3600),
        ),
        watch_s=get(
            "QFIELDCLOUD_WORKER_WATCH_S", default.watch_s, values.whole(1, 600)
        ),
    )
