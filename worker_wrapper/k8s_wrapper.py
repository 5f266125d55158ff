"""The same classes, always on Kubernetes, whatever the setting says."""

from . import job_types, sweep
from .job_run import JobRun


class _OnKubernetes:
    backend_name: str | None = "kubernetes"


class K8sJobRun(_OnKubernetes, JobRun):
    """Runs one job on Kubernetes."""


class K8sPackageJobRun(_OnKubernetes, job_types.PackageJobRun):
    """Packages a project for the field, on Kubernetes."""


class K8sProcessProjectfileJobRun(_OnKubernetes, job_types.ProcessProjectfileJobRun):
    """Reads a QGIS project file, on Kubernetes."""


class K8sApplyDeltaJobRun(_OnKubernetes, job_types.ApplyDeltaJobRun):
    """Applies changes that were made in the field, on Kubernetes."""


class K8sCreateProjectJobRun(_OnKubernetes, job_types.CreateProjectJobRun):
    """Makes a project from its seed, on Kubernetes."""


K8sDeltaApplyJobRun = K8sApplyDeltaJobRun


def cancel_orphaned_k8s_workers() -> None:
    """Remove the Jobs of this ENVIRONMENT that no job row asks for."""
    sweep.cancel_orphaned_workers("kubernetes")
