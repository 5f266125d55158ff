"""Picking jobs, and the loop around a wrapper that is installed beside it."""

import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils import timezone
from qfieldcloud.core.management.commands import dequeue
from qfieldcloud.core.management.commands.dequeue import pick_job
from qfieldcloud.core.models import Job, PackageJob, Project

from .... import postgres, standin

# Each job takes half a second, and ends in ``finished`` with the name of its class.
WRAPPER = """
    import time
    from qfieldcloud.core.models import Job

    class JobRun:
        def __init__(self, job_id):
            self.job_id = job_id

        def run(self):
            print("running", flush=True)
            time.sleep(0.5)
            Job.objects.filter(id=self.job_id).update(
                status="finished", output=type(self).__name__
            )

    class PackageJobRun(JobRun): pass
    class ProcessProjectfileJobRun(JobRun): pass
    class {delta_class}(JobRun): pass

    def cancel_orphaned_workers():
        print("swept", flush=True)
"""


def add_job(project, status="pending", model=PackageJob, **fields):
    return model.objects.create(
        project=project, created_by=project.owner, status=status, **fields
    )


def another_project(project, **fields):
    return Project.objects.create(owner=project.owner, name="other", **fields)


def test_the_oldest_pending_job_is_picked_and_queued(project):
    """Only its status changes."""
    first = add_job(project)
    add_job(another_project(project))
    assert pick_job().pk == first.pk
    first.refresh_from_db()
    assert (first.status, first.started_at) == ("queued", None)


@pytest.mark.parametrize("status", ["queued", "started"])
def test_a_busy_project_has_to_wait(project, status):
    """Its pending job stays; a younger one of another project is picked."""
    add_job(project, status)
    add_job(project)
    free = add_job(another_project(project))
    assert pick_job().pk == free.pk
    assert pick_job() is None


def test_a_locked_project_has_to_wait(project):
    """Newer QFieldCloud locks projects."""
    add_job(another_project(project, locked_at=timezone.now()))
    assert pick_job() is None


def test_a_job_that_another_dequeue_holds_is_skipped(project, env):
    """SKIP LOCKED: nobody waits for a row, the next one is taken."""
    held = add_job(project)
    free = add_job(another_project(project))
    with psycopg.connect(
        host=env["POSTGRES_HOST"], user="postgres", dbname=env["POSTGRES_DB"]
    ) as other:
        other.execute("SELECT 1 FROM core_job WHERE id = %s FOR UPDATE", [held.pk])
        assert pick_job().pk == free.pk


def test_no_job_is_picked_twice(project, env):
    """Four dequeues at once share out twelve jobs, each picked by one."""
    for number in range(12):
        add_job(Project.objects.create(owner=project.owner, name=f"p{number}"))
    picked = []

    def take():
        for _ in range(30):
            job = pick_job()
            if job is not None:
                picked.append(job.pk)
        connections.close_all()

    takers = [threading.Thread(target=take) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(picked) == len(set(picked)) == 12


def test_losing_a_race_is_no_error(project, monkeypatch, env):
    """A row that changed after our snapshot is left for the next round."""
    job = add_job(project)

    def overtake(*args, **kwargs):
        with psycopg.connect(
            host=env["POSTGRES_HOST"], user="postgres", dbname=env["POSTGRES_DB"]
        ) as other:
            other.execute("UPDATE core_job SET output = 'x' WHERE id = %s", [job.pk])
        return True

    # Between the snapshot (the first statement) and the lock.
    original = Job.objects.select_for_update

    def late(*args, **kwargs):
        Project.objects.count()
        overtake()
        return original(*args, **kwargs)

    monkeypatch.setattr(Job.objects, "select_for_update", late, raising=False)
    assert pick_job() is None
    monkeypatch.undo()
    assert pick_job().pk == job.pk


def test_a_replica_is_refused(project, server, env, monkeypatch):
    """On a hot standby the command ends with a message that names the way out."""
    add_job(project)
    with postgres.directory() as path:
        shutil.copymode(server.host, path)
        subprocess.run(
            [
                *[server.bin / "pg_basebackup", "-h", server.host, "-U", "postgres"],
                *["-D", path / "standby", "-R", "-X", "stream", "--checkpoint=fast"],
            ],
            check=True,
            cwd="/",
            **postgres.run_as(),
        )
        with postgres.serve(path / "standby", path, server.bin) as standby:
            connection.close()
            monkeypatch.setitem(connection.settings_dict, "HOST", standby.host)
            with pytest.raises(CommandError, match=r"is a replica.*primary"):
                pick_job()
            connection.close()


@pytest.fixture
def wrapper(tmp_path, env):
    """Installs the wrapper; its delta class has the name that is asked for."""

    def install(delta_class="ApplyDeltaJobRun"):
        package = tmp_path / "site" / "worker_wrapper"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        text = textwrap.dedent(WRAPPER).replace("{delta_class}", delta_class)
        (package / "wrapper.py").write_text(text)
        path = f"{package.parent}:{standin.APP}"
        return {**env, "PYTHONPATH": path, "PATH": str(Path(sys.executable).parent)}

    return install


@pytest.mark.parametrize("name", ["DeltaApplyJobRun", "ApplyDeltaJobRun"])
def test_single_shot_runs_one_job_by_its_type(project, wrapper, name):
    """The class of 2024 or of today runs it; a second job is left."""
    from qfieldcloud.core.models import ApplyJob

    first = add_job(project, model=ApplyJob, overwrite_conflicts=False)
    second = add_job(another_project(project))
    done = standin.manage(wrapper(name), "dequeue", "--single-shot")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["swept", "running"]
    outputs = [Job.objects.get(pk=job.pk).output for job in (first, second)]
    assert outputs == [name, None]


def test_single_shot_ends_when_there_is_nothing(project, wrapper):
    """It sweeps and is gone."""
    done = standin.manage(wrapper(), "dequeue", "--single-shot")
    assert (done.returncode, done.stdout.split()) == (0, ["swept"])


def test_a_type_without_a_class_ends_with_a_message(project, wrapper):
    """It names the job, the type and the class that the wrapper lacks."""
    from qfieldcloud.core.models import CreateProjectJob

    add_job(project, model=CreateProjectJob)
    done = standin.manage(wrapper(), "dequeue", "--single-shot")
    assert done.returncode == 1
    assert "'create_project'" in done.stderr
    assert "CreateProjectJobRun" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_job_finish(project, wrapper, number):
    """The job in hand ends as it should, and no other is begun."""
    first = add_job(project)
    second = add_job(another_project(project))
    process = subprocess.Popen(
        [sys.executable, standin.APP / "manage.py", "dequeue"],
        env=wrapper(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.strip() == "running":
            break
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    statuses = [Job.objects.get(pk=job.pk).status for job in (first, second)]
    assert statuses == ["finished", "pending"]


def test_an_idle_loop_sweeps_each_second_and_picks_what_comes(project, wrapper):
    """After five idle seconds it looks again, and stops at once when told."""
    process = subprocess.Popen(
        [sys.executable, standin.APP / "manage.py", "dequeue"],
        env=wrapper(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for _ in range(2):  # the loop's own sweep, then the first of its idle time
        assert process.stdout.readline().strip() == "swept"
    job = add_job(project)
    began = time.monotonic()
    seen = []
    for line in process.stdout:
        seen.append(line.strip())
        if line.strip() == "running":
            break
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    assert seen.count("swept") == 5
    assert 3 < time.monotonic() - began < 20
    assert Job.objects.get(pk=job.pk).status == "finished"


def test_the_wrapper_is_not_imported_to_pick_a_job():
    """The harness picks jobs before it loads the subject."""
    source = Path(dequeue.__file__).read_text()
    assert "import worker_wrapper" not in source
    assert "from worker_wrapper" not in source
