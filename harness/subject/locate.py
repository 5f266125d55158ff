"""From what the user names to what is imported: a package, module, file or folder."""

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..scenario.schema import Backend
from . import profile as profiles
from .profile import Profile

PACKAGE = "worker_wrapper"
CANDIDATES = (
    "factory",
    "wrapper",
    "k8s_wrapper",
    "kubernetes_wrapper",
    "docker_wrapper",
)
"""Modules of a package ``worker_wrapper`` in which classes are looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A wrapper that was found but not imported."""

    name: str
    """As the user named it."""
    root: Path
    """The directory to put first on ``sys.path``."""
    modules: tuple[str, ...]
    profile: Profile
    sha256: str
    """Of all its Python files."""
    profile_path: Path | None = None
    """Where the profile was read, if it was named and not found."""

    def backends(self, wanted: Iterable[Backend]) -> tuple[Backend, ...]:
        """Those of the wanted backends that it can do.

        :raises UsageError: none of them
        """
        wanted = tuple(wanted)
        able = self.profile.backends or wanted
        if not set(able) & set(wanted):
            raise UsageError(
                f"--backend {', '.join(wanted)}: the profile of {self.name} says "
                f"backends: [{', '.join(able)}].",
                "Leave --backend away, or correct the profile.",
            )
        return tuple(one for one in wanted if one in able)


def locate(named: str, profile: Path | None = None) -> Subject:
    """Find a wrapper by path or module name.

    :raises UsageError: there is nothing of that name
    """
    path = Path(named)
    if path.exists():
        root, modules = _from_path(path.resolve())
    elif all(part.isidentifier() for part in named.split(".")):
        root, modules = _from_module(named)
    else:
        raise UsageError(
            f"--subject {named}: there is no such file, folder or module.",
            "Name a package folder (docker-app/worker_wrapper), a Python file, or an "
            "importable module.",
        )
    beside = next((p for p in _profile_places(path) if p.is_file()), None)
    chosen = profile or beside
    found = profiles.load(chosen) if chosen else Profile()
    return Subject(
        name=named,
        root=root,
        modules=found.modules or modules,
        profile=found,
        sha256=_hash(root, modules),
        profile_path=profile,
    )


def _profile_places(path: Path) -> Iterator[Path]:
    folder = path if path.is_dir() else path.parent
    yield folder / profiles.PROFILE_NAME
    if path.is_file():
        yield path.with_suffix(".subject.yaml")


def _from_path(path: Path) -> tuple[Path, tuple[str, ...]]:
    if path.is_dir():
        package = path / PACKAGE if (path / PACKAGE).is_dir() else path
        if not list(package.glob("*.py")):
            raise UsageError(
                f"--subject {path}: the folder holds no Python module.",
                f"Name the folder {PACKAGE}, or the one that holds it.",
            )
        names = [name for name in CANDIDATES if (package / f"{name}.py").is_file()]
        if not names:
            names = sorted(
                one.stem for one in package.glob("*.py") if not one.stem.startswith("_")
            )
        dotted = _dotted(package)
        return _top(package), tuple(f"{dotted}.{name}" for name in names)
    if path.suffix != ".py":
        raise UsageError(
            f"--subject {path}: not a Python file.", "Name a module that ends in .py."
        )
    if (path.parent / "__init__.py").is_file() or path.parent.name == PACKAGE:
        return _top(path.parent), (f"{_dotted(path.parent)}.{path.stem}",)
    return path.parent, (path.stem,)


def _top(package: Path) -> Path:
    """The directory above the outermost package."""
    parent = package.parent
    return _top(parent) if (parent / "__init__.py").is_file() else parent


def _dotted(package: Path) -> str:
    return ".".join(package.relative_to(_top(package)).parts)


def _from_module(named: str) -> tuple[Path, tuple[str, ...]]:
    top = named.split(".", maxsplit=1)[0]
    try:
        # only looks for the package: to find a submodule would import it
        spec = importlib.util.find_spec(top)
    except ValueError:  # such as __main__
        spec = None
    if spec is None:
        raise UsageError(
            f"--subject {named}: there is no module {top!r}.",
            "Name a folder or a file, or install the module.",
        )
    places = list(spec.submodule_search_locations or [])
    if not places:
        assert spec.origin is not None
        return Path(spec.origin).parent, (named,)
    package = Path(places[0]).joinpath(*named.split(".")[1:])
    if package.is_dir():
        return _from_path(package)
    return Path(places[0]).parent, (named,)


def _hash(root: Path, modules: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for top in sorted({module.split(".", maxsplit=1)[0] for module in modules}):
        place = root / top
        files = sorted(place.rglob("*.py")) if place.is_dir() else [root / f"{top}.py"]
        for path in files:
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()
