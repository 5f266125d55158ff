"""Names that look like settings of the wrapper's, but aren't: most are misspelt."""

import difflib
import logging
from collections.abc import Iterable

logger = logging.getLogger(__name__)

PREFIX = "QFIELDCLOUD_K8S_"
SHARED_PREFIX = "QFIELDCLOUD_WORKER_"
"""QFieldCloud has settings of it too, so only what is very near is misspelt."""
_NEAR = {PREFIX: 0.75, SHARED_PREFIX: 0.85}
_SERVICE = ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT")
"""Kubernetes sets such variables in each pod for the Services of its namespace."""
_told: set[str] = set()


def mistakes(seen: Iterable[str], known: Iterable[str]) -> list[str]:
    """A line for each name that is nearly a setting's; others are logged, once each.

    :param seen: names in Django's settings and in the environment
    """
    known = set(known)
    choices = sorted(name for name in known if name.startswith(PREFIX))
    lines = []
    for name in sorted(set(seen) - known):
        if not name.startswith(tuple(_NEAR)) or _is_of_a_service(name):
            continue
        nearest = _nearest(name, known)
        if nearest:
            lines.append(f"{name}: there is no such setting. Write {nearest}.")
        elif name.startswith(PREFIX) and name not in _told:
            _told.add(name)
            logger.warning(
                "%s is none of the worker wrapper's settings, which are %s.",
                name,
                ", ".join(choices),
            )
    return lines


def _nearest(name: str, known: Iterable[str]) -> str:
    # compared without the prefix, which would make all of them alike
    prefix = next(one for one in _NEAR if name.startswith(one))
    words = sorted(one[len(prefix) :] for one in known if one.startswith(prefix))
    wanted = name[len(prefix) :]
    found = difflib.get_close_matches(wanted, words, n=1, cutoff=_NEAR[prefix])
    return prefix + found[0] if found else ""


def _is_of_a_service(name: str) -> bool:
    return name.endswith(_SERVICE) or "_PORT_" in name
