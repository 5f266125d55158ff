"""Everything that was seen of a cell; frozen, and all that expectations look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..environment.capabilities import Capabilities
from ..environment.place import Bystander, Leftover, Rule
from ..environment.seen import WorkerSeen
from ..scenario.cells import Cell
from ..subject.seen import SubjectSeen
from ..tap.journal import Call
from .outputs import Outputs


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something that a scenario's event did."""

    at: datetime
    what: str
    happened: bool = True
    """False: its moment never came."""
    seen: SubjectSeen | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arranged:
    """What the rows were made of."""

    job_id: str
    project_id: str
    neighbour_job_id: str
    token: str = field(repr=False)
    """The user's own, not the worker's."""
    secrets: Mapping[str, str] = field(repr=False)
    """Values of the project's secrets by name."""
    pgservices: str = field(repr=False)
    delta_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One cell, seen from all sides."""

    cell: Cell
    proof: str
    slow: bool
    """It took as long as on a real cluster or engine: it is one, or had its pace."""
    capabilities: Capabilities
    arranged: Arranged
    began: datetime
    ended: datetime
    environ: Mapping[str, str]
    """What the environment told the subject: the backend's names, the settings."""
    snapshot: Mapping[str, Any]
    """As the stand-in's control API gives it."""
    workers: tuple[WorkerSeen, ...]
    subjects: tuple[SubjectSeen, ...]
    calls: tuple[Call, ...]
    granted: tuple[Rule, ...] | None
    leftovers: tuple[Leftover, ...]
    bystanders: tuple[Bystander, ...]
    deeds: tuple[Deed, ...]
    backend_end: datetime | None
    evidence: Mapping[str, Any]
    compared: tuple[Outputs, ...] = ()
    """What the worker made of the job and what the ogr engine did; empty: neither."""

    @property
    def row(self) -> Mapping[str, Any] | None:
        """The job's row at the end; None if it is gone."""
        row: Mapping[str, Any] | None = self.snapshot["job"]
        return row

    @property
    def feedback(self) -> Mapping[str, Any]:
        """The row's feedback; empty if there is none."""
        found = (self.row or {}).get("feedback")
        return found if isinstance(found, Mapping) else {}

    @property
    def probe(self) -> Mapping[str, Any] | None:
        """What the probe reported of what it was given; None without a report."""
        reports = self.snapshot["probe"]
        report: Mapping[str, Any] | None = reports[0]["report"] if reports else None
        return report

    @property
    def scripted(self) -> bool:
        """Whether the worker is the probe."""
        return self.cell.scenario.worker != "job"

    @property
    def final_at(self) -> datetime | None:
        """When the row first became final."""
        for entry in self.snapshot["history"]:
            if entry["new_status"] in ("finished", "failed", "stopped"):
                return time(entry["at"])
        return None

    @property
    def worker(self) -> WorkerSeen | None:
        """The subject's worker, where there is exactly one."""
        return self.workers[0] if len(self.workers) == 1 else None


def time(text: str | None) -> datetime | None:
    """A time as the control API writes it (ISO 8601)."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
