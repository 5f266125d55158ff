"""Cells, and which of them are run."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.scenario import cells
from harness.scenario.load import Loaded
from harness.scenario.schema import BACKENDS, Backend

from .texts import scenario

BOTH: frozenset[Backend] = frozenset(BACKENDS)


def _loaded(**changes: str) -> Loaded:
    return Loaded(scenario=scenario(**changes), path=Path("x.yaml"))


LOADED = [
    _loaded(name="package-trees", tags="[smoke, package]"),
    _loaded(name="roles", tags="[rbac]", backends="[kubernetes]"),
]


def _ids(expression: str = "", **more: object) -> list[str]:
    arguments = {"environments": [("simulated", BOTH)], "backends": BACKENDS, **more}
    planned = cells.plan(LOADED, expression=expression, **arguments)  # type: ignore[arg-type]
    return [cell.id for cell in planned]


def test_each_backend_is_a_cell() -> None:
    """In each environment that has it."""
    assert _ids() == [
        "package-trees-docker-simulated",
        "package-trees-kubernetes-simulated",
        "roles-kubernetes-simulated",
    ]


def test_an_environment_has_its_backends_only() -> None:
    """A Docker Engine runs no Kubernetes cell."""
    assert _ids(environments=[("docker_engine", frozenset({"docker"}))]) == [
        "package-trees-docker-docker_engine"
    ]


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("package", 2),
        ("smoke", 2),
        ("package and not docker", 1),
        ("rbac or docker", 2),
        ("not (rbac or docker)", 1),
        ("sm*", 2),
        ("kubernetes", 2),
        ("not not rbac", 1),
    ],
)
def test_expressions_choose_by_id_and_tag(expression: str, chosen: int) -> None:
    """With and, or, not and parentheses."""
    assert len(_ids(expression)) == chosen


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("and", "'and' stands where a word should"),
        ("a b", "'b' is one too many"),
        ("(a", r"a \) is missing"),
        ("a or", "it ends too early"),
        (")", r"'\)' stands where a word should"),
    ],
)
def test_a_bad_expression_is_explained(expression: str, why: str) -> None:
    """With what is wrong, and an example."""
    with pytest.raises(UsageError, match=why) as raised:
        _ids(expression)
    assert "package and not docker" in raised.value.hint


@pytest.mark.parametrize(
    ("needs", "nodes"),
    [([], (1, 1)), ([1, 1], (1, 1)), ([1, 2], (1, 2)), ([2], (2, 2))],
    ids=["none", "one", "some two", "all two"],
)
def test_nodes_are_those_that_some_and_that_all_need(
    needs: list[int], nodes: tuple[int, int]
) -> None:
    """A kept cluster has to have the former, one that a run makes the latter."""
    loaded = [
        _loaded(name=f"a{at}", needs="[two_nodes]" if one == 2 else "[]")
        for at, one in enumerate(needs)
    ]
    planned = cells.plan(
        loaded,
        environments=[("kind_cluster", BOTH)],
        backends=BACKENDS,
        none_is_wrong=False,
    )
    assert cells.nodes_for(planned) == nodes


def test_no_cell_left_is_a_mistake() -> None:
    """A run of nothing must not look like a success."""
    with pytest.raises(UsageError, match="No cell matches -k 'nothing'"):
        _ids("nothing")


def test_another_backend_is_a_mistake() -> None:
    """The message says that it isn't the expression's fault."""
    with pytest.raises(UsageError, match="for this backend and environment"):
        cells.plan(LOADED[1:], environments=[("simulated", BOTH)], backends=("docker",))


def test_none_may_be_asked_for() -> None:
    """pytest collects a file without cells."""
    planned = cells.plan(
        LOADED[1:],
        environments=[("simulated", BOTH)],
        backends=("docker",),
        none_is_wrong=False,
    )
    assert planned == []
