"""What is left, and whether others were left alone."""

from collections.abc import Iterator

from ..replay import events
from ..replay.observation import Observation, time
from .finding import Result, check

STOPS = (events.STOPPED, events.KILLED)


@check(
    "leftovers.worker",
    "Nothing that was made for the worker is left in the backend.",
    why="Containers and Jobs pile up until disk, quota or the API server gives in.",
    fix="Remove the container, or the Job with its pods, whatever happened.",
)
def worker(seen: Observation) -> Iterator[Result]:
    """Containers, Jobs, pods, volumes, networks."""
    yield from _left(seen, ("container", "Job", "Pod", "volume", "network"))


@check(
    "leftovers.secrets",
    "No Secret, ConfigMap or claim that was made for the worker is left.",
    why="A token that lies about can be read by whoever may read Secrets.",
    fix="Make the Job its owner, so that it goes with it; or delete it.",
)
def secrets(seen: Observation) -> Iterator[Result]:
    """Objects beside the worker."""
    if seen.cell.backend == "kubernetes":
        kinds = ("Secret", "ConfigMap", "PersistentVolumeClaim")
        yield from _left(seen, kinds)


@check(
    "leftovers.directory",
    "The job's shared directory is gone.",
    why="The disk behind /io fills up with projects, also confidential ones.",
    fix="Remove it in every case, also after a failure.",
)
def directory(seen: Observation) -> Iterator[Result]:
    """Directories and files of the subject."""
    if "directory" not in seen.cell.scenario.expect.left:
        yield from _left(seen, ("directory", "file"))


def _left(seen: Observation, kinds: tuple[str, ...]) -> Iterator[Result]:
    done = {deed.what for deed in seen.deeds}
    if done.intersection(STOPS) and events.REPLICA not in done:
        return  # nobody was there to clear up after it
    stays = seen.cell.scenario.expect.left
    left = [
        f"{one.kind} {one.name}"
        for one in seen.leftovers
        if one.kind in kinds and one.kind not in stays
    ]
    yield Result(
        ok=not left,
        expected="nothing",
        actual=", ".join(left) or "nothing",
        where=f"{seen.cell.backend}, after the wrapper's end",
    )


@check(
    "leftovers.token",
    "The worker's token is of no use after the job.",
    why="Whoever finds it in a log or an object acts as the user until it expires.",
    fix="Expire or delete the AuthToken when the worker is gone.",
)
def token(seen: Observation) -> Iterator[Result]:
    """Expired or deleted."""
    if seen.row is not None and seen.row["status"] == "pending":
        return
    for one in seen.snapshot["tokens"]:
        expires, deleted = time(one["expires_at"]), time(one["deleted_at"])
        over = deleted is not None or (expires is not None and expires <= seen.ended)
        yield Result(
            ok=over,
            expected=f"expired by {seen.ended}",
            actual="deleted" if deleted else f"valid until {expires}",
            where="AuthToken",
        )


@check(
    "others.untouched",
    "Workers of other jobs and of other ENVIRONMENTs are as they were.",
    why="A sweep or a clean-up that reaches too far kills other people's jobs.",
    fix="Remove only what carries the own ENVIRONMENT and job, and whose row is gone.",
)
def bystanders(seen: Observation) -> Iterator[Result]:
    """Those that the harness had put beside."""
    for one in seen.bystanders:
        yield Result(
            ok=one.untouched,
            expected="untouched",
            actual="untouched" if one.untouched else "removed",
            where=f"{one.kind} {one.name}: {one.what}",
        )
