"""Orphaned workers: those without a row are removed, and no others."""

import uuid

import pytest

SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def start(backend, program):
    """Starts a worker for a job, outside of any run; removes it at the end."""
    from samples import spec

    from worker_wrapper import backends

    program(SLEEPS)
    started = []

    def start_(job_id: str, environment: str = "test", has_lock: bool = True):
        chosen = backends.get()
        made = spec(
            job_id=job_id,
            environment=environment,
            image=backends.worker_settings().image,
            io_directory=chosen.make_io_directory(job_id),
            memory_bytes=100 * 1024**2,
            has_lock=has_lock,
        )
        started.append(chosen.start(made, lambda _: None))
        return started[-1]

    yield start_
    for one in started:
        backends.get().remove(one)


def present(environment: str = "test") -> set[str]:
    """The jobs whose workers are there."""
    from worker_wrapper import backends

    return {one.job_id for one in backends.get().workers(environment)}


@pytest.fixture
def alive(app):
    """Holds a job's lock, as its wrapper does that runs elsewhere."""
    from django.db import connection

    from worker_wrapper import ownership

    other = connection.copy()

    def hold(job) -> None:
        with other.cursor() as cursor:
            key = ownership.key_of(str(job.id))
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])

    yield hold
    other.close()


@pytest.mark.parametrize("status", ["pending", "queued", "started", "finished"])
def test_a_worker_with_a_row_stays(start, add_job, alive, status):
    """Whatever the row says: its own wrapper ends it."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    job = add_job(status)
    alive(job)
    start(str(job.id))
    cancel_orphaned_workers()
    assert present() == {str(job.id)}


def test_a_worker_without_a_row_goes(start, add_job, alive):
    """Others of the same sweep stay."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    job, orphan = add_job("started"), str(uuid.uuid4())
    alive(job)
    start(str(job.id))
    start(orphan)
    assert present() == {str(job.id), orphan}
    cancel_orphaned_workers()
    assert present() == {str(job.id)}


def test_another_environments_workers_stay(start):
    """Its rows are in another database."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    other = str(uuid.uuid4())
    start(other, environment="another")
    cancel_orphaned_workers()
    assert present("another") == {other}


def test_a_backend_over_the_network_is_not_asked_each_second(start, backend):
    """dequeue calls the sweep each second."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    cancel_orphaned_workers()
    orphan = str(uuid.uuid4())
    start(orphan)
    cancel_orphaned_workers()
    assert present() == (set() if backend == "docker" else {orphan})


def test_a_backend_that_is_gone_stops_nobody(set_, monkeypatch, tmp_path):
    """The idle dequeue goes on; the log says why."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    set_(QFIELDCLOUD_WORKER_BACKEND="docker", QFIELDCLOUD_DEFAULT_NETWORK="other")
    cancel_orphaned_workers()


def test_a_label_that_is_no_id_is_not_ours():
    """Somebody labels a container by hand."""
    from worker_wrapper import sweep

    assert sweep._job_id("tree") is None
    job_id = uuid.uuid4()
    assert sweep._job_id(str(job_id)) == job_id


def test_what_was_left_to_be_cleaned_up_is(start, add_job):
    """The row is final, and its wrapper died before it removed the worker."""
    from worker_wrapper import backends
    from worker_wrapper.sweep import cancel_orphaned_workers

    job = add_job("finished", output="kept")
    worker = start(str(job.id))
    directory = backends.get().directory_of(worker)
    assert directory.is_dir()
    cancel_orphaned_workers()
    assert present() == set()
    assert not directory.exists()
    job.refresh_from_db()
    assert (job.status, job.output) == ("finished", "kept")


def test_adoption_can_be_switched_off(start, add_job, set_):
    """Then a worker with a row always stays."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    set_(QFIELDCLOUD_WORKER_ADOPT="no")
    job = add_job("started")
    start(str(job.id))
    cancel_orphaned_workers()
    assert present() == {str(job.id)}
    job.refresh_from_db()
    assert job.status == "started"


@pytest.fixture
def patient(backend, monkeypatch):
    """Sweeps as if this much time had passed since a queued row was first seen."""
    from worker_wrapper import sweep

    def look(after_s: float) -> None:
        monkeypatch.setattr(sweep, "_last_look", {})
        since = sweep._picked_since
        for job_id in since:
            since[job_id] -= after_s
        sweep.cancel_orphaned_workers()

    return look


def test_a_job_that_was_picked_and_never_run_is_pending_again(patient, add_job):
    """It would block its project for good: the reaper goes by started_at."""
    job = add_job("queued")
    patient(0)
    patient(30)
    job.refresh_from_db()
    assert job.status == "queued"
    patient(31)
    job.refresh_from_db()
    assert job.status == "pending"


def test_a_queued_job_whose_wrapper_lives_stays(patient, add_job, alive):
    """However long that takes; and one that was started is the reaper's."""
    from django.utils import timezone

    job = add_job("queued")
    alive(job)
    started = add_job("queued", started_at=timezone.now())
    patient(0)
    patient(100)
    for one in (job, started):
        one.refresh_from_db()
        assert one.status == "queued"


@pytest.mark.parametrize("status", ["started", "finished"])
def test_a_worker_of_a_wrapper_without_locks_is_never_taken_over(
    start, add_job, status
):
    """QFieldCloud's own, or an older one of ours: nobody knows whether it lives."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    job = add_job(status)
    start(str(job.id), has_lock=False)
    cancel_orphaned_workers()
    assert present() == {str(job.id)}
    job.refresh_from_db()
    assert job.status == status


def test_a_job_that_was_started_and_has_no_worker_is_pending_again(
    add_job, backend, alive
):
    """At once, if its wrapper is gone; one of the other backend is left to that."""
    from django.utils import timezone

    from worker_wrapper import rows
    from worker_wrapper.sweep import cancel_orphaned_workers

    other = {"docker": "kubernetes", "kubernetes": "docker"}[backend]
    lost, living, elsewhere = (
        add_job("started", container_id=f"{rows.TO_BE_MADE}{where}")
        for where in (backend, backend, other)
    )
    for job in (lost, living, elsewhere):
        type(job).objects.filter(pk=job.pk).update(started_at=timezone.now())
    alive(living)
    cancel_orphaned_workers()
    for job in (lost, living, elsewhere):
        job.refresh_from_db()
    assert (lost.status, lost.started_at, lost.container_id) == ("pending", None, "")
    assert (living.status, elsewhere.status) == ("started", "started")


def test_a_directory_whose_job_is_over_goes(add_job, backend, alive):
    """With the job's token; what belongs to a live job, or to no row of ours, stays."""
    from django.utils import timezone

    from worker_wrapper import backends, qfieldcloud
    from worker_wrapper.sweep import cancel_orphaned_workers

    over, ending, running = (
        add_job(status) for status in ("finished", "failed", "started")
    )
    alive(ending)
    tokens = {job.id: qfieldcloud.make_token(job, 60) for job in (over, ending)}
    there = {
        job_id: backends.get().make_io_directory(str(job_id))
        for job_id in (over.id, ending.id, running.id, uuid.uuid4())
    }
    cancel_orphaned_workers()
    left = {job_id for job_id, path in there.items() if path.exists()}
    assert left == set(there) - {over.id}
    for token in tokens.values():
        token.refresh_from_db()
    now = timezone.now()
    assert tokens[over.id].expires_at <= now < tokens[ending.id].expires_at


def test_the_former_backends_jobs_are_looked_after_too(
    start, add_job, set_, simulated, monkeypatch, tmp_path
):
    """While the setting changes from one to the other."""
    from worker_wrapper import backends
    from worker_wrapper.sweep import cancel_orphaned_workers

    before = backends.worker_settings().backend
    orphan = str(uuid.uuid4())
    start(orphan)
    now = {"docker": "kubernetes", "kubernetes": "docker"}[before]
    if now == "kubernetes":
        set_(**simulated.namespace())
    else:
        monkeypatch.setenv("DOCKER_HOST", simulated.docker_host)
        set_(QFIELDCLOUD_WORKER_BACKEND="docker")
    cancel_orphaned_workers()
    former = backends.get(before)
    # others may be there: the engine is that of all tests
    assert orphan in {one.job_id for one in former.workers("test")}
    set_(QFIELDCLOUD_WORKER_FORMER_BACKEND=before)
    cancel_orphaned_workers()
    assert orphan not in {one.job_id for one in former.workers("test")}
