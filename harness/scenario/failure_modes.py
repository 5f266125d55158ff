"""What goes wrong where one program runs others as containers or Jobs, as data.

Collected from the public issues, documentation and code of other runners, and from
QFieldCloud's own wrapper (D1 to D12). A scenario that shows a mode has its tag:
``fm-12``, ``d-5``. ``docs/failure-modes.md`` is made of both.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to lose a job, and what a good wrapper does about it."""

    tag: str
    what: str
    wanted: str
    without: str = ""
    """Why no scenario shows it: which environment would have to, what does instead."""


MODES: tuple[Mode, ...] = (
    Mode(
        "fm-1",
        "A watch's place is too old (410 Gone, or an ERROR event of that code).",
        "Lists anew, watches on from there, and ends what vanished meanwhile.",
        "tests/unit/worker_wrapper/test_pod_events.py feeds both forms of it.",
    ),
    Mode(
        "fm-2",
        "A watch is dead although its connection looks open.",
        "Has a time-out of its own on the client's side and begins again.",
        "tests/unit/worker_wrapper/test_pod_events.py.",
    ),
    Mode(
        "fm-3",
        "The thread that watches dies, and everybody waits for it.",
        "Hands the error to whoever waits.",
        "tests/unit/worker_wrapper/test_pod_events.py lets it die.",
    ),
    Mode(
        "fm-4",
        "A call of the API hangs.",
        "Has a time-out on every call, and tries again.",
        "tests/unit/worker_wrapper/test_kube_client.py.",
    ),
    Mode(
        "fm-5",
        "The API is overloaded or fails for a moment (429, 5xx).",
        "Tries again with growing pauses, and not before Retry-After.",
        "tests/unit/worker_wrapper/test_kube_client.py.",
    ),
    Mode(
        "fm-6",
        "Something between client and API fails: a proxy's answer, a broken handshake.",
        "Treats it as passing, whatever form it has.",
        "tests/unit/worker_wrapper/test_kube_client.py.",
    ),
    Mode(
        "fm-7",
        "The object was made, but the answer was lost.",
        "Takes the object that an earlier try made for its own.",
        "tests/unit/worker_wrapper/test_kubernetes_backend.py.",
    ),
    Mode(
        "fm-8",
        "Names collide, are too long or illegal.",
        "Makes legal names that can't collide.",
        "tests/unit/worker_wrapper/test_naming.py.",
    ),
    Mode(
        "fm-9",
        "The ServiceAccount's token was rotated (401).",
        "Reads the token anew and tries again, once.",
        "tests/unit/worker_wrapper/test_kube_client.py.",
    ),
    Mode(
        "fm-10",
        "A right is missing (403).",
        "Fails at once, and names the rule that is missing.",
    ),
    Mode(
        "fm-11",
        "Quota, LimitRange, Pod Security or a policy refuse Job or pod.",
        "Waits where room may come, as long as its time for scheduling; fails fast "
        "where a rule refuses for good, which a Job without pods says in events only.",
    ),
    Mode(
        "fm-12",
        "A Job's own deadline removes its pods and their logs.",
        "Gives the pod the deadline of the run, and the Job a longer one.",
    ),
    Mode(
        "fm-13",
        "The Job is gone before it was read: its TTL is over, or somebody deletes it.",
        "Reads the log first; a number that wasn't seen is never taken for 0.",
    ),
    Mode(
        "fm-14",
        "The image can't be pulled.",
        "Fails fast for a wrong name or refused credentials, and waits for what may "
        "pass, as long as its time for starting.",
    ),
    Mode(
        "fm-15",
        "The container can't be made or started.",
        "Fails with the kubelet's words; a Secret that is to come is waited for.",
    ),
    Mode(
        "fm-16",
        "No node takes the pod.",
        "Waits as long as its time for scheduling, then fails with the scheduler's "
        "words.",
    ),
    Mode(
        "fm-17",
        "The node itself refuses the pod (OutOfmemory, OutOfcpu).",
        "Tells it as the cluster's failure: the pod has no container status.",
    ),
    Mode(
        "fm-18",
        "137 has many causes; an OOM kill may even end with 0.",
        "Goes by the container's reason, and keeps the number.",
    ),
    Mode(
        "fm-19",
        "An out-of-memory kill takes the whole container, or one process of it.",
        "Tells both: a worker whose child was killed and that ended badly, too.",
    ),
    Mode(
        "fm-20",
        "Eviction, preemption, drain.",
        "Tells it as the cluster's failure, not the worker's.",
    ),
    Mode(
        "fm-21",
        "A pod runs a second time although backoffLimit is 0.",
        "Doesn't take the second for the first: fails, and says that changes may have "
        "been made.",
    ),
    Mode(
        "fm-22",
        "A node is lost; its pod looks Running, and may be.",
        "Gives up in a time of its own setting, fences the worker (token, directory), "
        "and says that it may have gone on.",
    ),
    Mode(
        "fm-23",
        "Somebody deletes the pod.",
        "Tells it at once, apart from the Job's deletion.",
    ),
    Mode(
        "fm-24",
        "A Job is Failed before its pods are counted.",
        "Goes by the pod's container, not by the Job.",
        "Ours never reads a Job's status; tests/unit/worker_wrapper/test_pod_state.py. "
        "Wrappers that do show it in any scenario at the real pace.",
    ),
    Mode(
        "fm-25",
        "The pod fails although the worker's container ended well.",
        "Lets the worker's own container decide.",
    ),
    Mode(
        "fm-26",
        "An injected sidecar keeps the pod running for ever.",
        "Looks at the worker's container, and removes the Job when that has ended.",
    ),
    Mode(
        "fm-27",
        "A Job has several pods.",
        "Knows its own pods by their owner, never takes just any.",
    ),
    Mode(
        "fm-28",
        "The stream of a log breaks off.",
        "Doesn't take half a log for the whole.",
        "tests/unit/worker_wrapper/test_kubernetes_backend.py.",
    ),
    Mode(
        "fm-29",
        "The log was rotated: only its last file can be read.",
        "Says what is missing, and doesn't pass the rest off as the whole.",
    ),
    Mode(
        "fm-30",
        "The log is not UTF-8.",
        "Keeps every byte in a form that text can hold.",
    ),
    Mode(
        "fm-31",
        "The log can't be read yet, or no more (400, 404).",
        "Doesn't fail the job for it; the output says that it couldn't be read.",
        "tests/unit/worker_wrapper/test_kubernetes_backend.py.",
    ),
    Mode(
        "fm-32",
        "The log is huge.",
        "Keeps head and tail, and says how much is left out.",
    ),
    Mode(
        "fm-33",
        "The exit code is missing or late.",
        "Writes null; never guesses.",
    ),
    Mode(
        "fm-34",
        "The worker ends with 0 but leaves no feedback, half of one, or no object.",
        "Fails the job, with a type for each.",
    ),
    Mode(
        "fm-35",
        "The wrapper is restarted while the worker runs.",
        "Another one finds the worker and finishes the job.",
        "tests/unit/worker_wrapper/test_take_over.py.",
    ),
    Mode(
        "fm-36",
        "The wrapper is told to end (SIGTERM), and takes its worker along.",
        "Finishes, or hands over; never kills.",
        "tests/unit/worker_wrapper/test_take_over.py.",
    ),
    Mode(
        "fm-37",
        "Pods stay when their Job is deleted.",
        "Deletes with propagation, by UID; a TTL is the safety net.",
    ),
    Mode(
        "fm-38",
        "What was made beside the Job stays when the rest fails.",
        "Makes the Secret after the Job and owned by it.",
    ),
    Mode(
        "fm-39",
        "The volume is missing, unbound, or bound to another node.",
        "Fails after its time with the scheduler's or the kubelet's words.",
    ),
    Mode(
        "fm-40",
        "The worker's user may not write to the volume.",
        "Has settings for uid, gid and fsGroup.",
    ),
    Mode(
        "fm-41",
        "Clocks differ between wrapper, node and database.",
        "Measures durations with one clock, and compares no two.",
        "It takes a node or a pod with a clock of its own, which Linux doesn't "
        "give to containers (time namespaces leave the wall clock alone). The row's "
        "times are the wrapper's clock alone; row.docker-times checks their order.",
    ),
    Mode(
        "fm-42",
        "The worker ends before anybody saw it run.",
        "Takes pending → terminated for what it is.",
    ),
    Mode(
        "fm-43",
        "The pod's phase is Unknown.",
        "Waits for what its container or the taints say.",
    ),
    Mode(
        "fm-44",
        "Two write a final status: wrapper and reaper, or two replicas.",
        "Writes only while the row is still in work.",
        "tests/unit/worker_wrapper/test_rows.py.",
    ),
    Mode(
        "fm-45",
        "One time-out stands for waiting, starting and running.",
        "Has three, and says which one it was.",
    ),
    Mode(
        "fm-46",
        "A new major version of the client library breaks the wrapper.",
        "Uses of it only what stays, and is tested with every one.",
        "tox runs the unit tests of the wrapper with each major version.",
    ),
)

DEFECTS: tuple[Mode, ...] = (
    Mode(
        "d-1",
        "After exit code 137: no log, the container stays, docker_finished_at is "
        "missing, and a deleted project is blamed.",
        "Reads the log, removes the container, and tells memory from a kill.",
    ),
    Mode(
        "d-2",
        "One byte of log or output that is not UTF-8 fails a good job.",
        "Keeps it escaped.",
    ),
    Mode(
        "d-3",
        "A NUL in output or feedback fails a good job.",
        "Keeps it in a form that the database takes.",
    ),
    Mode(
        "d-4",
        "Waiting with a time-out raises one of two exceptions; the container stays "
        "after the other.",
        "Takes both for what they are.",
        "tests/unit/worker_wrapper/test_docker_backend.py.",
    ),
    Mode(
        "d-5",
        "After an exit code other than 0 finished_at stays empty.",
        "Sets it with every final status.",
    ),
    Mode(
        "d-6",
        "Another replica's sweep kills a container whose id isn't in the row yet.",
        "Goes by the row's existence, not by its container_id.",
    ),
    Mode(
        "d-7",
        "A wrapper that dies between queued and started blocks the project for good.",
        "Another one makes the row pending again.",
        "tests/unit/worker_wrapper/test_sweep.py.",
    ),
    Mode(
        "d-8",
        "A late finish overwrites what the reaper has made failed.",
        "Writes only while the row is in work.",
        "tests/unit/worker_wrapper/test_rows.py.",
    ),
    Mode(
        "d-9",
        "/io works only where the daemon's host has the same path.",
        "Mounts what both see, and fails with words where they don't.",
    ),
    Mode(
        "d-10",
        "A missing row raises within the error handling itself.",
        "Has nothing to run, and says so.",
    ),
    Mode(
        "d-11",
        "Secrets of type envvar never reach the worker in the version of 2024.",
        "Hands them over, byte for byte.",
    ),
    Mode(
        "d-12",
        "The temporary directory stays after a failure.",
        "Removes it in every case.",
    ),
)
