"""What a validation found, as frozen data that is ``validation.json`` when dumped.

Three layers: evidence (what the API or a job said) → results (what a check makes of it)
→ decision (what follows from all results; see ``verdict``). No secret value is in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ..errors import UsageError

SCHEMA_VERSION = 1
T = TypeVar("T")


class Status(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    ERROR = "error"
    """The harness's own fault."""
    SKIPPED = "skipped"
    """Not asked for."""
    NOT_PROVEN = "not_proven"
    """Could not look; never a pass."""
    NOT_APPLICABLE = "not_applicable"


class Severity(Enum):
    """What a failure means; fixed by the registry, apart from the status."""

    BLOCKER = "blocker"
    WARNING = "warning"
    INFO = "info"


class Proof(Enum):
    """How it is known, from the weakest to the strongest."""

    SIMULATED = "simulated"
    READ = "read"
    """Read in an object or a file."""
    ASKED = "asked as you"
    """An access review for yourself."""
    IMPERSONATED = "asked as the ServiceAccount"
    DRY_RUN = "dry-run"
    REAL_JOB = "real job"


class Word(Enum):
    """The verdict."""

    GO = "GO"
    GO_WITH_WARNINGS = "GO WITH WARNINGS"
    NO_GO = "NO-GO"


class Kind(Enum):
    """What an API call can change."""

    READ = "read"
    REVIEW = "review"
    """A POST that asks whether something is allowed, and stores nothing."""
    DRY_RUN = "dry-run"
    WRITE = "write"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One fact: a call and its answer, or something read here."""

    id: str
    call: str
    """``GET /api/v1/nodes``, or what was read instead of a call."""
    at: str
    """ISO 8601, UTC; so is every time in here."""
    seconds: float = 0.0
    status: int = 0
    """HTTP status; 0 if there was no answer."""
    kind: Kind = Kind.READ
    body: Any = None
    """The answer, redacted and shortened."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """``Date`` and ``Warning`` only."""
    error: str = ""
    """Why there is no answer, in the words of whoever said so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """What to do about it."""

    steps: tuple[str, ...] = ()
    command: str = ""
    yaml: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A person's word that a result is accepted, for a time."""

    check: str
    """A check's id, or a result's."""
    owner: str
    reason: str
    expires: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one check says of one thing."""

    id: str
    """The check's id; where it looks at several things: ``QFV-211/create-jobs``."""
    check: str
    title: str
    """A sentence that is true when it passes."""
    category: str
    status: Status
    severity: Severity
    proof: Proof = Proof.READ
    needs: tuple[str, ...] = ()
    seen: str = ""
    expected: str = ""
    why: str = ""
    """The consequence, in QFieldCloud's words."""
    fix: Fix = Fix()
    repeat: str = ""
    """A kubectl line that shows the same."""
    evidence: tuple[str, ...] = ()
    caused_by: str = ""
    """The id of the result that this one follows from."""
    who: str = ""
    """Not proven: who can prove it, and how."""
    affects: tuple[str, ...] = ()
    """Job types and failure modes (``fm-12``)."""
    waiver: Waiver | None = None
    duration_s: float = 0.0
    doc: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A result that the verdict rests on, with those that follow from it."""

    result: str
    text: str
    because_of_it: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The verdict and what it rests on; ``verdict.decide`` makes it."""

    word: Word
    sentence: str
    blockers: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    not_proven: tuple[Reason, ...] = ()
    """Of severity blocker or warning; skipped blockers too."""
    waived: tuple[Reason, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """Results: ``failed``, ``warned``, ``not_proven``, ``skipped``, ``passed``, and
    ``not_applicable``; each result is in one of them."""
    checks_run: int = 0
    checks_demanded: int = 0
    weakest_proof: Proof | None = None
    """Of the passed blockers."""
    rule: str = ""
    """The rule, as it is to be printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RightRow:
    """One line of the RBAC table."""

    verb: str
    group: str
    resource: str
    """With its subresource: ``pods/log``."""
    used_by: str
    """What the wrapper does with it; "" where it has no need of it."""
    granted: bool | None
    """None: not known."""
    proof: Proof | None
    verdict: str
    """``ok``, ``missing``, ``excess`` or ``not proven``."""
    said: str = ""
    """The authorizer's reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleAdvice:
    """The least Role, and how it differs from what is there."""

    yaml: str
    diff: str = ""
    """Unified, from the live Role; "" where it could not be read or is the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingRow:
    """A setting as each backend reads it."""

    name: str
    value: str
    docker: str
    kubernetes: str
    note: str = ""
    write: str = ""
    """The line to write instead."""
    status: Status = Status.PASS
    secret: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmissionChange:
    """What admission does to an object of the wrapper's: sent against returned."""

    kind: str
    path: str
    sent: Any
    returned: Any
    consequence: str
    harmless: bool
    """A default of the API's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedObject:
    """Something that the real jobs would make."""

    kind: str
    name: str
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that would be done, before anything is touched."""

    calls: tuple[str, ...]
    objects: tuple[PlannedObject, ...]
    images: tuple[str, ...]
    cpu: str
    memory: str
    storage: str
    minutes: float
    """At the most, each."""
    clean_up: str
    """The line that removes all of it."""
    hash: str = ""
    """What ``--yes-plan`` accepts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """An object that was made, and whether it is gone."""

    kind: str
    name: str
    uid: str
    gone: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Something on the time axis of a real job."""

    at_s: float
    lane: str
    """``row``, ``job``, ``pod``, ``event`` or ``api``."""
    what: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RealJob:
    """One real job: what ran, what was seen of it."""

    name: str
    purpose: str
    status: Status
    started: str
    duration_s: float
    timeline: tuple[Moment, ...] = ()
    log: str = ""
    log_cut: int = 0
    """So many bytes of the log are not in here."""
    failure: str = ""
    """``input``, ``setup`` or ``check``, with the reason."""
    results: tuple[str, ...] = ()
    docker: Mapping[str, str] = field(default_factory=dict)
    kubernetes: Mapping[str, str] = field(default_factory=dict)
    """Facts of the same job on both backends, where a Docker run exists."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallCount:
    """How many calls were made in a phase: ``read-only`` or ``real jobs``."""

    phase: str
    reads: int
    reviews: int
    dry_runs: int
    writes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Masked:
    """A secret value that was taken out of a report: whose, where, and how often."""

    name: str
    where: str
    times: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What was asked for, and of whom."""

    command: str
    kubeconfig: str
    context: str
    server: str
    namespace: str
    user: str
    subject: str
    service_account: str
    replicas: int
    real_jobs: bool
    require_proof: bool = False
    merged: tuple[str, ...] = ()
    """Reports that were joined with this one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """The whole report."""

    run_id: str
    started: str
    finished: str
    scope: Scope
    decision: Decision
    results: tuple[Result, ...]
    evidence: tuple[Evidence, ...] = ()
    rights: tuple[RightRow, ...] = ()
    role: RoleAdvice | None = None
    settings: tuple[SettingRow, ...] = ()
    admission: tuple[AdmissionChange, ...] = ()
    plan: Plan | None = None
    made: tuple[Made, ...] = ()
    jobs: tuple[RealJob, ...] = ()
    calls: tuple[CallCount, ...] = ()
    audit_filter: str = ""
    """How to find our calls in the server's audit log."""
    waivers: tuple[Waiver, ...] = ()
    masked: tuple[Masked, ...] = ()
    """The secret values that stood in what is in here."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    ended: str = ""
    """Why it ended early; "" if it didn't."""
    interrupted: bool = False
    schema_version: int = SCHEMA_VERSION


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    """Made when it is first needed: that takes longer than a dump."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dumped(value: Any) -> str:
    """A record of this module as JSON."""
    return _adapter(type(value)).dump_json(value, indent=1).decode()


def line(value: Any) -> str:
    """A record of this module as one line of JSON."""
    return _adapter(type(value)).dump_json(value).decode()


def parsed(kind: type[T], data: Any) -> T:
    """A record of this module from JSON's own types; a ValueError where it is none."""
    found: T = _adapter(kind).validate_python(data)
    return found


def loaded(text: str, source: str = "validation.json") -> Validation:
    """A report that was dumped.

    :raises UsageError: it is none, or of another version
    """
    try:
        found: Validation = _adapter(Validation).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{source}: no report of a validation: {where or 'JSON'}: {first['msg']}",
            "Name a validation.json that `qfc-harness validate` wrote.",
        ) from error
    if found.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"{source}: has schema {found.schema_version}, not {SCHEMA_VERSION}.",
            "Use the qfc-harness that wrote it, or repeat that validation.",
        )
    return found
