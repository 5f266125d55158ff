"""What a subject's process does: runs inside a child of the zygote.

It writes what became of it to the file ``result``: that is the only thing the harness
believes, for a wrapper may print and exit as it likes.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from . import convention, replica, sandbox

HOME = "/run/qfc-harness/home"


class _Result:
    """The result file, opened before the root changes."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._descriptor = os.open(path, flags, 0o600)
        self._content: dict[str, Any] = {"phase": "prepare"}
        self.write()

    def phase(self, name: str, **more: Any) -> None:
        """Note how far it has come."""
        self._content |= {"phase": name, **more}
        self.write()

    def write(self) -> None:
        """Write the whole of it; small enough to be written at once."""
        content = json.dumps(self._content).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


def main(
    *,
    action: str,
    result: str,
    root: str,
    modules: Sequence[str],
    job_id: str,
    job_type: str,
    backend: str,
    classes: Mapping[str, str],
    sweep: str,
    settings: Mapping[str, str],
    sandbox_root: str,
    binds: Sequence[tuple[str, str, bool]],
) -> int:
    """Import the subject and do one thing with it.

    :param action: ``run`` the job, as QFieldCloud's dequeue does when it has picked it;
        only ``sweep``; or ``dequeue``: sweep, pick and run until the job is final
    """
    told = _Result(result)
    try:
        own = _below(root, modules)
        if sandbox_root:
            sandbox.enter(Path(sandbox_root), binds)
        else:
            _without_sandbox(binds)
        importlib.import_module("qfieldcloud.configure").apply(os.environ)
        _configure(settings)
        told.phase("import")
        imported = _import(root, modules)
        _check_origin(imported, root, own)
        told.phase("find")
        cancel = (
            _named(sweep, imported)
            if sweep
            else convention.find_sweep(imported, backend)
        )

        def find(wanted: str) -> Any:
            given = classes.get(wanted)
            if given:
                return _named(given, imported)
            return convention.find_class(imported, wanted, backend)

        if action == "sweep":
            told.phase("sweep", sweeps=cancel is not None)
            if cancel is not None:
                cancel()
        elif action == "dequeue":
            told.phase("sweep", sweeps=cancel is not None)
            replica.dequeue(job_id, find, cancel)
        else:
            replica.finish_what_is_begun()
            maker = find(job_type)
            told.phase("sweep", sweeps=cancel is not None, made_by=_name(maker))
            if cancel is not None:
                cancel()
            told.phase("construct")
            run = maker(job_id)
            told.phase("run", ran_by=_name(type(run)))
            run.run()
        told.phase("done")
    except BaseException as error:  # whatever a wrapper raises is a finding
        told.phase(
            told._content["phase"],
            error=f"{type(error).__name__}: {error}",
            traceback=traceback.format_exc()[-8000:],
        )
        return 1
    return 0


def _name(found: Any) -> str:
    return (
        f"{getattr(found, '__module__', '?')}.{getattr(found, '__qualname__', found)}"
    )


def _configure(settings: Mapping[str, str]) -> None:
    django_settings = importlib.import_module("django.conf").settings
    for name, value in settings.items():
        setattr(django_settings, name, value)


def _import(root: str, modules: Sequence[str]) -> list[ModuleType]:
    sys.path.insert(0, root)
    for name in list(sys.modules):
        if name.split(".", maxsplit=1)[0] in {one.split(".")[0] for one in modules}:
            del sys.modules[name]
    imported = []
    for name in modules:
        imported.append(importlib.import_module(name))
    return imported


def _below(root: str, modules: Sequence[str]) -> set[str]:
    """The modules that lie in the subject's directory; a profile may name others."""
    return {
        name
        for name in modules
        for top in [Path(root, name.split(".", maxsplit=1)[0])]
        if top.is_dir() or top.with_suffix(".py").is_file()
    }


def _check_origin(imported: Sequence[ModuleType], root: str, own: set[str]) -> None:
    """Make sure that it is the subject that was imported, not a namesake of it."""
    for module in imported:
        origin = str(module.__file__ or "")
        below = Path(root) in Path(origin).parents
        if module.__name__ in own and not below:
            raise ImportError(
                f"{module.__name__} was found in {origin or 'no file'}, not in {root}"
            )


def _named(name: str, modules: Sequence[ModuleType]) -> Any:
    module, _, attribute = name.rpartition(":")
    places = [importlib.import_module(module)] if module else list(modules)
    for place in reversed(places):
        if hasattr(place, attribute):
            return getattr(place, attribute)
    looked = ", ".join(place.__name__ for place in places)
    raise convention.NotFoundByConvention(
        f"the profile names {name!r}, not in {looked}"
    )


def _without_sandbox(binds: Sequence[tuple[str, str, bool]]) -> None:
    """Where the usual places can't be made: variables that most wrappers honour."""
    for source, target, _ in binds:
        if target == "/var/run/docker.sock":
            os.environ["DOCKER_HOST"] = f"unix://{source}"
        if target.endswith("/serviceaccount"):
            incluster: Any = importlib.import_module(
                "kubernetes.config.incluster_config"
            )
            incluster.SERVICE_TOKEN_FILENAME = f"{source}/token"
            incluster.SERVICE_CERT_FILENAME = f"{source}/ca.crt"
        if target == os.environ.get("QFIELDCLOUD_K8S_IO_MOUNT_PATH"):
            os.environ["QFIELDCLOUD_K8S_IO_MOUNT_PATH"] = source
        if target == HOME:
            os.environ["HOME"] = source
