"""The stand-in as tests use it: served by a process of its own, or in this one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import requests

APP = Path(__file__).parents[3] / "fixtures" / "qfieldcloud_app"
CONTROL_TOKEN = "token-of-the-tests"


def environ(host: str, database: str, storage: Path, **more: str) -> dict[str, str]:
    """The environment of a stand-in on this database."""
    return {
        "DJANGO_SETTINGS_MODULE": "qfieldcloud.settings",
        "PYTHONPATH": str(APP),
        "POSTGRES_HOST": host,
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": database,
        "QFC_APP_STORAGE_DIR": str(storage),
        "QFC_APP_CONTROL_TOKEN": CONTROL_TOKEN,
        **more,
    }


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    """Runs ``manage.py``; the caller looks at the return code."""
    return subprocess.run(
        [sys.executable, APP / "manage.py", *arguments],
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def file(name: str, content: bytes) -> dict[str, str]:
    """A file as the control API takes it."""
    return {"name": name, "content": base64.b64encode(content).decode()}


class StandIn:
    """A served stand-in, and the two APIs that it has."""

    def __init__(self, url: str, env: dict[str, str]) -> None:
        self.url = url
        self.root = url.removesuffix("api/v1/")
        self.env = env

    def control(self, method: str, path: str, body: object = None, **params):
        """A request to the control API, with its token."""
        return requests.request(
            method,
            f"{self.root}_harness/{path}",
            json=body,
            params=params,
            headers={"X-Harness-Token": CONTROL_TOKEN},
            timeout=30,
        )

    def arrange(self, **wanted: object) -> dict:
        """Arranges rows; answers with their ids."""
        response = self.control("POST", "arrange", wanted)
        assert response.status_code == 200, response.text
        return response.json()

    def api(self, method: str, path: str, token: str = "", **more):
        """A request to QFieldCloud's API."""
        headers = {"Authorization": f"token {token}", **more.pop("headers", {})}
        return requests.request(
            method, self.url + path, headers=headers, timeout=30, **more
        )

    def cli(self, token: str, *arguments: str, json: bool = True, cwd=None):
        """Runs the real command-line client; the caller looks at the return code."""
        command = Path(sys.executable).with_name("qfieldcloud-cli")
        options = ["--json"] if json else []
        return subprocess.run(
            [command, "--url", self.url, "--token", token, *options, *arguments],
            env={"PATH": os.environ["PATH"]},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=60,
        )


def start(env: dict[str, str]) -> tuple[subprocess.Popen, StandIn]:
    """Serves on a free port; the caller ends the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qfieldcloud.server", "--port", "0"],
        env={"PATH": os.environ["PATH"], **env},
        stdout=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().strip()
    assert url, f"the stand-in ended with {process.wait()}"
    return process, StandIn(url, env)
