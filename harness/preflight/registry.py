"""All checks, by their ids; every one of them has to give a result."""

from collections.abc import Mapping
from dataclasses import replace

from .catalogue import (
    admission,
    cluster,
    jobs,
    namespace,
    network,
    nodes,
    own,
    rights,
    settings,
    storage,
)
from .catalogue.check import Check

PARTS = (
    cluster,
    rights,
    admission,
    storage,
    nodes,
    network,
    settings,
    namespace,
    jobs,
    own,
)
CATEGORIES = tuple(part.CATEGORY for part in PARTS)
"""In the order of a report."""
CHECKS: Mapping[str, Check] = {
    check.id: replace(check, category=part.CATEGORY)
    for part in PARTS
    for check in part.CHECKS
}


def check(name: str) -> Check:
    """One check by its id."""
    return CHECKS[name]
