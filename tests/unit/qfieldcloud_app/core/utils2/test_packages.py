"""Deleting what newer packages have replaced."""

from uuid import uuid4

from qfieldcloud.core.models import PackageJob
from qfieldcloud.core.utils2.packages import delete_obsolete_packages
from qfieldcloud.filestorage import files


def test_the_last_package_and_those_under_way_stay(project):
    """Finished, failed and orphaned packages go."""
    jobs = {
        status: PackageJob.objects.create(
            project=project, created_by=project.owner, status=status
        )
        for status in ("finished", "failed", "started", "pending")
    }
    last = PackageJob.objects.create(
        project=project, created_by=project.owner, status="finished"
    )
    project.last_package_job = last
    project.save()
    for package_id in [*(job.pk for job in jobs.values()), last.pk, uuid4()]:
        files.store(
            project,
            {"x_qfield.qgs": [b"x"]},
            uploaded_by=project.owner,
            package_id=package_id,
        )
    delete_obsolete_packages(projects=[project])
    kept = {jobs["started"].pk, jobs["pending"].pk, last.pk}
    assert files.package_ids(project.pk) == {str(pk) for pk in kept}
