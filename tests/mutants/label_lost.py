"""Leaves the label project_id out."""

from typing import Any

from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_labels: Any = RunSpec.labels.fget


def labels(self: RunSpec) -> dict[str, str]:
    return {key: value for key, value in _labels(self).items() if key != "project_id"}


RunSpec.labels = property(labels)  # type: ignore[assignment]
