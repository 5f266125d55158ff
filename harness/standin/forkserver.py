"""The run's side of the zygote: processes that start in milliseconds."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import HarnessFailure
from .zygote import MAXIMUM_MESSAGE

START_TIMEOUT_S = 60.0
_ZYGOTE = (sys.executable, "-m", f"{__package__}.zygote")


class Child:
    """One forked process."""

    def __init__(self, server: "ForkServer", child_id: int) -> None:
        self._server = server
        self._id = child_id
        self._started = threading.Event()
        self._ended = threading.Event()
        self.pid = 0
        self.exit_code: int | None = None
        """Negative after a signal, as subprocess has it."""

    def tell(self, message: dict[str, Any]) -> None:
        """Take what the zygote says about this child."""
        if "pid" in message:
            self.pid = message["pid"]
            self._started.set()
        else:
            self.exit_code = message["exit"]
            self._started.set()
            self._ended.set()

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit code, or None if it still runs after this time."""
        return self.exit_code if self._ended.wait(timeout_s) else None

    def signal(self, signum: int) -> None:
        """Send a signal, if it still runs."""
        if not self._ended.is_set():
            with contextlib.suppress(HarnessFailure):  # then its end is on the way
                self._server.send({"id": self._id, "signal": int(signum)})

    def stop(self, grace_s: float = 5.0) -> None:
        """SIGTERM and, after a while, SIGKILL."""
        self.signal(signal.SIGTERM)
        if self.wait(grace_s) is None:
            self.signal(signal.SIGKILL)
            self.wait()

    def started(self) -> None:
        """Wait until it has its process id."""
        self._started.wait()


class ForkServer:
    """Starts the zygote, and children from it."""

    def __init__(self, application: Path, log: Path) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._ids = itertools.count(1)
        self._children: dict[int, Child] = {}
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._log = log
        self._closed = False
        self._gone = False
        with theirs, log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"{__package__}.zygote",
                    str(theirs.fileno()),
                    str(application),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        threading.Thread(target=self._listen, daemon=True, name="forkserver").start()

    @property
    def closed(self) -> bool:
        """Whether the run is being ended."""
        return self._closed

    @property
    def pid(self) -> int:
        """Of the zygote."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait for the imports to be done.

        :raises HarnessFailure: the zygote ended instead
        """
        if self._closed:
            raise HarnessFailure("The run is being ended: nothing is started any more.")
        if not self._ready.wait(START_TIMEOUT_S) or self._gone:
            words = self._log.read_text(errors="replace").strip().splitlines()[-8:]
            raise HarnessFailure(
                "The process that starts stand-in and subjects failed:\n    "
                + "\n    ".join(words)
            )

    def spawn(
        self,
        call: str,
        arguments: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        log: Path,
        stderr: Path | None = None,
    ) -> Child:
        """Call ``module:function`` in a new process.

        :param environ: the whole of its environment
        :param log: where stdout goes, and stderr if it has no place of its own
        :raises HarnessFailure: there is no zygote (any more)
        """
        self.wait_until_ready()
        child = Child(self, next(self._ids))
        self._children[child._id] = child
        self.send(
            {
                "id": child._id,
                "call": call,
                "arguments": arguments,
                "environ": dict(environ),
                "stdout": str(log),
                "stderr": str(stderr or log),
            }
        )
        child.started()
        return child

    def send(self, message: dict[str, Any]) -> None:
        """Send one message to the zygote.

        :raises HarnessFailure: it has gone
        """
        try:
            with self._lock:
                self._socket.send(json.dumps(message).encode())
        except OSError as error:
            raise HarnessFailure(
                f"The process that starts stand-in and subjects is gone: {error}"
            ) from error

    def _listen(self) -> None:
        while True:
            try:
                message = self._socket.recv(MAXIMUM_MESSAGE)
            except OSError:
                message = b""
            if not message:
                break
            content = json.loads(message)
            if "ready" in content:
                self._ready.set()
                continue
            child = self._children[content["id"]]
            child.tell(content)
            if "exit" in content:
                del self._children[content["id"]]
        self._gone = True
        self._ready.set()
        for child in list(self._children.values()):
            child.tell({"exit": -signal.SIGKILL})

    def close(self) -> None:
        """End the zygote and every child; a second time does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        with contextlib.suppress(OSError):  # it may have ended by itself
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._socket.close()
