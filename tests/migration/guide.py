"""The migration guide as steps: the shell blocks below each heading, in their order."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "worker_wrapper" / "K8S_MIGRATION_GUIDE.md"
_PART = re.compile(r"^## ([^\n]+)$|^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMPOSE = """#!/bin/sh
# QFieldCloud's stack isn't here: what is asked of it is noted
echo "$@" >> "$DOCKER_ASKED"
"""


def steps() -> list[tuple[str, str]]:
    """Heading and block of each; those before the first heading have none."""
    heading, found = "", []
    for part in _PART.finditer(GUIDE.read_text(encoding="utf-8")):
        if part[1]:
            heading = part[1]
        else:
            found.append((heading, part[2]))
    return found


@dataclass
class Shell:
    """One shell for all blocks, in a clone of the repository."""

    directory: Path
    environ: Mapping[str, str]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("k8s-manifests", "worker_wrapper"):
            shutil.copytree(
                REPOSITORY / name,
                self.directory / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        programs = self.directory / "programs"
        programs.mkdir()
        (programs / "docker").write_text(COMPOSE)
        (programs / "docker").chmod(0o755)
        self._exported = self.directory / "exported"
        self._exported.write_text("")
        self._base = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self.directory),
            "DOCKER_ASKED": str(self.directory / "docker-asked"),
            **self.environ,
        }

    def run(self, block: str, timeout_s: float = 400) -> str:
        """Run a block as a user would paste it, and stop at its first failure."""
        script = (
            f". {self._exported}\nset -euo pipefail\n{block}\nexport -p > "
            f"{self._exported}\n"
        )
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self._base,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
        )
        self.said.append(ended.stdout)
        assert ended.returncode == 0, f"{block}\n{ended.stdout}"
        return ended.stdout

    def asked_of_docker(self) -> list[str]:
        """The arguments of each call of docker so far."""
        path = Path(self._base["DOCKER_ASKED"])
        return path.read_text().splitlines() if path.is_file() else []


def qfieldcloud(
    directory: Path, env: Mapping[str, str], own: Mapping[str, str]
) -> Path:
    """QFieldCloud's directory as far as the guide uses it.

    :param env: its ``.env``, as for Docker
    :param own: what the guide calls ``in-cluster.env``
    """
    for name in ("worker_wrapper", "requirements"):
        (directory / "docker-app" / name).mkdir(parents=True)
    requirements = directory / "docker-app" / "requirements" / "requirements.txt"
    requirements.write_text("django\n")
    for name, content in ((".env", env), ("in-cluster.env", own)):
        lines = [f"{key}={value}\n" for key, value in content.items()]
        (directory / name).write_text("# settings\n" + "".join(lines))
    return directory
