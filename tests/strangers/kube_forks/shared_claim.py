"""Fork that mounts the whole claim: one job at a time, so one directory is enough."""

from .ancestor import *
from .ancestor import Path, settings
from .ancestor import PackageJobRun as _Package


class PackageJobRun(_Package):
    def make_shared_directory(self):
        return Path(settings.QFIELDCLOUD_K8S_IO_MOUNT_PATH)

    def io_mount(self):
        return {"name": "io", "mountPath": "/io"}
