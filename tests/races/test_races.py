"""Many jobs and several wrappers at once: none is lost, none runs twice."""

from collections.abc import Iterator

import pytest

from harness import session, settings
from harness.bench import Figure
from harness.races import race
from harness.scenario.schema import Backend
from harness.session import Session
from harness.subject.locate import locate

pytestmark = pytest.mark.namespaces
SIMULATED = "simulated"


@pytest.fixture(scope="module")
def opened() -> Iterator[Session]:
    """Both backends, simulated."""
    with session.open_session(settings.from_environ(), [SIMULATED]) as one:
        yield one


def raced(opened: Session, backend: Backend, **plan: int) -> dict[str, Figure]:
    """The figures of a race, by name; each that has a budget keeps it."""
    given = {"replicas": 3, "seed": 1, "kills": 0, **plan}
    figures = race.run(
        opened, locate("worker_wrapper"), SIMULATED, backend, race.Plan(**given)
    )
    assert [one for one in figures if not one.ok] == []
    return {one.name: one for one in figures}


@pytest.mark.parametrize("backend", ["docker", "kubernetes"])
def test_each_job_runs_once(opened: Session, backend: Backend) -> None:
    """With a replica that dies, sweeps, the reaper. 200 jobs: `qfc-harness races`."""
    figures = raced(opened, backend, jobs=8, kills=1)
    assert figures["finished"].value == figures["jobs"].value == 8
    assert "3 replicas, 1 killed" in figures["jobs"].detail


def test_no_job_is_lost_while_the_backend_changes(opened: Session) -> None:
    """From Docker to Kubernetes and back, with jobs in flight."""
    # so many that each phase has some left when the phase before has ended its own
    figures = raced(opened, "docker", jobs=18, migration=True)
    assert figures["finished"].value == 18
    assert "on docker" in figures["finished"].detail
    assert "on kubernetes" in figures["finished"].detail
