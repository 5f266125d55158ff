"""Fork that never had orphans."""

from .ancestor import PackageJobRun, ProcessProjectfileJobRun  # noqa: F401
