"""Fork without a shared volume: /io is scratch space of the pod."""

from .ancestor import *  # the rest stays as it is
from .ancestor import PackageJobRun as _Package


class PackageJobRun(_Package):
    def io_volume(self):
        return {"name": "io", "emptyDir": {}}

    def io_mount(self):
        return {"name": "io", "mountPath": "/io"}
