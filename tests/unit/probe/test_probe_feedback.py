"""The feedback that a probe leaves."""

import json

import pytest

from .conftest import Probe

DELTAFILE = {
    "id": "f",
    "deltas": [
        {"uuid": "a", "method": "patch", "sourceLayerId": "trees", "sourcePk": "4"},
        {"uuid": "b", "method": "create", "localPk": "-1", "sourcePk": None},
    ],
}


@pytest.mark.parametrize(
    ("job_type", "workflow", "last_step"),
    [
        ("package", "package_project", "upload_packaged_project"),
        ("delta_apply", "apply_changes", "upload_exported_project"),
        ("apply_deltas", "apply_changes", "upload_exported_project"),
        ("process_projectfile", "process_projectfile", "stop_qgis_app"),
        ("create_project", "create_project", "stop_qgis_app"),
    ],
)
def test_default_is_valid_for_the_job(
    probe: Probe, job_type: str, workflow: str, last_step: str
) -> None:
    """Each job type gets the steps of its own workflow, all completed."""
    probe.run(job_type, "p", "q.qgs")
    feedback = probe.feedback
    assert feedback["feedback_version"] == "2.0"
    assert feedback["workflow_id"] == workflow
    assert feedback["steps"][-1]["id"] == last_step
    assert {step["stage"] for step in feedback["steps"]} == {2}
    assert "error" not in feedback


def test_every_delta_is_applied(probe: Probe) -> None:
    """The default feedback answers each delta of the deltafile."""
    (probe.io / "deltafile.json").write_text(json.dumps(DELTAFILE))
    probe.run("delta_apply", "p", "q.qgs")
    told = probe.feedback["outputs"]["apply_deltas"]["delta_feedback"]
    assert [(d["delta_id"], d["status"], d["modified_pk"]) for d in told] == [
        ("a", "status_applied", "4"),
        ("b", "status_applied", "-1"),
    ]


def test_merge_changes_only_what_it_names(probe: Probe) -> None:
    """A merge goes into objects and replaces everything else."""
    merge = {"error": "boom", "outputs": {"project_details": {"extra": [1]}}}
    probe.run("process_projectfile", "p", "q", script={"feedback": {"merge": merge}})
    outputs = probe.feedback["outputs"]["project_details"]
    assert probe.feedback["error"] == "boom"
    assert outputs["extra"] == [1]
    assert outputs["project_details"]["crs"] == "EPSG:3857"


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("empty", b""),
        ("not_json", b"Segmentation fault (core dumped)\n"),
        ({"replace": [1, None]}, b"[1, null]"),
    ],
)
def test_exact_contents(probe: Probe, form: object, content: bytes) -> None:
    """These forms are left byte for byte."""
    probe.run(script={"feedback": form})
    assert (probe.io / "feedback.json").read_bytes() == content


def test_missing_leaves_no_file(probe: Probe) -> None:
    """No feedback, and no remains of writing one."""
    probe.run(script={"feedback": "missing"})
    assert [path.name for path in probe.io.iterdir()] == ["probe.json"]


def test_cut_is_no_json(probe: Probe) -> None:
    """A cut file begins as feedback and can't be parsed."""
    probe.run(script={"feedback": "cut"})
    text = (probe.io / "feedback.json").read_text()
    assert text.startswith('{"feedback_version"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_odd_but_parsable_forms(probe: Probe) -> None:
    """A list, non-finite numbers, NUL and bulk are what they say."""
    forms = {}
    for form in ("list", "non_finite", "nul", {"huge": 1000}):
        probe.run(script={"feedback": form})
        forms[str(form)] = (probe.io / "feedback.json").read_text()
    assert isinstance(json.loads(forms["list"]), list)
    assert "[NaN, Infinity]" in forms["non_finite"]
    assert json.loads(forms["nul"])["nul"] == "before\0after"
    assert len(json.loads(forms["{'huge': 1000}"])["padding"]) == 1000
