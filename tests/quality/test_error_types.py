"""The table of error types: fresh, and each type is shown by a scenario."""

import pytest

from worker_wrapper.failures import CONTAINER, FAILURE_KINDS, FailureKind

from . import error_types

TYPES = {kind.error_type for kind in FAILURE_KINDS}


def test_the_table_is_fresh():
    """`python tests/quality/error_types.py`."""
    there = error_types.PAGE.read_text(encoding="utf-8")
    fresh = there == error_types.page()
    assert fresh, f"docs/error-types.md is stale. Write it anew: {error_types.COMMAND}"


@pytest.mark.parametrize("error_type", sorted(TYPES))
def test_a_type_is_shown_by_one(error_type: str):
    """One that expects it, or a reason in ``error_types.REASONS`` why there is none."""
    shown = error_type in error_types.by_type()
    assert shown or error_type in error_types.REASONS


def test_a_reason_goes_when_its_type_is_shown():
    """Or when the type is renamed: take it out of ``error_types.REASONS``."""
    assert set(error_types.REASONS) <= TYPES - set(error_types.by_type())


def test_a_type_that_none_shows_has_its_reason_in_the_table(
    monkeypatch: pytest.MonkeyPatch,
):
    """And one with scenarios links to them."""
    unknown = FailureKind("NEW_TYPE", CONTAINER, "It means.", "Do it.")
    assert error_types.row(unknown, []).endswith("| Do it. |  |\n")
    path, scenario = error_types.by_type()["TIMEOUT"][0]
    assert f"../scenarios/{path}" in error_types.row(unknown, [(path, scenario)])
    monkeypatch.setitem(error_types.REASONS, "NEW_TYPE", "nobody can show it")
    assert error_types.row(unknown, []).endswith("| Do it. | nobody can show it |\n")
