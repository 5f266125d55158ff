"""Fork that keeps the pods: their logs are wanted after the Job is gone."""

from .ancestor import *
from .ancestor import PackageJobRun as _Package


class PackageJobRun(_Package):
    def delete(self):
        self.batch.delete_namespaced_job(
            self.job_name, self.namespace, propagation_policy="Orphan"
        )
