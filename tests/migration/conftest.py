"""The real cluster's test runs where the command line names it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """As in tests/engine."""
    if config.getoption("--environment") == "kind_cluster":
        return
    for item in items:
        if item.get_closest_marker("kind_cluster"):
            reason = "only with --environment kind_cluster"
            item.add_marker(pytest.mark.skip(reason=reason))
