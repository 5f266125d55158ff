"""How many calls a job may cost, and what the simulator had no answer for."""

from harness.expectations.finding import Verdict
from harness.expectations.judge import judge
from harness.replay.observation import Deed

from .well import at, call, failing, red, verdict, well

PODS = "/api/v1/namespaces/qfc/pods"


def polls(times: int):
    """A wrapper that asks again and again."""
    return tuple(call("GET", PODS) for _ in range(times))


def test_polling_breaks_the_budget():
    """Eight for a job; the journal's first calls are shown."""
    assert red(well(calls=polls(8), granted=None)) == []
    found = failing(well(calls=polls(9), granted=None))["calls.budget"]
    assert found.actual.startswith(f"9: GET {PODS} 200; ")
    assert found.expected == "at most 8 in 2 s"


def test_a_long_job_may_cost_more():
    """Two calls for each whole minute."""
    assert red(well(calls=polls(12), ended=at(121), granted=None)) == []
    assert red(well(calls=polls(13), ended=at(121), granted=None)) == ["calls.budget"]


def test_the_budget_is_for_kubernetes_and_for_undisturbed_jobs():
    """An event or a missing right costs calls of its own."""
    assert red(well("docker", calls=polls(50))) == []
    swept = Deed(at=at(1), what="sweep")
    assert red(well(calls=polls(50), deeds=(swept,), granted=None)) == []


def test_a_gap_of_the_simulator_is_an_error_of_the_harness():
    """Not a failure of the wrapper; and on a real backend there is none."""
    body = b'{"message": "PATCH is not modelled"}'
    gap = call("PATCH", f"{PODS}/x", 501, gap=True, response=body)
    seen = well("docker", calls=(gap,))
    assert verdict(seen, "simulator.gap") is Verdict.ERROR
    (found,) = [one for one in judge(seen) if one.check == "simulator.gap"]
    assert "PATCH is not modelled" in found.actual
    assert verdict(well(), "simulator.gap") is Verdict.PASS
    real = well("docker", calls=(gap,), proof="real")
    assert verdict(real, "simulator.gap") is Verdict.NOT_APPLICABLE
