"""``JobRun`` of the factory, and the names that QFieldCloud's dequeue imports."""

import uuid

import pytest

pytestmark = pytest.mark.usefixtures("app")

TYPES = {
    "package": "PackageJobRun",
    "process_projectfile": "ProcessProjectfileJobRun",
    "delta_apply": "ApplyDeltaJobRun",
    "create_project": "CreateProjectJobRun",
}


@pytest.mark.parametrize("job_type", TYPES)
def test_the_class_follows_the_jobs_type(add_job, job_type):
    """With the row of that type's own table."""
    from qfieldcloud.core import models

    from worker_wrapper.factory import JobRun

    model = {
        "package": models.PackageJob,
        "process_projectfile": models.ProcessProjectfileJob,
        "delta_apply": models.ApplyJob,
        "create_project": models.CreateProjectJob,
    }[job_type]
    more = {"overwrite_conflicts": True} if job_type == "delta_apply" else {}
    job = add_job(model=model, **more)
    for job_id in (job.id, str(job.id), str(job.id).upper()):
        run = JobRun(job_id)
        assert type(run).__name__ == TYPES[job_type]
        assert run.job_id == str(job.id)
        assert run.job.pk == job.pk


def test_a_job_whose_row_is_gone_runs_nothing():
    """No exception: dequeue goes on with the next."""
    from worker_wrapper.factory import JobRun

    run = JobRun(uuid.uuid4())
    assert run.job is None
    run.run()


def test_a_type_that_is_not_known_is_named(add_job):
    """With those that are."""
    from qfieldcloud.core.models import Job

    from worker_wrapper.factory import JobRun

    job = add_job()
    Job.objects.filter(pk=job.pk).update(type="paint")
    with pytest.raises(ValueError, match=r"'paint'.*it knows package"):
        JobRun(job.id)


def test_the_names_of_every_year():
    """What QFieldCloud of 2024 and newer import from ``worker_wrapper.wrapper``."""
    from worker_wrapper import factory, wrapper

    for name in (*TYPES.values(), "DeltaApplyJobRun", "JobRun"):
        assert issubclass(getattr(wrapper, name), wrapper.JobRun)
    assert wrapper.DeltaApplyJobRun is wrapper.ApplyDeltaJobRun
    assert factory.cancel_orphaned_workers is wrapper.cancel_orphaned_workers
    assert issubclass(factory.JobRun, wrapper.JobRun)


def test_qfieldclouds_dequeue_finds_all_it_asks_for():
    """By its own, unmodified code."""
    from qfieldcloud.core.management.commands.dequeue import load_wrapper

    from worker_wrapper import sweep

    classes, cancel = load_wrapper()
    assert {job_type: one.__name__ for job_type, one in classes.items()} == TYPES
    assert cancel is sweep.cancel_orphaned_workers


def test_classes_that_are_always_on_kubernetes(add_job):
    """Whatever the setting says; hooks and commands are the same."""
    from worker_wrapper import job_types, k8s_wrapper

    job = add_job()
    run = k8s_wrapper.K8sPackageJobRun(job.id)
    assert isinstance(run, job_types.PackageJobRun)
    assert (run.backend_name, job_types.PackageJobRun.backend_name) == (
        "kubernetes",
        None,
    )
    assert k8s_wrapper.K8sDeltaApplyJobRun is k8s_wrapper.K8sApplyDeltaJobRun
