"""Facts: what chance decides is gone, what anything else decides is there."""

import dataclasses
import json

from expectations.well import JOB, PROBE, TOKEN, call, subject, well, worker

from harness.parity.facts import LONGEST, facts_of, shown

OTHER = "9b1de7a2-3c44-4f0e-8a8b-5d6e7f8091a2"
FULL = {
    "process": dict.fromkeys(
        ("cwd", "executable", "pid", "uid", "gid", "groups", "capabilities"), 0
    )
    | {"no_new_privileges": False, "seccomp": "2"},
    "machine": {"hostname": "h", "time_zone": "+0000", "python": "3.11.2"},
    "env_not_utf8": {},
    "mounts": {
        path: {"read_only": path != "/io", "options": ["rw"]}
        for path in ("/io", "/transformation_grids")
    },
    "other_mounts": [],
    "io": {"files": {}, "new_file": None},
    "transformation_grids": {"files": {}},
    "limits": {"shm_bytes": 67108864},
    "outside": {},
    "script": {"source": "api"},
}


def facts(**changes):
    """The facts of an observation with changes; nothing in it can't be told."""
    changes.setdefault("probe", FULL)
    snapshot = {
        "package_files": [{"name": "data.gpkg", "version": 1}],
        "project_files": [{"name": "trees.qgs", "version": 1}],
        "thumbnail": {"sha256": "ab" * 32},
    }
    seen = well(snapshot=snapshot, **changes)
    seen = dataclasses.replace(
        seen, snapshot={**seen.snapshot, "history": [_entry(JOB)]}
    )
    return facts_of(seen, [])


def _entry(job):
    return {"op": "update", "new_status": "started", "changed": ["output"], "at": job}


def test_all_sections_are_told():
    """None of them stumbled over a field."""
    found = facts()
    assert not [name for name in found if name.endswith(": rest")]
    for name in ("verdict", "row.status", "worker.exit_code", "probe.argv"):
        assert name in found
    assert "API POST /apis/batch/v1/namespaces/{namespace}/jobs" in found


def test_a_job_of_another_id_has_the_same_facts():
    """In texts, arguments and paths alike."""
    text = f"job {JOB} of 2026-05-03T12:00:01.123Z at http://203.0.113.7:8000/api/v1/x"
    url = "http://198.51.100.1:80/api/v1/"
    again = f"job {OTHER} of 2027-01-01T01:00:01Z at {url}x"
    environ = {"QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": url}
    one = facts(row={"output": text})["row.output"]
    two = facts(row={"output": again}, environ=environ)["row.output"]
    assert one == two.replace("<uuid>", "<job>") == "job <job> of <time> at <API>x"
    assert JOB not in json.dumps(facts())


def test_the_token_is_in_no_fact():
    """Nor are secrets: a value is told by whether it is the one that was given."""
    found = facts(worker={"env": {"QFIELDCLOUD_TOKEN": TOKEN, "MY_KEY": "other"}})
    assert TOKEN not in json.dumps(found)
    assert found["worker.env QFIELDCLOUD_TOKEN"] == "<token>"
    assert found["worker.env MY_KEY"].startswith("<not as it was given: 5 characters")
    assert found["probe.env MY_KEY"] == "<as it was given>"
    assert PROBE["env"]["MY_KEY"] not in json.dumps(found)


def test_cgroups_of_both_versions_have_one_word():
    """512 shares are a weight of 20; no limit is none."""
    v1 = {
        "memory": {"file": "memory.limit_in_bytes", "value": "9223372036854771712"},
        "cpu_weight": {"file": "/sys/fs/cgroup/cpu/cpu.shares", "value": "512"},
        "cpu_quota": {"file": "cpu.cfs_quota_us", "value": "-1"},
    }
    v2 = {"memory": {"file": "memory.max", "value": "max"}}
    one = facts(probe={**FULL, "limits": {**FULL["limits"], **v1}})
    two = facts(probe={**FULL, "limits": {**FULL["limits"], **v2}})
    for name in ("memory", "cpu weight", "cpu quota"):
        assert one[f"probe.limit {name}"] == two[f"probe.limit {name}"]
    assert one["probe.limit cpu weight"] == "20"
    assert one["probe.limit memory"] == "none"


def test_answers_are_told_by_shape():
    """Verb, path without names, status; words of what was refused."""
    calls = (
        call("GET", "/api/v1/namespaces/a/pods?watch=1&resourceVersion=7"),
        call("GET", "/api/v1/namespaces/a/pods?watch=1"),
        call("DELETE", "/apis/batch/v1/namespaces/a/jobs/x", 403, response=b"no"),
    )
    found = facts(calls=calls)
    assert found["API GET /api/v1/namespaces/{namespace}/pods?watch"] == "200"
    delete = "API DELETE /apis/batch/v1/namespaces/{namespace}/jobs/{name}"
    assert found[delete] == "403"
    assert found[f"{delete} 403 words"] == "no"


def test_what_a_wrapper_wrote_may_have_any_shape():
    """A section that can't be told says so, and the others stay."""
    found = facts(feedback={"steps": 7})
    assert "can't be told" in found["row: rest"]
    assert found["worker.exit_code"] == "0"


def test_a_short_name_is_not_looked_for():
    """A worker called ``qgis`` takes nothing out of other names."""
    found = facts(worker={"name": "qgis"})
    assert found["project.the_qgis_file_name"] == "trees.qgs"
    assert found["worker.name"] == "qgis"
    assert facts(worker={"name": "qfc-worker"})["worker.name"] == "<worker>"


def test_two_workers_are_two():
    """A field of each."""
    found = facts(workers=(worker(), worker(name="second")))
    assert found["workers"] == "2"
    assert {"worker 1.exit_code", "worker 2.exit_code"} <= set(found)


def test_long_values_are_their_hash():
    """Bounded, and different where the values are."""
    one, two = shown("a" * 10_000), shown("a" * 9_999 + "b")
    assert len(one) < LONGEST
    assert one != two


def test_what_a_worker_without_namespaces_has_of_the_machine_is_no_fact():
    """Its process id, and where the simulator leads it; with namespaces it is told."""
    seen = well(probe=FULL)
    plain = dataclasses.replace(seen.capabilities, namespaces=False)
    found = facts_of(dataclasses.replace(seen, capabilities=plain), [])
    assert "probe.process.pid" in facts_of(seen, [])
    assert "probe.process.pid" not in found
    assert "probe.process.uid" in found


def test_which_replica_took_over_is_chance():
    """Their logs are told, and not whose each was."""
    first, idle = subject(log="first\n"), subject(log="")
    busy = subject(log="Job x has lost its wrapper: taken over.\n")
    one = facts(subjects=(first, idle, busy))
    assert (
        one["later wrappers' logs"]
        == facts(subjects=(first, busy, idle))["later wrappers' logs"]
    )
    assert "taken over" in one["later wrappers' logs"]
    assert "first" in one["first wrapper's log"]
    assert "later wrappers' logs" not in facts(subjects=(first,))
