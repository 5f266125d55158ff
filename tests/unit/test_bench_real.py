"""What a bench on a real environment makes of its runs."""

from typing import Any

from harness import bench_real, resources
from harness.bench_real import whole
from harness.scenario import load
from harness.subject.locate import locate


def moment(lane: str, what: str, at_s: float, seconds: float = 0.0) -> dict[str, Any]:
    """As a report has it."""
    return {"lane": lane, "what": what, "at_s": at_s, "seconds": seconds}


CREATE = moment("api", "POST /containers/create", 1.0, 0.2)
REMOVE = moment("api", "DELETE /containers/x", 4.0, 0.25)


def test_a_bare_clients_job_is_from_its_first_call_to_its_last() -> None:
    """Whatever the rows were before."""
    assert whole([moment("row", "→ queued", -0.1), CREATE, REMOVE]) == 3.25


def test_a_wrappers_job_begins_with_its_row() -> None:
    """Not with the sweep before it, nor with rows that the harness arranged."""
    sweep = moment("api", "GET /containers/json", 0.2, 0.1)
    started = moment("row", "queued → started", 0.5)
    final = moment("row", "started → finished", 4.5)
    timeline = [moment("row", "→ queued", -0.1), sweep, started, CREATE, REMOVE, final]
    assert whole(timeline) == 4.0


def test_a_watch_that_nobody_ended_doesnt_count() -> None:
    """It is let go with the process."""
    watch = moment("api", "GET /pods?watch=True", 1.5, 60.0)
    assert whole([CREATE, watch, REMOVE]) == 3.25


def test_its_cell_and_its_bare_client_can_be_loaded(tmp_path: Any) -> None:
    """Both lie in files of their own."""
    path = tmp_path / "bench.yaml"
    path.write_text(bench_real.WORKER)
    (loaded,) = load.load([path])
    assert loaded.scenario.name == "bench"
    assert locate(str(bench_real._bare())).modules == ("bare",)
    assert resources.scenarios() / "contract" / "exit-code.yaml" in {
        type(path)(one) for one in bench_real._with_probe()
    }
