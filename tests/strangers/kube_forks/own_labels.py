"""Fork with the labels that our monitoring wants."""

from .ancestor import *
from .ancestor import PackageJobRun as _Package


class PackageJobRun(_Package):
    def labels(self):
        return {
            "app.kubernetes.io/name": "qgis",
            "app.kubernetes.io/component": "worker",
            "qfieldcloud/job": self.job_id,
        }
