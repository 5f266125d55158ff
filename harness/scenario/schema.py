"""What a scenario file may say. Closed and frozen: an unknown key is a mistake.

The JSON schema that editors complete from is generated from here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import calls, script
from .fault import Fault

Backend = Literal["docker", "kubernetes"]
BACKENDS: tuple[Backend, ...] = ("docker", "kubernetes")
JobType = Literal["package", "delta_apply", "process_projectfile", "create_project"]
Need = Literal["namespaces", "rbac", "real_limits", "registry", "two_nodes", "pace"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Value = str | int | float | bool
ExitCode = Annotated[int, Field(ge=-2, le=255)]
"""-1 is QFieldCloud's code of a timeout, -2 that of its reaper."""


class Closed(BaseModel):
    """Base of all parts of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretGiven(Closed):
    """A secret of the project."""

    name: Annotated[str, Field(pattern=r"^[A-Z]+[A-Z0-9_]+$")] = Field(
        description="Name, as QFieldCloud allows it."
    )
    type: Literal["envvar", "pgservice"] = Field(
        description="An environment variable, or a section of pg_service.conf."
    )
    value: str = Field(
        description="The value; `@random:N` stands for N random printable characters."
    )


class WithoutRule(Closed):
    """A right that is taken out of the wrapper's Role."""

    resource: str = Field(description="For example `pods/log` or `jobs`.")
    verb: str = Field(default="*", description="One verb, or `*` for all of them.")


class Given(Closed):
    """The state before the job."""

    project: str = Field(
        default="trees", description="A folder of fixtures/projects, with project.yaml."
    )
    secrets: tuple[SecretGiven, ...] = Field(
        default=(), description="The project's secrets."
    )
    config: dict[str, Value] = Field(
        default_factory=dict,
        description="Values of constance: WORKER_TIMEOUT_S, "
        "WORKER_QGIS_MEMORY_LIMIT, WORKER_QGIS_CPU_SHARES.",
    )
    settings: dict[str, str] = Field(
        default_factory=dict,
        description="Django settings of the wrapper (QFIELDCLOUD_…), as text.",
    )
    environment_name: str = Field(
        default="",
        description="Begins ENVIRONMENT, of which labels are made.",
    )
    image: Literal[
        "present", "missing", "denied", "unreachable", "slow", "invalid", "broken"
    ] = Field(
        default="present",
        description="What a pull of the worker's image gives; `slow`: it takes 30 s; "
        "`invalid`: its name is none that an image can have; `broken`: it is there, "
        "but its ENTRYPOINT isn't.",
    )
    objects: tuple[dict[str, Any], ...] = Field(
        default=(),
        description="Objects that are in the namespace beforehand: a ResourceQuota, a "
        "LimitRange, a PersistentVolumeClaim (kubernetes).",
    )
    pod_security: Literal["", "baseline", "restricted"] = Field(
        default="",
        description="The Pod Security Standard that the namespace enforces "
        "(kubernetes).",
    )
    own_node: bool = Field(
        default=False,
        description="Workers run on a node of their own, which can be lost "
        "(kubernetes).",
    )
    other_node: Literal["", "shared", "bound"] = Field(
        default="",
        description="Workers have to go to another node than the wrapper's; the claims "
        "are `shared` by both nodes, or `bound` to the wrapper's (kubernetes).",
    )
    sidecar: Literal["", "container", "failing", "init"] = Field(
        default="",
        description="The cluster adds a second container to each worker's pod: a "
        "plain one that never ends, one that fails at once, or an init container that "
        "restarts (kubernetes).",
    )
    without: tuple[WithoutRule, ...] = Field(
        default=(), description="Rights taken out of the wrapper's Role (kubernetes)."
    )
    busy: bool = Field(
        default=False, description="The project has another job that is `started`."
    )
    row_gone: bool = Field(
        default=False,
        description="The row is deleted when the job was picked, before it is run.",
    )
    storage_used_up: bool = Field(
        default=False, description="The account's storage quota is used up (402)."
    )


class Job(Closed):
    """The job that is run."""

    type: JobType = Field(description="QFieldCloud's job type.")
    deltafile: str = Field(
        default="", description="A file of fixtures/deltas (delta_apply)."
    )
    overwrite_conflicts: bool = Field(
        default=False, description="Conflicting deltas are applied (delta_apply)."
    )


Moment = Literal[
    "row_started",
    "worker_created",
    "worker_running",
    "worker_reported",
    "worker_ended",
    "row_final",
]
ClusterDeed = Literal[
    "bind_worker",
    "delete_job",
    "delete_secret",
    "evict_worker",
    "find_node",
    "forget_worker",
    "free_quota",
    "lose_node",
    "preempt_worker",
    "say_unknown",
]
"""What only a cluster's administrator, or the cluster itself, does."""
Deed = (
    Literal[
        "sweep",
        "reap",
        "reap_late",
        "delete_job_row",
        "kill_worker",
        "delete_worker",
        "stop_wrapper",
        "kill_wrapper",
        "freeze_wrapper",
        "start_wrapper",
        "switch_backend",
        "cut_database",
    ]
    | ClusterDeed
)
Saving = Literal[
    "started", "container_id", "docker_finished_at", "output", "finished", "failed"
]
CallName = Annotated[str, Field(pattern=calls.PATTERN)]


class HeldMoment(Closed):
    """A moment at which the wrapper itself is held, and after the deeds let go."""

    before: CallName = Field(
        default="",
        description="A call, before the backend hears of it: a step of every wrapper "
        f"({', '.join(calls.STEPS)}), or verb and resource (`create jobs`).",
    )
    answered: CallName = Field(
        default="",
        description="A call that is done, and whose answer the wrapper waits for.",
    )
    nth: int = Field(default=1, ge=1, description="Which of these calls.")
    saving: Saving | None = Field(
        default=None,
        description="A write of the row, before it is done: the status it is to get, "
        "or the column that is to change.",
    )


class Event(Closed):
    """Something that is done while the job runs."""

    at: Moment | HeldMoment = Field(description="The moment it waits for.")
    do: Deed | tuple[Deed, ...] = Field(
        description="What is done, one after the other: the wrapper's sweep in a "
        "second process, QFieldCloud's reaper now or as if it was an hour later, the "
        "row deleted, the worker's process killed from outside, its container or pod "
        "deleted, SIGTERM, SIGKILL or SIGSTOP to the wrapper, another wrapper started "
        "that sweeps and dequeues until the job is final, the backend setting changed "
        "for all that are started from then on, the database's sessions cut. "
        "On Kubernetes also: its pod evicted, preempted, bound to a node that has no "
        "room for it, removed without the Job controller's counting it "
        "(forget_worker) or said to be Unknown; its Job or its Secret deleted; its "
        "node lost, where the worker runs on, and back; the given ResourceQuotas "
        "removed."
    )
    after_s: float = Field(
        default=0.0, ge=0, le=60, description="Seconds after the moment."
    )

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What is done, in order."""
        return self.do if isinstance(self.do, tuple) else (self.do,)


class PerBackend(Closed):
    """A value that differs between the backends."""

    docker: Any = Field(default=None, description="Expected on Docker.")
    kubernetes: Any = Field(default=None, description="Expected on Kubernetes.")


class ExpectDeltas(Closed):
    """How many deltas end in which status."""

    applied: int = 0
    conflict: int = 0
    not_applied: int = 0
    error: int = 0


class ExpectProject(Closed):
    """What the job leaves in the project."""

    details: bool | None = Field(
        default=None, description="`project_details` is filled (true) or null (false)."
    )
    layers: int | None = Field(
        default=None, description="How many layers `project_details` has."
    )
    crs: str | None = Field(default=None, description="The CRS in `project_details`.")
    extent_begins: str | None = Field(
        default=None, description="How the WKT of `project_details.extent` begins."
    )
    thumbnail: bool | None = Field(
        default=None, description="The project has a thumbnail that is a PNG."
    )
    packaged: bool | None = Field(
        default=None,
        description="The package is the project's latest: `last_package_job` and "
        "`data_last_packaged_at` (the time the run began).",
    )
    package_files: tuple[str, ...] = Field(
        default=(), description="Files that the package holds."
    )
    files: tuple[str, ...] = Field(
        default=(), description="Files that the project holds afterwards."
    )


class Expect(Closed):
    """What must be seen; what isn't named here is not checked, but the invariants."""

    status: Literal["finished", "failed", "pending", "gone"] = Field(
        description="The row's status at the end; `gone`: the row was deleted."
    )
    container_exit_code: ExitCode | PerBackend | None = Field(
        default=None, description="`feedback.container_exit_code`."
    )
    worker_exit_code: ExitCode | PerBackend | None = Field(
        default=None, description="How the container really ended."
    )
    error_type: str | PerBackend | None = Field(
        default=None, description="`feedback.error_type`."
    )
    error_origin: str | None = Field(
        default=None, description="`feedback.error_origin`."
    )
    error_contains: tuple[str, ...] = Field(
        default=(), description="Texts that `feedback.error` holds."
    )
    output_contains: tuple[str, ...] = Field(
        default=(), description="Texts that `output` holds."
    )
    output_lacks: tuple[str, ...] = Field(
        default=(), description="Texts that `output` doesn't hold."
    )
    output_whole: bool = Field(
        default=True, description="`output` holds the whole of the worker's log."
    )
    no_worker: bool = Field(
        default=False, description="No container or Job is made, or it never runs."
    )
    reports: bool = Field(
        default=True, description="The probe lives long enough to report."
    )
    steps: tuple[str, ...] = Field(
        default=(), description="Step ids in the feedback, all of them completed."
    )
    deltas: ExpectDeltas | None = Field(
        default=None, description="How the deltas end (delta_apply)."
    )
    project: ExpectProject = Field(
        default_factory=ExpectProject, description="What becomes of the project."
    )
    within_s: float | None = Field(
        default=None, description="The row is final after so many seconds."
    )
    denied: tuple[WithoutRule, ...] = Field(
        default=(), description="Calls that the API is expected to refuse (403)."
    )
    left: tuple[Literal["Job", "Pod", "Secret", "directory"], ...] = Field(
        default=(),
        description="What stays, because the wrapper can not remove it.",
    )


class Scenario(Closed):
    """One scenario."""

    name: Slug = Field(description="Unique; part of every cell's id.")
    description: str = Field(min_length=10, description="One sentence: what is shown.")
    tags: tuple[str, ...] = Field(
        default=(), description="Themes, job types, failure modes (`fm-18`)."
    )
    backends: tuple[Backend, ...] = Field(
        default=BACKENDS, description="Where it applies."
    )
    needs: tuple[Need, ...] = Field(
        default=(), description="What an environment must be able to do; else skipped."
    )
    given: Given = Field(default_factory=Given, description="The state before.")
    job: Job = Field(description="The job.")
    worker: Literal["job"] | script.Script = Field(
        default="job",
        description="`job` for the real job, or the script that the probe follows.",
    )
    during: tuple[Event, ...] = Field(
        default=(), description="What is done while the job runs."
    )
    faults: tuple[Fault, ...] = Field(
        default=(), description="What goes wrong between wrapper and backend."
    )
    expect: Expect = Field(description="What must be seen.")
    reason: str = Field(
        default="", description="Why it matters, where the description doesn't say."
    )

    @property
    def migrates(self) -> bool:
        """Whether the backend setting changes on the way: both are there then."""
        return any("switch_backend" in event.deeds for event in self.during)
