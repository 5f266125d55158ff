"""In the wrapper's container: runs the subject as it is run on a host.

The subject is unpacked where the harness says, and imported by a process forked from
one that has imported everything else, with the container's own environment, rights and
mounts: what ``manage.py dequeue`` would have.
"""

import base64
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import settings
from ..standin.forkserver import Child, ForkServer
from . import files
from .served import AgentServer, Query

PORT = 8900
APPLICATION = Path("/usr/src/app")
PLACE = Path("/tmp/qfc-harness")  # noqa: S108 (a pod's own)
CODE = PLACE / "subject"
STORAGE = PLACE / "storage"
"""What a subject is told for its storage."""
FORKS_LOG = PLACE / "forks.log"
KEEP_LOG = 64 * 1024


class Wrapper:
    """The routes, over the processes of one subject."""

    def __init__(self, forks: ForkServer, environ: Mapping[str, str]) -> None:
        self._forks = forks
        self._environ = environ
        self._children: dict[str, Child] = {}
        self._image = set(PLACE.parent.iterdir())
        """What was there before any subject."""

    def put_code(self, _query: Query, body: bytes) -> None:
        """Unpack the subject's code."""
        files.unpack(body, CODE)

    def spawn(self, _query: Query, body: bytes) -> None:
        """Start a process: ``number``, ``arguments``, ``environ`` on top of ours."""
        asked = json.loads(body)
        number = str(asked["number"])
        self._forks.wait_until_ready()
        self._children[number] = self._forks.spawn(
            "harness.subject.child:main",
            {**asked["arguments"], "result": str(_result(number)), "root": str(CODE)},
            environ={**self._environ, **asked["environ"]},
            log=_log(number),
        )

    def wait(self, query: Query, _body: bytes) -> dict[str, Any]:
        """Whether a process has ended, after waiting a while for it; and its words."""
        number = query["number"]
        code = self._children[number].wait(float(query["seconds"]))
        if code is None:
            return {"ended": False}
        return {"ended": True, "exit_code": code, **self.words(query, b"")}

    def words(self, query: Query, _body: bytes) -> dict[str, Any]:
        """What a process told, and the end of its log."""
        result, log = _result(query["number"]), _log(query["number"])
        return {
            "result": result.read_text() if result.exists() else "",
            "log": log.read_bytes()[-KEEP_LOG:].decode(errors="backslashreplace"),
        }

    def storage(self, _query: Query, _body: bytes) -> str:
        """What the subject has put into its storage, which stands for S3."""
        return base64.b64encode(files.pack(STORAGE)).decode()

    def renew(self, _query: Query, _body: bytes) -> None:
        """Be as in the beginning: no process of a subject, nothing that one wrote."""
        for child in self._children.values():
            child.signal(signal.SIGKILL)
        for child in self._children.values():
            child.wait()
        self._children.clear()
        files.empty(PLACE.parent, spare=self._image)
        files.empty(PLACE, spare=(FORKS_LOG,))
        _make_places()

    def signal(self, query: Query, _body: bytes) -> None:
        """Send a process a signal."""
        self._children[query["number"]].signal(int(query["signum"]))


def _result(number: str) -> Path:
    return PLACE / f"subject-{number}.json"


def _log(number: str) -> Path:
    return PLACE / f"subject-{number}.log"


def _make_places() -> None:
    for directory in (CODE, STORAGE):
        directory.mkdir(parents=True)


def main() -> None:
    """Serve until the pod ends."""
    _make_places()
    given = settings.in_pod()
    forks = ForkServer(APPLICATION, FORKS_LOG)
    routes = Wrapper(forks, given.environ)
    AgentServer(
        PORT,
        given.token,
        {
            "PUT code": routes.put_code,
            "POST spawn": routes.spawn,
            "GET wait": routes.wait,
            "GET words": routes.words,
            "GET storage": routes.storage,
            "POST signal": routes.signal,
            "POST renew": routes.renew,
        },
    ).serve_forever()


if __name__ == "__main__":
    main()
