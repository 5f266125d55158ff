"""Reads a log only at its end: what was rotated away by then is lost."""

from collections.abc import Iterator
from typing import Any

from worker_wrapper.followed_log import FollowedLog
from worker_wrapper.kubernetes_backend import KubernetesBackend
from worker_wrapper.wrapper import *  # noqa: F403


def nothing() -> Iterator[bytes]:
    return iter(())


def not_followed(self: KubernetesBackend, *_: Any) -> FollowedLog:
    return FollowedLog(nothing, self._keep)


KubernetesBackend._follow = not_followed  # type: ignore[method-assign]
