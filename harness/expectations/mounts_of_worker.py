"""The mounts that the worker really got, as the probe found them from inside."""

from collections.abc import Iterator

from ..environment.place import NEIGHBOUR
from ..replay.observation import Observation
from .finding import Result, cannot_look, check, equal
from .seen_by_worker import report_of

NO_MOUNTS = (
    "Workers run without mount namespaces here, so what the worker sees of /io and "
    "/transformation_grids proves nothing about mounts."
)


@check(
    "worker.io",
    "/io is there and the worker can write to it.",
    why="Feedback and results go through it.",
    fix="Mount the job's directory read-write at /io, with owner or fsGroup so that "
    "the worker's user may write.",
)
def io(seen: Observation) -> Iterator[Result]:
    """A mount, writable."""
    for worker in seen.workers:
        kinds = [one.kind for one in worker.mounts if one.target == "/io"]
        if "emptyDir" in kinds:
            yield Result(
                ok=False,
                expected="a directory that wrapper and worker share",
                actual="an emptyDir, which no other pod sees",
                where=f"volumes of {worker.name}",
                fix="Mount the claim that the wrapper mounts too, with subPath.",
            )
    report = report_of(seen)
    if report is None:
        if seen.workers and not seen.capabilities.namespaces:
            yield cannot_look(NO_MOUNTS, "/io")
        return
    yield equal(True, report["io"]["writable"], "the probe wrote a file to /io")
    if report["mounts_redirected"]:
        yield cannot_look(NO_MOUNTS, "/io")
        return
    mount = report["mounts"]["/io"]
    yield Result(
        ok=mount is not None,
        expected="a mount",
        actual="a mount" if mount else "a directory of the image",
        where="/proc/self/mountinfo, /io",
    )


@check(
    "worker.io-ownership",
    "What the worker writes to /io, the wrapper can read and delete.",
    why="Without root's rights a wrapper can't read the feedback of another user's "
    "worker, and /io fills up with directories that it can't remove.",
    fix="Run both as the same user, or share a group (fsGroup) and a umask of 002.",
)
def io_ownership(seen: Observation) -> Iterator[Result]:
    """By a new file's owner: the directory belongs to the wrapper, which made it.

    A simulated worker has one user of the machine, whatever number it is shown.
    """
    report = report_of(seen)
    if report is None or not report["io"]["writable"] or seen.proof != "real":
        return
    (uid, gid), new = report["io"]["owner"], report["io"]["new_file"]
    umask = int(report["process"]["umask"], 8)
    shared = new["gid"] == gid and not umask & 0o060
    yield Result(
        ok=new["uid"] == uid or shared,
        expected=f"user {uid}, or group {gid} and a umask of 002",
        actual=f"user {new['uid']}, group {new['gid']}, umask {umask:03o}",
        where="a file that the probe made in /io",
    )


@check(
    "worker.io-isolation",
    "/io holds this job's files only.",
    why="A worker that sees the directories of other jobs can read other people's "
    "projects, and change them.",
    fix="Mount one directory for a job: on Kubernetes with subPath.",
)
def io_isolation(seen: Observation) -> Iterator[Result]:
    """Another job's files, which lie beside, can't be seen."""
    report = report_of(seen)
    if report is None:
        return
    if report["mounts_redirected"]:
        yield cannot_look(NO_MOUNTS, "/io")
        return
    files = report["io"]["files"]
    foreign = [name for name in files if NEIGHBOUR in name]
    others = [name for name in report["io"]["jobs"] if seen.arranged.job_id not in name]
    yield Result(
        ok=not foreign and not others,
        expected="nothing of another job",
        actual=", ".join([*foreign, *others]) or "nothing of another job",
        where="the probe's listing of /io",
    )


@check(
    "worker.grids",
    "/transformation_grids is there, and has grids.",
    why="Without grids coordinates are off by metres, and nobody is told.",
    fix="Mount the volume or claim at /transformation_grids.",
)
def grids(seen: Observation) -> Iterator[Result]:
    """Files there."""
    report = report_of(seen)
    if report is None:
        return
    found = report["transformation_grids"]
    yield Result(
        ok=bool(found["files"]),
        expected="grid files",
        actual=", ".join(found["files"]) or "nothing",
        where="/transformation_grids",
    )


@check(
    "worker.grids-read-only",
    "The worker can't write to /transformation_grids.",
    why="A writable volume lets one job spoil the coordinates of all others.",
    fix="Mount the volume or claim read-only.",
)
def grids_read_only(seen: Observation) -> Iterator[Result]:
    """The mount's flag says ro, and writing fails."""
    report = report_of(seen)
    if report is None:
        return
    if report["mounts_redirected"]:
        yield cannot_look(NO_MOUNTS, "/transformation_grids")
        return
    mount = report["mounts"]["/transformation_grids"]
    if mount is None:
        return  # worker.grids says so
    yield equal(True, mount["read_only"], "mount flag ro of /transformation_grids")
    tried = report["transformation_grids"]["writable"]
    yield equal(False, tried, "the probe tried to write there")
