"""Names that look like settings of the wrapper's, but aren't: most are misspelt."""

import difflib
import logging
from collections.abc import Iterable

logger = logging.getLogger(__name__)

PREFIX = "QFIELDCLOUD_K8S_"
_SERVICE = ("_SERVICE_HOST", "_SERVICE_PORT", "_PORT")
"""Kubernetes sets such variables in each pod for the Services of its namespace."""
_told: set[str] = set()


def mistakes(seen: Iterable[str], known: Iterable[str]) -> list[str]:
    """A line for each name that is nearly a setting's; others are logged, once each.

    :param seen: names in Django's settings and in the environment
    """
    choices = sorted(name for name in known if name.startswith(PREFIX))
    lines = []
    for name in sorted(set(seen) - set(choices)):
        if not name.startswith(PREFIX) or _is_of_a_service(name):
            continue
        nearest = _nearest(name, choices)
        if nearest:
            lines.append(f"{name}: there is no such setting. Write {nearest}.")
        elif name not in _told:
            _told.add(name)
            logger.warning(
                "%s is none of the worker wrapper's settings, which are %s.",
                name,
                ", ".join(choices),
            )
    return lines


def _nearest(name: str, choices: list[str]) -> str:
    # compared without the prefix, which would make all of them alike
    words = {choice.removeprefix(PREFIX): choice for choice in choices}
    wanted = name.removeprefix(PREFIX)
    found = difflib.get_close_matches(wanted, words, n=1, cutoff=0.75)
    return words[found[0]] if found else ""


def _is_of_a_service(name: str) -> bool:
    return name.endswith(_SERVICE) or "_PORT_" in name
