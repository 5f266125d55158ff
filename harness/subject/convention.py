"""Finds a wrapper's classes by the names that QFieldCloud's wrappers have.

2024: ``DeltaApplyJobRun``; newer: ``ApplyDeltaJobRun``, ``CreateProjectJobRun``.
Wrappers for Kubernetes put a prefix before them (``K8sPackageJobRun``).
"""

import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

_NAMES = {
    "package": r"\w*Package(?!d)\w*Job(Run)?",
    "process_projectfile": r"\w*Process_?Project_?[Ff]ile\w*Job(Run)?",
    "delta_apply": r"\w*(Delta_?Apply|Apply_?Deltas?)\w*Job(Run)?",
    "create_project": r"\w*Create_?Project\w*Job(Run)?",
}
_MODEL = {
    "package": ("PackageJob",),
    "process_projectfile": ("ProcessProjectfileJob",),
    "delta_apply": ("ApplyJob",),
    "create_project": (),
}
_SWEEP = re.compile(r"(cancel|clean_?up|remove|kill)_?\w*orphan\w*", re.IGNORECASE)
_FACTORY = "JobRun"


class NotFoundByConvention(Exception):
    """No class for the job; the message lists what there is."""


def _classes(module: ModuleType) -> dict[str, type]:
    return {
        name: found
        for name, found in vars(module).items()
        if inspect.isclass(found) and callable(getattr(found, "run", None))
    }


def find_class(modules: Iterable[ModuleType], job_type: str, backend: str) -> Any:
    """What makes the object whose ``run()`` runs a job of this type.

    A module ``factory`` comes first: its ``JobRun`` takes any type. Then a class by its
    name, one for the backend (``K8s…``) before another; then by its ``job_class``.

    :raises NotFoundByConvention: there is none
    """
    modules = list(modules)
    for module in modules:
        factory = getattr(module, _FACTORY, None)
        if _is_factory(module) and callable(factory):
            return factory
    found: dict[str, type] = {}
    for module in modules:
        found |= _classes(module)
    pattern = re.compile(_NAMES[job_type])
    named = [name for name in found if pattern.fullmatch(name)]
    if not named:
        named = [
            name
            for name, one in found.items()
            if getattr(getattr(one, "job_class", None), "__name__", "")
            in _MODEL[job_type]
        ]
    if not named:
        there = ", ".join(sorted(found)) or "no class with a method run()"
        looked = ", ".join(module.__name__ for module in modules)
        raise NotFoundByConvention(
            f"no class for jobs of type {job_type} in {looked}; there is {there}"
        )
    return found[max(named, key=lambda name: _fits(name, backend))]


def _fits(name: str, backend: str) -> tuple[bool, int]:
    for_kubernetes = bool(re.match(r"(?i)_?(k8s|kube)", name))
    return for_kubernetes == (backend == "kubernetes"), -len(name)


def find_sweep(modules: Iterable[ModuleType], backend: str) -> Any | None:
    """The function that cancels orphaned workers, or None.

    That of a module ``factory`` comes first, as its ``JobRun`` does.
    """
    found: dict[str, Any] = {}
    for module in modules:
        there = {
            name: one
            for name, one in vars(module).items()
            if inspect.isfunction(one) and _SWEEP.fullmatch(name)
        }
        if there and _is_factory(module):
            found = there
            break
        found |= there

    def fits(name: str) -> bool:
        return ("k8s" in name.lower()) == (backend == "kubernetes")

    return found[max(found, key=fits)] if found else None


def _is_factory(module: ModuleType) -> bool:
    return module.__name__.rpartition(".")[2] == "factory"
