"""What the worker really got, as the probe found it from inside."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..replay.observation import Observation
from .finding import Result, cannot_look, check, equal
from .given_to_worker import shown_list

PRIVATE = ("POSTGRES_PASSWORD", "POSTGRES_HOST", "SECRET_KEY", "QFC_APP_CONTROL_TOKEN")
"""What a wrapper's process has in its environment besides the backend's names."""


def report_of(seen: Observation) -> Mapping[str, Any] | None:
    """What the probe reported; None where there was no probe, or no report."""
    return seen.probe if seen.scripted and not _never_ran(seen) else None


def _never_ran(seen: Observation) -> bool:
    return seen.cell.scenario.expect.no_worker or not seen.workers


@check(
    "probe.reported",
    "The probe reported what it was given.",
    why="Without its report, nothing is known of mounts, limits and environment.",
    fix="Look into the output: the probe says there why it could not report.",
)
def reported(seen: Observation) -> Iterator[Result]:
    """One report or more."""
    if not seen.scripted or _never_ran(seen):
        return
    if not seen.cell.scenario.expect.reports:
        return
    if seen.probe is None:
        yield cannot_look(
            "There is no report: the probe never ran, or had neither JOB_ID nor "
            "QFIELDCLOUD_URL to send it by.",
            "the stand-in",
        )
    else:
        yield Result(ok=True, expected="a report", actual="a report")


@check(
    "worker.arguments",
    "The worker gets the contract's arguments, byte for byte.",
    why="A wrong file name or a missing flag makes another job of it.",
    fix="Give what is expected as the worker's args; on Kubernetes write $$( for $(, "
    "which the kubelet would expand.",
)
def arguments(seen: Observation) -> Iterator[Result]:
    """``python3 entrypoint.py <type> <project id> …``."""
    wanted = _expected_arguments(seen)
    report = report_of(seen)
    if report is not None:
        told = tuple(report["argv"][1:])
        where = "the probe's argv"
    elif seen.worker is not None and seen.worker.args is not None:
        told = tuple(seen.worker.args[2:])
        where = f"arguments of {seen.worker.name}"
        if seen.cell.backend == "kubernetes":
            told = tuple(arg.replace("$$(", "$(") for arg in told)
    else:
        return
    if told[:1] == ("apply_deltas",) and wanted[0] == "delta_apply":
        wanted = ("apply_deltas", *wanted[1:])
    yield equal(shown_list(wanted), shown_list(told), where)


def _expected_arguments(seen: Observation) -> tuple[str, ...]:
    job, project = seen.cell.scenario.job, seen.snapshot["project"] or {}
    name = str(project.get("the_qgis_file_name") or "")
    parts = [job.type, seen.arranged.project_id]
    if job.type != "create_project":
        parts.append(name)
    if job.type == "package":
        parts.append(str(project.get("packaging_offliner")))
    if job.overwrite_conflicts:
        parts.append("--overwrite-conflicts")
    return tuple(parts)


@check(
    "worker.environment",
    "The worker has the contract's environment, and every secret byte for byte.",
    why="A missing or changed value breaks the worker's way to API or database.",
    fix="Pass the variables of the contract on every backend; don't let $(…) expand.",
)
def environment(seen: Observation) -> Iterator[Result]:
    """Fixed variables, names, secrets, token."""
    report = report_of(seen)
    if report is None:
        return
    env = report["env"]
    arranged = seen.arranged
    wanted = {
        "QFIELDCLOUD_URL": seen.environ["QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"],
        "JOB_ID": arranged.job_id,
        "PROJ_DOWNLOAD_DIR": "/transformation_grids",
        "QT_QPA_PLATFORM": "offscreen",
        "PGSERVICE_FILE_CONTENTS": arranged.pgservices,
        **arranged.secrets,
    }
    for name, value in wanted.items():
        told = env.get(name)
        if told is None and not value:
            continue
        if name == "PGSERVICE_FILE_CONTENTS":  # the sections have no order
            value, told = _sorted_lines(value), _sorted_lines(told or "")
        if name in arranged.secrets or name == "PGSERVICE_FILE_CONTENTS":
            yield equal(_digest(value), _digest(told), f"env {name} (by its hash)")
        else:
            yield equal(value, told, f"env {name}")
    yield from _names(env, sorted(arranged.secrets))
    yield _token(seen, env.get("QFIELDCLOUD_TOKEN"))


def _sorted_lines(text: str) -> str:
    return "\n".join(sorted(text.split("\n")))


def _digest(value: str | None) -> str:
    if value is None:
        return "not set"
    digest = hashlib.sha256(value.encode()).hexdigest()
    return f"{len(value.encode())} bytes, sha256 {digest[:16]}"


def _names(env: Mapping[str, str], wanted: list[str]) -> Iterator[Result]:
    told = env.get("QFIELDCLOUD_EXTRA_ENVVARS")
    names: Any = told
    with contextlib.suppress(ValueError, TypeError):
        names = sorted(json.loads(told or ""))
    where = "env QFIELDCLOUD_EXTRA_ENVVARS"
    yield equal(wanted, names, where, message="A JSON list of the secrets' names.")


def _token(seen: Observation, told: str | None) -> Result:
    digest = hashlib.sha256((told or "").encode()).hexdigest()
    known = [one["key_sha256"] for one in seen.snapshot["tokens"]]
    return Result(
        ok=digest in known,
        expected="the key of the AuthToken that was made for the job",
        actual="it is" if digest in known else "another text" if told else "not set",
        where="env QFIELDCLOUD_TOKEN",
    )


@check(
    "worker.environment-foreign",
    "The worker has none of the wrapper's own variables.",
    why="A project's macro or a plugin could read the database's password and the "
    "secret key of all of QFieldCloud.",
    fix="Give the worker the contract's variables, and not the wrapper's own.",
)
def environment_foreign(seen: Observation) -> Iterator[Result]:
    """By name; a cluster tells every pod where its API is."""
    report = report_of(seen)
    if report is None:
        return
    own = {*PRIVATE, *seen.environ} - set(seen.arranged.secrets)
    found = [
        name
        for name in report["env"]
        if name in own and not name.startswith("KUBERNETES_")
    ]
    yield Result(
        ok=not found,
        expected="none",
        actual=", ".join(sorted(found)) or "none",
        where="the probe's environment",
    )


@check(
    "worker.no-token",
    "The worker has no ServiceAccount token.",
    why="A project's macro or a malicious plugin would have the cluster's API at hand.",
    fix="Set automountServiceAccountToken: false for the worker's pod.",
)
def no_token(seen: Observation) -> Iterator[Result]:
    """What the probe found of them."""
    report = report_of(seen)
    if report is not None:
        yield _none([str(one["path"]) for one in report["service_account_tokens"]])


@check(
    "worker.no-engine",
    "The worker has no container engine's socket.",
    why="Who has it is root on the host: a project's macro, or a malicious plugin.",
    fix="Mount no docker.sock into the worker.",
)
def no_engine(seen: Observation) -> Iterator[Result]:
    """What the probe found of them."""
    report = report_of(seen)
    if report is not None:
        yield _none([str(one) for one in report["docker_sockets"]])


def _none(found: list[str]) -> Result:
    return Result(
        ok=not found,
        expected="none",
        actual=", ".join(found) or "none",
        where="the probe's search",
    )


@check(
    "worker.reaches-api",
    "The worker reaches QFieldCloud's API.",
    why="It downloads the project and uploads its results there.",
    fix="Check QFIELDCLOUD_WORKER_QFIELDCLOUD_URL from inside a worker: DNS, network, "
    "policy.",
)
def reaches_api(seen: Observation) -> Iterator[Result]:
    """``GET status/`` answers 200."""
    report = report_of(seen)
    if report is None:
        return
    api = report["api"]
    yield Result(
        ok=api.get("status") == 200,
        expected="200",
        actual=str(api.get("status") or api.get("error")),
        where="GET status/ from inside the worker",
    )
