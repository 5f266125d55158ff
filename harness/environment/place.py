"""Where a cell happens: what the subject's process gets, and what can be seen of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..scenario.cells import Cell
from ..standin.application import ControlApi
from ..standin.database import Database
from ..tap.gates import Moment
from ..tap.journal import Call
from .capabilities import Capabilities
from .seen import WorkerSeen

NEIGHBOUR = "neighbour-of-another-job.txt"
"""A file of another job's directory; a worker that can see it sees too much."""

INVALID_IMAGE = "registry.invalid/qfc-harness/Invalid:1"
"""No image can have this name: it has a capital."""
NO_PROGRAM = "/no/such/program"
"""The ENTRYPOINT of the image that is broken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bind:
    """A file or directory that the subject's process sees at a path of its own."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule of a Role."""

    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    def allows(self, verb: str, group: str, resource: str) -> bool:
        """Whether this rule grants a right."""
        return all(
            wanted in given or "*" in given
            for wanted, given in (
                (verb, self.verbs),
                (group, self.groups),
                (resource, self.resources),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """Something that the subject made and that is still there."""

    kind: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bystander:
    """Another worker, which the subject has to leave alone."""

    kind: str
    name: str
    untouched: bool
    what: str
    """What it stands for: ``another job of this ENVIRONMENT``, …"""


def image_of(cell: Cell) -> str:
    """Which of a run's images a cell's worker is: ``job``, ``probe``, ``missing`` …"""
    if cell.scenario.given.image != "present":
        return cell.scenario.given.image
    return "job" if cell.scenario.worker == "job" else "probe"


class ServedApp(Protocol):
    """A stand-in that is served, wherever it runs."""

    environ: dict[str, str]
    """What a subject needs to reach its database and files."""
    control: ControlApi

    @property
    def api_url(self) -> str:
        """``QFIELDCLOUD_URL`` for workers."""


class Calls(Protocol):
    """What a tap has noted, wherever it runs."""

    def calls(self) -> list[Call]:
        """All calls so far, in the order of their beginning."""


class Held(Protocol):
    """A call of the subject's that is stopped at a gate of the tap."""

    def wait(self, timeout_s: float) -> bool:
        """Whether the call has come, after waiting a while for it."""

    def release(self, *, goes_on: bool = True) -> None:
        """Let it go on, or cut its connection."""


class GateKeeper(Protocol):
    """The gates of a tap, wherever it runs."""

    def hold(self, chosen: str, moment: Moment, nth: int = 1) -> Held:
        """Stop the nth such call, from now on."""


class Place(Protocol):
    """One cell's own piece of an environment, as long as it is open."""

    @property
    def app(self) -> ServedApp:
        """The cell's stand-in."""

    @property
    def journal(self) -> Calls:
        """The subject's calls of the backend's API."""

    @property
    def gates(self) -> GateKeeper:
        """Where they can be stopped."""

    environment_name: str
    environ: Mapping[str, str]
    """For the subject's process; the stand-in's variables come on top."""
    binds: tuple[Bind, ...]
    granted: tuple[Rule, ...] | None
    """The subject's rights; None where the backend has none."""

    def prepare(self, job_id: str, neighbour_job_id: str) -> None:
        """Make what is to be there before the job: bystanders, a neighbour's files."""

    def wait(self, moment: str, timeout_s: float) -> bool:
        """Wait for ``worker_created``, ``worker_running`` or ``worker_ended``."""

    def act(self, deed: str) -> str:
        """Do something to the worker; answers what was done."""

    def workers(self) -> list[WorkerSeen]:
        """What was seen of the subject's workers."""

    def leftovers(self) -> list[Leftover]:
        """What the subject made and left."""

    def bystanders(self) -> list[Bystander]:
        """The workers that the subject had to leave alone."""

    def backend_end(self) -> datetime | None:
        """When the backend reported the worker's end to whoever listened."""

    def evidence(self) -> dict[str, Any]:
        """More that a report may show of a failure: events, descriptions."""


class Started(Protocol):
    """An environment that is up, for the cells of a run."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def proof(self) -> str:
        """``simulated`` or ``real``: how a finding from here was proven."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    @property
    def description(self) -> Mapping[str, str]:
        """Versions and the like, for the report."""

    @property
    def note(self) -> str:
        """What a user should know of it; "" for nothing."""

    def use(self, database: Database) -> None:
        """Take the databases of the cells from here."""

    def open(self, cell: Cell, directory: Path) -> Any:
        """A context manager that gives the cell's place."""

    def lost(self) -> str:
        """Why it can't be used any more; "" as long as it can."""

    def node_logs(self, since: datetime) -> Mapping[str, str]:
        """What its nodes logged, for a cell that failed; bounded."""

    def close(self) -> None:
        """Take it down."""
