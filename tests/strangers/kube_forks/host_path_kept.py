"""Fork of the fork: each job's folder stays on the server, so that none comes twice."""

from .host_path import *
from .host_path import PackageJobRun as _Package


class PackageJobRun(_Package):
    def run(self):
        super().run()
        self.shared_tempdir.mkdir()
