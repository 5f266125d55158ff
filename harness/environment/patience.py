"""Every time-out of the environments, in one place, and what is said when one passes.

A job's own limit is the scenario's (``WORKER_TIMEOUT_S``) and not among these.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import EnvironmentMissing

Seen = TypeVar("Seen")
LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long something may take, and what to do if it takes longer."""

    name: str
    seconds: float
    hint: str

    def passed(self, what: str, last_seen: str = "") -> "TimedOut":
        """The error to raise: which time-out it was, for what, and what was seen."""
        seen = f" Last seen: {last_seen}" if last_seen else " Nothing was seen."
        return TimedOut(
            f"Time-out {self.name!r} ({self.seconds:g} s) passed: {what}.{seen}",
            self.hint,
        )

    def wait(
        self,
        what: str,
        look: Callable[[], tuple[Seen | None, str]],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Seen:
        """Look again and again until there is something.

        :param look: gives what is waited for (None: not yet), and what is seen instead
        :raises TimedOut: it took too long
        """
        deadline = clock() + self.seconds
        while True:
            found, instead = look()
            if found is not None:
                return found
            if clock() >= deadline:
                raise self.passed(what, instead)
            sleep(LOOK_AGAIN_S)


class TimedOut(EnvironmentMissing):
    """The environment took longer than it may."""


CLUSTER = Patience(
    name="cluster",
    seconds=300,
    hint="Try `kind create cluster` by hand: it says where it stands still. A cluster "
    "needs two cores, 2 GiB of memory and a reachable node image.",
)
IMAGE = Patience(
    name="image",
    seconds=900,
    hint="QGIS's image takes minutes to build and to load into a node; is there a way "
    "to Debian's packages, and room on the engine's disk (`docker system df`)?",
)
SCHEDULE = Patience(
    name="schedule",
    seconds=30,
    hint="No node takes the pod, or its claims find no volume: see its events.",
)
START = Patience(
    name="start",
    seconds=120,
    hint="The pod or container is there, but its program doesn't begin: see the "
    "events, and the log of what is to start.",
)
RUN = Patience(
    name="run",
    seconds=600,
    hint="The wrapper didn't end: see its log for what it waits for.",
)
COLLECT = Patience(
    name="collect",
    seconds=20,
    hint="What was made is still being deleted: see finalizers and owners.",
)
CLEAN_UP = Patience(
    name="clean up",
    seconds=120,
    hint="`qfc-harness gc` removes what is left, once the run is over.",
)
CALL = Patience(
    name="call",
    seconds=30,
    hint="The API takes the connection but gives no answer: is the machine overloaded?",
)
