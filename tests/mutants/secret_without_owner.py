"""Makes the Secret without its owner: it stays when the Job goes."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.wrapper import *  # noqa: F403

_secret = manifest.secret


def unowned(*args: Any) -> dict[str, Any]:
    body = _secret(*args)
    del body["metadata"]["ownerReferences"]
    return body


manifest.secret = unowned
