"""The Docker half: what it asks the engine, and what it makes of the answers."""

import threading

import docker
import pytest
from conftest import use_backend
from samples import JOB_ID, spec

from worker_wrapper import failures

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def engine(simulated):
    client = docker.APIClient(base_url=simulated.docker_host)
    yield client
    for one in client.containers(all=True):
        client.remove_container(one["Id"], force=True)
    client.close()


@pytest.fixture
def used(simulated, set_, monkeypatch, tmp_path, engine, program):
    """The backend, on a simulated engine."""
    use_backend("docker", simulated, set_, monkeypatch, tmp_path)
    from worker_wrapper import backends

    return backends.get


@pytest.fixture
def made(used, tmp_path):
    """A spec for the chosen program."""

    def make(**more):
        from worker_wrapper import backends

        more.setdefault("io_directory", used().make_io_directory(JOB_ID))
        return spec(image=backends.worker_settings().image, **more)

    return make


def start(backend, given):
    return backend.start(given, lambda _: None)


def test_the_container_is_as_the_contract_says(used, made, engine, program):
    """CMD only, labels, limits, mounts, environment."""
    program(SLEEPS)
    given = made()
    worker = start(used(), given)
    seen = engine.inspect_container(worker.container_id)
    assert seen["Config"]["Cmd"] == list(given.args)
    assert seen["Config"]["Entrypoint"] in (None, [])
    assert seen["Config"]["Labels"] == given.labels
    assert {"JOB_ID=" + JOB_ID, "QFIELDCLOUD_TOKEN=t0ken"} <= set(seen["Config"]["Env"])
    host = seen["HostConfig"]
    assert (host["Memory"], host["CpuShares"]) == (given.memory_bytes, 512)
    assert (host.get("NanoCpus") or 0, host.get("CpuQuota") or 0) == (0, 0)
    (mount,) = seen["Mounts"]
    assert (mount["Source"], mount["Destination"], mount["RW"]) == (
        str(given.io_directory),
        "/io",
        True,
    )


def test_the_id_is_told_before_it_runs(used, made, engine):
    """A sweep of another replica could see it otherwise without its row."""
    states = []

    def created(worker) -> None:
        state = engine.inspect_container(worker.container_id)["State"]
        states.append(state["Status"])

    used().start(made(), created)
    assert states == ["created"]


def test_grids_and_libraries_are_read_only(used, made, engine, set_, tmp_path):
    """A volume, and directories of a developer's host."""
    engine.create_volume("grids")
    set_(
        QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME="grids",
        DEBUG_QGIS_LIBQFIELDSYNC_HOST_PATH=str(tmp_path),
    )
    worker = start(used(), made())
    mounts = engine.inspect_container(worker.container_id)["Mounts"]
    found = {one["Destination"]: (one["Type"], one["RW"]) for one in mounts}
    assert found["/transformation_grids"] == ("volume", False)
    assert found["/libqfieldsync"] == ("bind", False)


def test_what_an_earlier_try_left_is_replaced(used, made, engine, program):
    """By name; it never ran to its end."""
    program(SLEEPS)
    first = start(used(), made())
    second = start(used(), made())
    assert first.name == second.name
    assert [one["Id"] for one in engine.containers(all=True)] == [second.container_id]


def test_a_directory_that_the_engine_does_not_see(used, made, tmp_path):
    """It would be made, empty, and the job would fail without a cause."""
    from worker_wrapper.failures import WorkerFailed

    given = made(io_directory=tmp_path / "elsewhere")
    with pytest.raises(WorkerFailed, match="QFIELDCLOUD_WORKER_TMP_DIRECTORY"):
        start(used(), given)


def test_a_missing_image(used, made):
    """Named."""
    from dataclasses import replace

    from worker_wrapper.failures import WorkerFailed

    with pytest.raises(WorkerFailed, match=r"none:1|none") as caught:
        start(used(), replace(made(), image="none:1"))
    assert caught.value.failure.kind is failures.IMAGE_NOT_FOUND


@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)
def test_an_engine_that_is_not_there(used, made, monkeypatch, tmp_path, set_):
    """Told as such."""
    from worker_wrapper.failures import WorkerFailed

    given = made()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    set_(QFIELDCLOUD_DEFAULT_NETWORK="another", QFIELDCLOUD_WORKER_API_PATIENCE_S=0)
    with pytest.raises(WorkerFailed) as caught:
        start(used(), given)
    assert caught.value.failure.kind is failures.BACKEND_UNREACHABLE


def attended(backend, given):
    worker = start(backend, given)
    return backend.attend(worker, given, lambda: True)


def test_exit_code_and_log(used, made, program):
    """Bytes that are no text arrive as the engine logs them (json-file: U+FFFD)."""
    program(
        """
        import sys
        sys.stdout.buffer.write(b"a\\xffb\\n"); sys.stdout.flush()
        raise SystemExit(7)
        """
    )
    ended = attended(used(), made())
    text = "a\N{REPLACEMENT CHARACTER}b\n"
    assert (ended.exit_code, ended.output, ended.failure) == (7, text, None)


def test_killed_from_outside(used, made, program, engine):
    """137, and not for its memory."""
    program(SLEEPS)
    backend, given = used(), made()
    worker = start(backend, given)
    threading.Timer(0.5, engine.kill, [worker.container_id]).start()
    ended = backend.attend(worker, given, lambda: True)
    assert ended.exit_code == 137
    assert ended.failure.kind is failures.DOCKER_SIGKILL
    assert ended.output == "up\n"


def test_removed_from_outside(used, made, program, engine):
    """Its exit code isn't guessed, and its log can't be read any more."""
    program(SLEEPS)
    backend, given = used(), made()
    worker = start(backend, given)

    def remove() -> None:
        engine.remove_container(worker.container_id, force=True)

    threading.Timer(0.5, remove).start()
    ended = backend.attend(worker, given, lambda: True)
    assert ended.failure is not None
    assert ended.exit_code in (None, 137)
    assert "[QFC/Worker/1001]" in ended.output


def test_more_memory_than_it_may(used, made, program):
    """Told apart from any other kill."""
    program("x = bytearray(400 * 1024**2)\nimport time; time.sleep(20)")
    ended = attended(used(), made(memory_bytes=64 * 1024**2))
    assert ended.exit_code == 137
    assert ended.failure.kind is failures.OUT_OF_MEMORY


def test_removing_what_is_gone(used, made, engine):
    """No error; a sweep may have been faster."""
    backend = used()
    worker = start(backend, made())
    backend.remove(worker)
    backend.remove(worker)
    assert engine.containers(all=True) == []


def test_workers_are_found_by_environment(used, made, program):
    """Those that have ended too."""
    program("pass")
    backend = used()
    given = made(environment="here")
    attended(backend, given)
    (found,) = backend.workers("here")
    assert found.job_id == JOB_ID
    assert backend.workers("elsewhere") == []
