"""Two places of one cell as one: a wrapper that may talk to either backend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..tap.journal import Call
from .place import Bind, Bystander, Calls, GateKeeper, Leftover, Place, Rule, ServedApp
from .seen import WorkerSeen


@dataclass(kw_only=True)
class Both:
    """What is done and seen is done and seen in both; the first is asked otherwise."""

    first: Place
    second: Place
    environment_name: str
    environ: Mapping[str, str]
    binds: tuple[Bind, ...]
    granted: tuple[Rule, ...] | None

    @property
    def app(self) -> ServedApp:
        """The one that both have."""
        return self.first.app

    @property
    def journal(self) -> Calls:
        """The calls of both."""
        return self

    @property
    def gates(self) -> GateKeeper:
        """Those of the first."""
        return self.first.gates

    def calls(self) -> list[Call]:
        """In the order of their beginning."""
        found = [*self.first.journal.calls(), *self.second.journal.calls()]
        return sorted(found, key=lambda call: call.at)

    def prepare(self, job_id: str, neighbour_job_id: str) -> None:
        """Make what is to be there before the job."""
        self.first.prepare(job_id, neighbour_job_id)
        self.second.prepare(job_id, neighbour_job_id)

    def wait(self, moment: str, timeout_s: float) -> bool:
        """Wait for a moment on the first."""
        return self.first.wait(moment, timeout_s)

    def act(self, deed: str) -> str:
        """Do something on the first."""
        return self.first.act(deed)

    def workers(self) -> list[WorkerSeen]:
        """Those of both."""
        return [*self.first.workers(), *self.second.workers()]

    def leftovers(self) -> list[Leftover]:
        """Those of both."""
        return [*self.first.leftovers(), *self.second.leftovers()]

    def bystanders(self) -> list[Bystander]:
        """Those of both."""
        return [*self.first.bystanders(), *self.second.bystanders()]

    def backend_end(self) -> datetime | None:
        """Of the first."""
        return self.first.backend_end()

    def evidence(self) -> dict[str, Any]:
        """Of the first."""
        return self.first.evidence()


def both_of(first: Place, second: Place) -> Both:
    """Both, for a subject whose settings say which of them it uses.

    The first's settings win; both have the same ENVIRONMENT.
    """
    return Both(
        first=first,
        second=second,
        environment_name=first.environment_name,
        environ={**second.environ, **first.environ},
        binds=(*first.binds, *second.binds),
        granted=second.granted,
    )
