"""Rules between two keys of a scenario; each message names both and the correction."""

import itertools
import signal
from collections.abc import Callable, Iterator
from typing import get_args

from .. import resources
from . import calls, fault_rules
from .schema import ClusterDeed, HeldMoment, Scenario
from .script import Script

Location = tuple[str | int, ...]
Found = Iterator[tuple[Location, str]]

GIVEN_KINDS = ("ResourceQuota", "LimitRange", "PersistentVolumeClaim")
KNOWN_CONFIG = (
    "WORKER_TIMEOUT_S",
    "WORKER_QGIS_MEMORY_LIMIT",
    "WORKER_QGIS_CPU_SHARES",
)


def check(scenario: Scenario) -> list[tuple[Location, str]]:
    """Every contradiction, as key path and message."""
    return [found for rule in RULES for found in rule(scenario)]


def _project_exists(scenario: Scenario) -> Found:
    projects = resources.fixture("projects")
    if not (projects / scenario.given.project / "project.yaml").is_file():
        known = ", ".join(
            sorted(p.parent.name for p in projects.glob("*/project.yaml"))
        )
        yield (
            ("given", "project"),
            f"there is no project {scenario.given.project!r}. There are: {known}",
        )


def _deltafile(scenario: Scenario) -> Found:
    job = scenario.job
    if (job.type == "delta_apply") != bool(job.deltafile):
        verb = "needs" if job.type == "delta_apply" else "takes no"
        yield ("job", "deltafile"), f"a job of type {job.type} {verb} deltafile"
    elif job.deltafile and not (resources.fixture("deltas") / job.deltafile).is_file():
        known = sorted(p.name for p in resources.fixture("deltas").glob("*.json"))
        yield (
            ("job", "deltafile"),
            f"there is no {job.deltafile!r} in fixtures/deltas. "
            f"There are: {', '.join(known)}",
        )
    if job.overwrite_conflicts and job.type != "delta_apply":
        yield (
            ("job", "overwrite_conflicts"),
            f"goes with type delta_apply, not with {job.type}",
        )


def _deltas_expected(scenario: Scenario) -> Found:
    if scenario.expect.deltas is not None and scenario.job.type != "delta_apply":
        yield (
            ("expect", "deltas"),
            f"a job of type {scenario.job.type} has no deltas; remove it",
        )


def _known_config(scenario: Scenario) -> Found:
    for name in scenario.given.config:
        if name not in KNOWN_CONFIG:
            known = ", ".join(KNOWN_CONFIG)
            yield ("given", "config", name), f"is not one of {known}"


def _wrapper_settings(scenario: Scenario) -> Found:
    for name in scenario.given.settings:
        if not name.startswith(("QFIELDCLOUD_", "DEBUG")):
            yield (
                ("given", "settings", name),
                "is no setting of a wrapper; they begin with QFIELDCLOUD_",
            )


def _rights(scenario: Scenario) -> Found:
    if scenario.given.without and "docker" in scenario.backends:
        yield (
            ("given", "without"),
            "Docker has no rights to take away: say `backends: [kubernetes]`",
        )


def _denied(scenario: Scenario) -> Found:
    if scenario.expect.denied and "docker" in scenario.backends:
        yield (
            ("expect", "denied"),
            "Docker has no rights to refuse: say `backends: [kubernetes]`",
        )


def _cluster(scenario: Scenario) -> Found:
    given = scenario.given
    if "docker" in scenario.backends:
        for key in ("objects", "pod_security", "own_node", "other_node", "sidecar"):
            if getattr(given, key):
                yield (
                    ("given", key),
                    "Docker has nothing of the kind: say `backends: [kubernetes]`",
                )
    if given.other_node and "two_nodes" not in scenario.needs:
        yield (
            ("given", "other_node"),
            "there has to be another node: say `needs: [two_nodes]`",
        )
    for number, one in enumerate(given.objects):
        if one.get("kind") not in GIVEN_KINDS:
            yield (
                ("given", "objects", number, "kind"),
                f"is {one.get('kind')!r}; there may be {', '.join(GIVEN_KINDS)}",
            )
    for number, event in enumerate(scenario.during):
        for deed in event.deeds:
            if deed in get_args(ClusterDeed) and "docker" in scenario.backends:
                yield (
                    ("during", number, "do"),
                    f"is `{deed}`, which Docker doesn't know: "
                    "say `backends: [kubernetes]`",
                )
            if deed in ("lose_node", "find_node") and not given.own_node:
                yield (
                    ("during", number, "do"),
                    f"is `{deed}`, which would hit other cells too: "
                    "say `given: {own_node: true}`",
                )


def _is_signal(value: int | str) -> bool:
    known = signal.Signals.__members__
    if isinstance(value, int):
        return value in set(known.values())
    return value in known or f"SIG{value}" in known


def _scripted(scenario: Scenario) -> Found:
    expect, worker = scenario.expect, scenario.worker
    if not isinstance(worker, Script):
        return
    if worker.exit_code is not None and worker.signal is not None:
        yield ("worker", "signal"), "excludes `exit_code`; keep one of them"
    if worker.signal is not None and not _is_signal(worker.signal):
        yield ("worker", "signal"), "is no signal of Linux; write 9, KILL or SIGKILL"
    if worker.ignore_sigterm and worker.on_sigterm:
        yield ("worker", "ignore_sigterm"), "excludes `on_sigterm`; keep one of them"
    wanted, scripted = expect.worker_exit_code, worker.exit_code
    plain = isinstance(wanted, int) and isinstance(scripted, int)
    if plain and wanted != scripted and expect.error_type != "TIMEOUT":
        yield (
            ("expect", "worker_exit_code"),
            f"is {wanted}, but worker.exit_code is {scripted}; make them equal",
        )


def _reports(scenario: Scenario) -> Found:
    for number, event in enumerate(scenario.during):
        if event.at == "worker_reported" and not isinstance(scenario.worker, Script):
            yield (
                ("during", number, "at"),
                "is `worker_reported`, but only a scripted worker reports; "
                "script it, or say `worker_running`",
            )


def _held_moments(scenario: Scenario) -> Found:
    holds_row = False
    for number, event in enumerate(scenario.during):
        at, where = event.at, ("during", number, "at")
        if not isinstance(at, HeldMoment):
            continue
        said = [name for name in ("before", "answered", "saving") if getattr(at, name)]
        if len(said) != 1:
            yield where, "needs exactly one of `before`, `answered`, `saving`"
        if at.saving and at.nth != 1:
            yield (*where, "nth"), "counts calls; it goes with `before` or `answered`"
        if at.saving and holds_row:
            yield (*where, "saving"), "is the second one; a row can be held once"
        holds_row |= bool(at.saving)
        for name in ("before", "answered"):
            wrong = calls.unknown(getattr(at, name)) if getattr(at, name) else ""
            if wrong:
                yield (*where, name), f"{getattr(at, name)!r} {wrong}"


def _wrappers(scenario: Scenario) -> Found:
    """A wrapper that is killed can't be told anything more."""
    for number, event in enumerate(scenario.during):
        for one, following in itertools.pairwise(event.deeds):
            if one == "kill_wrapper" and following in ("stop_wrapper", "kill_wrapper"):
                yield (
                    ("during", number, "do"),
                    f"`{following}` comes after `kill_wrapper`, when none is there",
                )


def _secrets_once(scenario: Scenario) -> Found:
    names = [secret.name for secret in scenario.given.secrets]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (
                ("given", "secrets", number, "name"),
                f"{name} is given twice; a project has each name once",
            )


def _final(scenario: Scenario) -> Found:
    deeds = {deed for event in scenario.during for deed in event.deeds}
    gone = scenario.given.row_gone or "delete_job_row" in deeds
    if scenario.expect.status == "gone" and not gone:
        yield (
            ("expect", "status"),
            "is `gone`, but nothing in `during` does `delete_job_row`; add it, or "
            "`given.row_gone: true`",
        )
    if scenario.expect.status == "pending" and not scenario.given.busy:
        yield (
            ("expect", "status"),
            "is `pending`, which a job only stays with `given.busy: true`; add it",
        )


RULES: tuple[Callable[[Scenario], Found], ...] = (
    _project_exists,
    _deltafile,
    _deltas_expected,
    _known_config,
    _wrapper_settings,
    _rights,
    _denied,
    _cluster,
    _scripted,
    _reports,
    _held_moments,
    _wrappers,
    _secrets_once,
    _final,
    fault_rules.faults,
)
