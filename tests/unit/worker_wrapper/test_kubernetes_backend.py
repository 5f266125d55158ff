"""The Kubernetes half, on a simulated cluster."""

import threading
import time

import pytest
from conftest import use_backend
from samples import JOB_ID, spec

from worker_wrapper import failures, manifest

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def used(simulated, set_, monkeypatch, tmp_path, program):
    """The backend, in a namespace of its own."""
    use_backend("kubernetes", simulated, set_, monkeypatch, tmp_path)
    from worker_wrapper import backends

    return backends.get


@pytest.fixture
def namespace(used) -> str:
    from worker_wrapper import backends

    return backends.worker_settings().kubernetes.namespace


@pytest.fixture
def made(used):
    def make(**more):
        from worker_wrapper import backends

        more.setdefault("io_directory", used().make_io_directory(JOB_ID))
        more.setdefault("memory_bytes", 100 * 1024**2)
        return spec(image=backends.worker_settings().image, **more)

    return make


def start(backend, given):
    return backend.start(given, lambda _: None)


def attended(backend, given):
    return backend.attend(start(backend, given), given, lambda: True)


def later(deed, *arguments) -> None:
    """Do something when the worker runs."""
    threading.Timer(1.0, deed, arguments).start()


def test_the_jobs_directory_is_empty_and_its_own(used, made):
    """What an earlier try left is taken away."""
    first = used().make_io_directory(JOB_ID)
    (first / "feedback.json").write_text("old")
    again = used().make_io_directory(JOB_ID)
    assert again == first
    assert list(again.iterdir()) == []
    assert used().make_io_directory("other") != first


def test_a_claim_that_is_not_mounted(used, set_):
    """The message says which, and what to set."""
    from worker_wrapper.failures import WorkerFailed

    set_(QFIELDCLOUD_K8S_IO_MOUNT_PATH="/nowhere")
    with pytest.raises(WorkerFailed, match="QFIELDCLOUD_K8S_IO_MOUNT_PATH"):
        used().make_io_directory(JOB_ID)


def test_a_worker_from_start_to_end(used, made, program, simulated, namespace):
    """Exit code, log, the Job's UID; Job, pod and Secret go with it."""
    program("print('hello'); raise SystemExit(7)")
    backend, given = used(), made()
    worker = start(backend, given)
    ended = backend.attend(worker, given, lambda: True)
    assert (ended.exit_code, ended.output, ended.failure) == (7, "hello\n", None)
    (job,) = simulated.api.list("Job", namespace)
    assert worker.container_id == job["metadata"]["uid"]
    backend.remove(worker)
    backend.remove(worker)

    def gone() -> bool:
        kinds = ("Job", "Pod", "Secret")
        return not any(simulated.api.list(kind, namespace) for kind in kinds)

    deadline = time.monotonic() + 10
    while not gone() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone()


def test_a_create_whose_answer_was_lost_is_adopted(used, made, program):
    """Tried again, it finds the Job of the same name and job."""
    program(SLEEPS)
    backend, given = used(), made()
    first, second = start(backend, given), start(backend, given)
    assert first == second


def test_a_name_that_is_somebody_elses(used, made, simulated, namespace):
    """It is neither adopted nor deleted."""
    from worker_wrapper import manifest
    from worker_wrapper.failures import WorkerFailed

    backend, given = used(), made()
    body = manifest.job(given, backend._settings)
    body["metadata"]["labels"] = {"job_id": "another"}
    body["spec"]["suspend"] = True
    simulated.api.create(body, namespace)
    with pytest.raises(WorkerFailed, match="already exists"):
        start(backend, given)
    assert len(simulated.api.list("Job", namespace)) == 1


def test_a_time_out_keeps_the_log(used, made, program):
    """It is read while the Job is taken away."""
    program(SLEEPS)
    ended = attended(used(), made(timeout_s=1))
    assert ended.exit_code == -1
    assert ended.output.startswith("up\n")
    assert ended.failure.kind is failures.TIMEOUT


def test_a_silent_worker_is_followed_until_it_can_be_over(
    used, made, program, monkeypatch
):
    """Its time, its grace, what a kubelet needs to notice: else the log breaks off."""
    program(SLEEPS)
    backend = used()
    silences = []

    def open_log(*arguments, **more):
        silences.append(more.get("read_timeout_s", 0))
        return type(backend._client).open_log(backend._client, *arguments, **more)

    monkeypatch.setattr(backend._client, "open_log", open_log)
    attended(backend, made(timeout_s=1))
    assert silences[0] >= 1 + manifest.GRACE_S + 5


def test_more_memory_than_it_may(used, made, program):
    """The API's reason decides."""
    program("x = bytearray(400 * 1024**2)\nimport time; time.sleep(20)")
    ended = attended(used(), made(memory_bytes=64 * 1024**2))
    assert ended.exit_code == 137
    assert ended.failure.kind is failures.OUT_OF_MEMORY


def test_a_pod_that_somebody_deletes(used, made, program, simulated, namespace):
    """Told apart from a kill."""
    program(SLEEPS)
    backend, given = used(), made()
    worker = start(backend, given)

    def delete() -> None:
        (pod,) = simulated.api.list("Pod", namespace)
        simulated.api.delete("Pod", pod["metadata"]["name"], namespace)

    later(delete)
    ended = backend.attend(worker, given, lambda: True)
    assert ended.failure.kind is failures.POD_DELETED


def test_a_job_that_somebody_deletes(used, made, program, simulated, namespace):
    """Its pod goes too; the API's 404 tells it from a pod alone."""
    program(SLEEPS)
    backend, given = used(), made()
    worker = start(backend, given)
    later(backend.remove, worker)
    ended = backend.attend(worker, given, lambda: True)
    assert ended.failure.kind in (failures.WORKER_DELETED, failures.POD_DELETED)
    assert ended.exit_code in (None, 137, 143)


def test_no_node_has_room(used, made, set_):
    """After the time that a setting gives, in the scheduler's words."""
    from worker_wrapper.failures import WorkerFailed

    set_(
        QFIELDCLOUD_K8S_SCHEDULE_TIMEOUT_S=1,
        QFIELDCLOUD_K8S_NODE_SELECTOR={"pool": "none"},
    )
    with pytest.raises(WorkerFailed, match="No node after 1 seconds") as caught:
        attended(used(), made())
    assert caught.value.failure.kind is failures.SCHEDULE_TIMEOUT
    assert "node" in caught.value.failure.seen


def test_a_directory_that_can_not_be_given_away(
    used, made, set_, monkeypatch, namespace
):
    """Root without its capabilities: said what to do, and nothing stays."""
    from worker_wrapper import kubernetes_backend
    from worker_wrapper.failures import WorkerFailed

    def refuses(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(kubernetes_backend.os, "geteuid", lambda: 0)
    monkeypatch.setattr(kubernetes_backend.os, "chown", refuses)
    set_(QFIELDCLOUD_K8S_RUN_AS_USER=1000)
    backend = used()
    with pytest.raises(WorkerFailed, match=r"RUN_AS_USER=1000.*runAsUser, fsGroup"):
        backend.make_io_directory(made().job_id)
    assert backend.directories() == []


def test_a_quota_without_room(used, made, set_, simulated, namespace):
    """Waited for as long as for a node, then named."""
    from worker_wrapper.failures import WorkerFailed

    simulated.api.create(
        {
            "kind": "ResourceQuota",
            "metadata": {"name": "full"},
            "spec": {"hard": {"count/jobs.batch": "0"}},
        },
        namespace,
    )
    set_(QFIELDCLOUD_K8S_SCHEDULE_TIMEOUT_S=1)
    with pytest.raises(WorkerFailed, match="exceeded quota: full") as caught:
        start(used(), made())
    assert caught.value.failure.kind is failures.QUOTA_EXCEEDED


def test_nobody_wants_it_any_more(used, made, program):
    """The row is gone: it is given up, and nothing is claimed of it."""
    program(SLEEPS)
    backend, given = used(), made()
    worker = start(backend, given)
    ended = backend.attend(worker, given, lambda: False)
    assert (ended.exit_code, ended.failure) == (None, None)


def test_workers_are_found_by_environment(used, made, program):
    """Also an environment whose name had to be made legal."""
    program(SLEEPS)
    backend = used()
    worker = start(backend, made(environment="prod/eu"))
    assert backend.workers("prod/eu") == [worker]
    assert backend.workers("prod-eu") == []
