"""Finds a container's program before it is started, as runc does.

An absolute path, one relative to the working directory, or a bare name that is
looked up in the PATH of the container's own environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from harness.simulator.runtime.filesystem import Place, RootTree
from harness.simulator.runtime.workload import DEFAULT_PATH, StartError, StartFailure

_ELF = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class Program:
    """An executable file of the container."""

    path: str
    """As it was found: a bare name with its folder of PATH."""
    place: Place


def check_cwd(tree: RootTree, cwd: str) -> None:
    """Raise StartError unless the working directory is a directory."""
    try:
        place = tree.resolve(cwd)
    except OSError as error:
        raise StartError(StartFailure.BAD_CWD, cwd, str(error)) from error
    if place.exists and not place.is_dir:
        raise StartError(
            StartFailure.BAD_CWD, cwd, f"the working directory {cwd} is not a directory"
        )


def find(tree: RootTree, name: str, *, env: Mapping[str, str], cwd: str) -> Program:
    """The file that ``name`` stands for; raises StartError where it can't be run."""
    if "/" in name:
        return _checked(tree, name, cwd)
    for folder in env.get("PATH", DEFAULT_PATH).split(":"):
        try:
            return _checked(tree, f"{folder or '.'}/{name}", cwd)
        except StartError:
            continue  # as Go's LookPath: what can't be run isn't there
    raise StartError(
        StartFailure.NOT_IN_PATH, name, f"{name}: executable file not found in $PATH"
    )


def _checked(tree: RootTree, path: str, cwd: str) -> Program:
    try:
        place = tree.resolve(path, cwd=cwd)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise StartError(StartFailure.NOT_FOUND, path, f"stat {path}: {why}") from error
    if not place.exists:
        raise StartError(
            StartFailure.NOT_FOUND, path, f"stat {path}: no such file or directory"
        )
    if place.is_dir:
        raise StartError(StartFailure.IS_DIRECTORY, path, f"{path}: is a directory")
    if place.source is None or not os.access(place.source, os.X_OK):
        raise StartError(
            StartFailure.NOT_EXECUTABLE, path, f"{path}: permission denied"
        )
    return Program(path, place)


def kernel_refusal(tree: RootTree, program: Program) -> str | None:
    """What ``execve`` itself would object to; such a container starts and exits 1.

    runc has left its checks behind by then and prints this on the program's stderr.
    """
    if program.place.source is None:
        return None
    try:
        with program.place.source.open("rb") as file:
            head = file.read(256)
    except OSError:
        return f"exec {program.path}: permission denied"
    if head.startswith(_ELF):
        return None
    words = head[2:].split(b"\n", 1)[0].split() if head.startswith(b"#!") else []
    if not words:
        return f"exec {program.path}: exec format error"
    try:
        interpreter = tree.resolve(os.fsdecode(words[0]))
    except OSError:
        interpreter = None
    if interpreter is None or not interpreter.exists:
        return f"exec {program.path}: no such file or directory"
    return None
