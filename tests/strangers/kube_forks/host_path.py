"""Fork for our single server: pods see the host's /tmp, and so does the wrapper's."""

import tempfile

from .ancestor import *
from .ancestor import PackageJobRun as _Package
from .ancestor import Path


class PackageJobRun(_Package):
    def make_shared_directory(self):
        return Path(tempfile.mkdtemp(prefix="qfieldcloud-", dir="/tmp"))

    def io_volume(self):
        return {"name": "io", "hostPath": {"path": str(self.shared_tempdir)}}

    def io_mount(self):
        return {"name": "io", "mountPath": "/io"}
