"""Tests of container names."""

import pytest

from harness.simulator.docker_api import names
from harness.simulator.docker_api.errors import InvalidError
from harness.simulator.ids import Ids


@pytest.mark.parametrize("name", ["ab", "/ab", "A9", "a_b.c-d"])
def test_allowed(name: str) -> None:
    """A leading slash belongs to how names are shown."""
    assert names.check(name) == name.removeprefix("/")


@pytest.mark.parametrize("name", ["a", "", "a b", "-a", ".a", "a/b", "ü1"])
def test_refused(name: str) -> None:
    """Two characters at least, of the ASCII alphabet."""
    with pytest.raises(InvalidError, match="Invalid container name"):
        names.check(name)


def test_made_up_names_are_allowed(ids: Ids) -> None:
    """And the second attempt differs."""
    for attempt in range(100):
        assert names.check(names.make_up(ids, attempt))
    assert names.make_up(ids, 1)[-1].isdigit()
