"""Passes its own environment on to the worker."""

import os
from dataclasses import replace
from typing import Any

from worker_wrapper.job_run import JobRun as Original
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_spec = Original._spec


def spec(self: Original, *args: Any) -> RunSpec:
    made = _spec(self, *args)
    return replace(made, env={**os.environ, **made.env})


Original._spec = spec  # type: ignore[method-assign]
