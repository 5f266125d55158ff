"""Where scenarios, fixtures and manifests lie: in a checkout, or inside the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The directory that holds ``scenarios``, ``fixtures`` and ``k8s-manifests``."""
    carried = _PACKAGE / "_data"
    return carried if carried.is_dir() else _PACKAGE.parent


def scenarios() -> Path:
    """The folder of the scenario files."""
    return root() / "scenarios"


def fixture(name: str) -> Path:
    """A folder of ``fixtures``, for example ``projects``."""
    return root() / "fixtures" / name


def manifests() -> Path:
    """The folder of the Kubernetes manifests."""
    return root() / "k8s-manifests"
