"""The process that forks the stand-in's servers and the subjects.

It has imported Django, the stand-in and the client libraries, everything but a
subject; a forked child then starts in milliseconds. It never has a second thread.
Started as ``python -m harness.standin.zygote FD``; speaks JSON, one message a packet,
on the socket ``FD``, and ends, with all its children, when that is closed.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

PRELOAD = (
    "docker",
    "kubernetes.client.rest",
    "kubernetes.config",
    "requests",
    "sentry_sdk",
    "tenacity",
    "waitress",
    "harness.standin.children",
    "harness.subject.child",
)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MAXIMUM_MESSAGE = 1 << 20
SOFTWARE_ERROR = 70  # EX_SOFTWARE of sysexits.h


class Zygote:
    """Forks on request and reports how each child ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}
        _adopt_orphans()
        self._wakeup, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        signal.set_wakeup_fd(self._waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> None:
        """Until the other side closes the socket."""
        self._send({"ready": True})
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wakeup, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == self._wakeup:
                        os.read(self._wakeup, 4096)
                        self._reap()
                    elif not self._receive():
                        self._end()
                        return

    def _receive(self) -> bool:
        message = self._control.recv(MAXIMUM_MESSAGE)
        if not message:
            return False
        request = json.loads(message)
        if "signal" in request:
            self._signal(request["id"], request["signal"])
        else:
            self._fork(request)
        return True

    def _signal(self, request_id: int, signum: int) -> None:
        for pid, known in self._children.items():
            if known == request_id:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signum)

    def _fork(self, request: dict[str, Any]) -> None:
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            os._exit(self._child(request, zygote))
        self._children[pid] = request["id"]
        self._send({"id": request["id"], "pid": pid})

    def _child(self, request: dict[str, Any], zygote: int) -> int:
        try:
            _die_with(zygote)
            _adopt_orphans()  # so that the zygote gets them at its end, not before
            self._control.close()
            os.setsid()
            signal.set_wakeup_fd(-1)
            for signum in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, signal.SIG_DFL)
            _redirect(request["stdout"], request["stderr"])
            os.environ.clear()
            os.environ.update(request["environ"])
            module, _, name = request["call"].partition(":")
            function: Callable[..., int | None] = getattr(
                importlib.import_module(module), name
            )
            return function(**request["arguments"]) or 0
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else 1
        except BaseException:  # it is the whole of this process
            traceback.print_exc()
            return SOFTWARE_ERROR
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            _end_group(pid)  # what the child started itself and left running
            self._end_adopted()
            request_id = self._children.pop(pid, None)
            if request_id is not None:
                code = os.waitstatus_to_exitcode(status)
                self._send({"id": request_id, "exit": code})

    def _end_adopted(self) -> None:
        """End daemons: children that ended left them to this process."""
        for pid in _children():
            if pid not in self._children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _end(self) -> None:
        for pid in self._children:
            _end_group(pid)
        with contextlib.suppress(ChildProcessError):  # until there is none
            while True:
                pid, _ = os.waitpid(-1, 0)
                self._children.pop(pid, None)
                self._end_adopted()

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._control.send(json.dumps(message).encode())


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had died before anybody could tell of it
        os.kill(os.getpid(), signal.SIGKILL)


def _adopt_orphans() -> None:
    """Become the parent of the descendants whose parents end, in init's place."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _children() -> list[int]:
    """The processes whose parent is this one."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
        return [int(pid) for pid in file.read().split()]


def _redirect(stdout: str, stderr: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for path, descriptor in ((stdout, 1), (stderr, 2)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)


def preload(application: str) -> None:
    """Import everything but the subject, and set the stand-in's Django up."""
    sys.path.insert(0, application)
    os.environ["DJANGO_SETTINGS_MODULE"] = "qfieldcloud.settings"
    for name in PRELOAD:
        if name.startswith("harness."):
            importlib.import_module("django").setup()
            importlib.import_module("qfieldcloud.server")
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the children share these pages as long as nobody touches them


def main() -> None:
    """``zygote FD APPLICATION_DIRECTORY``."""
    control = socket.socket(fileno=int(sys.argv[1]))
    preload(sys.argv[2])
    Zygote(control).serve()


if __name__ == "__main__":
    main()
