"""Takes white space off both ends of every secret."""

from typing import Any

from worker_wrapper import qfieldcloud
from worker_wrapper.wrapper import *  # noqa: F403

_secret_environment = qfieldcloud.secret_environment


def secret_environment(job: Any) -> tuple[dict[str, str], list[str]]:
    variables, names = _secret_environment(job)
    return {name: value.strip() for name, value in variables.items()}, names


qfieldcloud.secret_environment = secret_environment
