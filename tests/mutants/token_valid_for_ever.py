"""Leaves the worker's token to expire by itself."""

from typing import Any

from worker_wrapper import qfieldcloud
from worker_wrapper.wrapper import *  # noqa: F403


def expire_token(token: Any) -> None:
    """It will."""


qfieldcloud.expire_token = expire_token
