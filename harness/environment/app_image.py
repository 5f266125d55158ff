"""The image of the stand-in with the wrapper, built of this repository or its wheel.

Its Dockerfile installs packages before it copies any code, so that only the last layers
are made anew when code changes.
"""

import hashlib
import importlib.util
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException, ImageNotFound

from .. import resources
from ..errors import EnvironmentMissing
from .images import BASE

NAME = "qfc-harness/app"
DOCKERFILE = "fixtures/qfieldcloud_app/Dockerfile"
PROGRAMS = (
    "__init__.py",
    "errors.py",
    "resources.py",
    "settings.py",
    "incluster/",
    "scenario/__init__.py",
    "scenario/calls.py",
    "standin/",
    "tap/",
    "subject/__init__.py",
    "subject/child.py",
    "subject/convention.py",
    "subject/replica.py",
    "subject/sandbox.py",
)
"""What of the harness runs in pods: other changes need no new image."""


def build(client: docker.DockerClient, given: str = "") -> str:
    """The name of the image: the one given, or ours, which is built if need be.

    :raises EnvironmentMissing: the build fails
    """
    if given:
        return given
    files = dict(context())
    name = f"{NAME}:{_digest(files)}"
    try:
        client.images.get(name)
    except ImageNotFound:
        _build(client, files, name)
    return name


def context() -> Iterator[tuple[str, bytes]]:
    """What the image is built of: paths in the repository, and contents."""
    package = Path(__file__).parents[1]
    for path, content in _below(package, "harness"):
        if path.removeprefix("harness/").startswith(PROGRAMS):
            yield path, content
    yield from _below(resources.fixture("qfieldcloud_app"), "fixtures/qfieldcloud_app")
    wrapper = importlib.util.find_spec("worker_wrapper")
    if wrapper is None or not wrapper.submodule_search_locations:
        raise EnvironmentMissing(
            "The package worker_wrapper isn't there to be put into the app's image.",
            "Install this project with it, or name an image with --app-image.",
        )
    yield from _below(Path(wrapper.submodule_search_locations[0]), "worker_wrapper")


def _below(root: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        unused = {"__pycache__", "_data"} & set(inside.parts)
        if path.is_file() and not unused:
            yield f"{name}/{inside}", path.read_bytes()


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256(BASE.encode())
    for path, content in files.items():
        digest.update(path.encode() + content)
    return digest.hexdigest()[:12]


def _build(client: docker.DockerClient, files: dict[str, bytes], name: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    try:
        client.images.build(
            fileobj=buffer,
            custom_context=True,
            dockerfile=DOCKERFILE,
            tag=name,
            buildargs={"BASE": BASE},
            rm=True,
            forcerm=True,
        )
    except BuildError as error:
        words = [
            str(line.get("stream", line.get("error", ""))) for line in error.build_log
        ]
        last = "".join(words).strip().splitlines()[-8:]
        raise EnvironmentMissing(
            f"The app's image can't be built: {error.msg}\n    " + "\n    ".join(last),
            f"It is built on {BASE}, with packages of Debian and PyPI: is there a way "
            "to all three? Or name an image that is there: --app-image.",
        ) from error
    except DockerException as error:
        raise EnvironmentMissing(f"The app's image can't be built: {error}") from error
