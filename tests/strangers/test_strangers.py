"""Other people's wrappers, unmodified: each is run and judged, for what it does wrong.

They are written from QFieldCloud's contract as forks in the wild are, and the findings
listed here are the whole of what a good judge has to say of each: no more, no less.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from harness.expectations.finding import Verdict
from judging import Judging, bad, checks

pytestmark = pytest.mark.namespaces

FOLDER = Path(__file__).parent
GIVEN, EXIT_CODE = "contract/worker-given", "contract/exit-code"
PACKAGE, CREATE = "smoke/package-trees", "smoke/create-project-layers"

TOKEN = {"leftovers.token"}
DIRECTORY = {"leftovers.directory"}
NEVER_RAN = {"row.status", "row.final", "expect.exit-code"}
NO_WORKER = {*NEVER_RAN, "worker.count"}


@dataclass(frozen=True)
class Stranger:
    """A wrapper, and what is to be found by scenario."""

    subject: str
    backend: str
    found: dict[str, set[str]]
    profile: str | None = None
    note: str = ""
    known_gap: str = ""
    """What the judge doesn't see yet."""

    @property
    def id(self) -> str:
        """Short and unique."""
        return f"{Path(self.subject).stem}{self.note}-{self.backend}"


STRANGERS = (
    # QFieldCloud's own of 2024: hard-coded /tmp, D1, D3, D5, D11, D12 of its defects
    Stranger(
        "docker_2024/docker-app",
        "docker",
        {
            PACKAGE: TOKEN | DIRECTORY,
            "smoke/process-projectfile-trees": TOKEN | DIRECTORY,
            "smoke/delta-apply-conflict": TOKEN | DIRECTORY,
            GIVEN: TOKEN | DIRECTORY | {"worker.environment"},
            EXIT_CODE: TOKEN
            | DIRECTORY
            | {"row.finished-at", "row.docker-times", "expect.error"},
            "contract/killed": TOKEN
            | DIRECTORY
            | {
                *("row.finished-at", "row.docker-times", "row.exit-code"),
                *("expect.exit-code", "row.feedback", "output.whole"),
                *("expect.output", "leftovers.worker"),
            },
            "contract/log-nul": TOKEN
            | DIRECTORY
            | {"row.status", "expect.error", "output.whole", "expect.output"},
            CREATE: NEVER_RAN | {"subject.loads", "feedback.steps"},
        },
    ),
    # two years on: most of that is mended, a list as feedback still stops dequeue
    Stranger(
        "docker_2026",
        "docker",
        {
            PACKAGE: TOKEN,
            CREATE: TOKEN,
            "smoke/process-projectfile-trees": TOKEN,
            "smoke/delta-apply-trees": TOKEN,
            GIVEN: TOKEN,
            "contract/delta-not-reported": TOKEN | {"deltas.final", "expect.deltas"},
            "contract/timeout": DIRECTORY,
            "contract/feedback-list": TOKEN
            | DIRECTORY
            | {
                *("subject.run-returns", "row.status", "row.final"),
                *("expect.exit-code", "expect.error"),
            },
        },
    ),
    Stranger(
        "kube_polling.py",
        "kubernetes",
        {
            PACKAGE: TOKEN | {"calls.budget", "secrets.plain-sight"},
            "contract/secrets-byte-for-byte": TOKEN
            | {"calls.budget", "secrets.plain-sight", "worker.environment"},
            "smoke/delta-apply-trees": NEVER_RAN
            | {
                *("subject.loads", "feedback.steps", "expect.deltas"),
            },
        },
    ),
    # pods of its own need rights that no Role of QFieldCloud's gives
    Stranger(
        "kube_pods.py",
        "kubernetes",
        {GIVEN: NO_WORKER | {"subject.run-returns", "rbac.denied"}},
    ),
    Stranger("kube_forks/ancestor.py", "kubernetes", {PACKAGE: TOKEN, GIVEN: TOKEN}),
    Stranger(
        "kube_forks/empty_dir.py",
        "kubernetes",
        {GIVEN: TOKEN | {"worker.io", "row.status", "expect.error"}},
    ),
    Stranger(
        "kube_forks/orphans.py",
        "kubernetes",
        {GIVEN: TOKEN | {"leftovers.worker", "leftovers.secrets"}},
    ),
    Stranger(
        "kube_forks/shared_claim.py",
        "kubernetes",
        {
            GIVEN: TOKEN | {"worker.io-isolation"},
        },
    ),
    Stranger(
        "kube_forks/host_path.py",
        "kubernetes",
        {GIVEN: TOKEN | {"row.status", "expect.error"}},
        note="-not-the-nodes",
    ),
    Stranger(
        "kube_forks/host_path.py",
        "kubernetes",
        {GIVEN: TOKEN, PACKAGE: TOKEN},
        profile="kube_forks/host_path.deployed.yaml",
        note="-as-deployed",
    ),
    Stranger(
        "kube_forks/host_path_kept.py",
        "kubernetes",
        {GIVEN: TOKEN | DIRECTORY},
        profile="kube_forks/host_path.deployed.yaml",
    ),
    Stranger(
        "kube_forks/retries.py",
        "kubernetes",
        {GIVEN: TOKEN, EXIT_CODE: TOKEN | {"expect.error", "worker.count"}},
    ),
    # three runs of one pod: each of them would apply the deltas
    Stranger(
        "kube_forks/restarts.py",
        "kubernetes",
        {GIVEN: TOKEN, EXIT_CODE: TOKEN | {"expect.error", "worker.count"}},
    ),
    Stranger(
        "kube_forks/projected.py",
        "kubernetes",
        {GIVEN: TOKEN | {"worker.environment", "worker.no-token"}},
    ),
    Stranger(
        "kube_forks/own_labels.py", "kubernetes", {GIVEN: TOKEN | {"worker.labels"}}
    ),
    Stranger(
        "kube_forks/inline_secrets.py",
        "kubernetes",
        {GIVEN: TOKEN | {"secrets.plain-sight"}},
    ),
    Stranger(
        "kube_forks/deletes_first.py", "kubernetes", {PACKAGE: TOKEN | {"output.whole"}}
    ),
    Stranger(
        "kube_forks/no_sweep.py", "kubernetes", {GIVEN: TOKEN | {"subject.sweeps"}}
    ),
    Stranger(
        "kube_forks/waits_for_job_status.py",
        "kubernetes",
        {
            GIVEN: TOKEN
            | {
                *("rbac.denied", "row.status", "row.docker-times", "row.exit-code"),
                *("expect.exit-code", "expect.error"),
                *("leftovers.worker", "leftovers.secrets"),
            },
        },
    ),
    *(
        Stranger(f"broken/{name}.py", "docker", {GIVEN: found})
        for name, found in {
            "does_not_import": NEVER_RAN | {"subject.loads"},
            "constructor_raises": NEVER_RAN | {"subject.loads"},
            "run_exits": NO_WORKER | {"subject.run-returns"},
            "writes_nothing": NO_WORKER,
        }.items()
    ),
    Stranger("acme_workers", "docker", {GIVEN: set(), PACKAGE: set()}),
)


def _params():
    for one in STRANGERS:
        marks = [pytest.mark.xfail(reason=one.known_gap)] if one.known_gap else []
        yield pytest.param(one, id=one.id, marks=marks)


@pytest.mark.parametrize("stranger", list(_params()))
def test_a_stranger_is_judged(judging: Judging, stranger: Stranger):
    """Its faults are found, all of them, and the harness itself has none."""
    profile = FOLDER / stranger.profile if stranger.profile else None
    wanted = [(scenario, stranger.backend) for scenario in stranger.found]
    reports = judging.judge(FOLDER / stranger.subject, wanted, profile)
    for report in reports:
        assert report.verdict is not Verdict.ERROR, bad(report)
    told = {
        name: set(checks(report))
        for name, report in zip(stranger.found, reports, strict=True)
    }
    assert told == stranger.found


def test_what_convention_cannot_find_is_listed(judging: Judging, tmp_path: Path):
    """Without its profile's classes, the finding says which classes there are."""
    profile = tmp_path / "half.yaml"
    profile.write_text("modules: [acme_workers.engine]\nenviron: {ACME_SHARE: /tmp}\n")
    (report,) = judging.judge(FOLDER / "acme_workers", [(GIVEN, "docker")], profile)
    finding = next(one for one in bad(report) if one.check == "subject.loads")
    assert "no class for jobs of type package" in finding.message
    assert "Packager" in finding.message
    assert "profile" in finding.fix


def test_a_missing_right_is_named_in_the_apis_words(judging: Judging):
    """Whoever reads it knows the rule to add, and finds the 403 in a search."""
    subject = FOLDER / "kube_forks" / "waits_for_job_status.py"
    (report,) = judging.judge(subject, [(GIVEN, "kubernetes")])
    finding = next(one for one in bad(report) if one.check == "rbac.denied")
    assert 'cannot get resource "jobs/status" in API group "batch"' in finding.actual
    assert 'resources: ["jobs/status"], verbs: ["get"]' in finding.fix
