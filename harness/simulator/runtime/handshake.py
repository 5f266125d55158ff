"""Knowing when bubblewrap has made a container, and whether it could.

Bubblewrap tells the pid of the container's PID 1 early, sets everything up, then
reads one byte before it goes on to the program. The byte is sent once the pid is held
by a pidfd, so that it can't be mistaken for a later process of the same number. When
all is set up the other end is closed: with the byte read that is an end of file, with
the byte unread, because bubblewrap has given up, it is a connection reset.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
from collections.abc import Iterator

from harness.simulator.runtime.workload import StartError, StartFailure

_LAST_WORDS_S = 2.0
_log = logging.getLogger(__name__)


class Handshake:
    """Our ends of the two connections to one bubblewrap."""

    def __init__(self, info: int, block: socket.socket) -> None:
        self._info = info
        self._block = block
        self.child: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> "Iterator[tuple[Handshake, dict[str, int]]]":
        """With the descriptors to hand to bubblewrap, which are closed here after."""
        info, their_info = os.pipe()
        block, their_block = socket.socketpair()
        block.setblocking(False)
        handshake = cls(info, block)
        fds = {"--info-fd": their_info, "--block-fd": their_block.fileno()}
        try:
            yield handshake, fds
        except BaseException:
            handshake.close()
            raise
        finally:
            os.close(their_info)
            their_block.close()

    def close(self) -> None:
        """Close our ends."""
        if self._info >= 0:
            os.close(self._info)
            self._info = -1
        self._block.close()

    async def wait(self) -> tuple[int, int]:
        """The container's PID 1 and a pidfd of it, once all is set up.

        Raises StartError with bubblewrap's own words where it could not.
        """
        pidfd = -1
        try:
            pid = await self._told_pid()
            pidfd = os.pidfd_open(pid)
            self._block.send(b"\0")
            await asyncio.get_running_loop().sock_recv(self._block, 1)
        except BaseException as error:
            if pidfd >= 0:
                os.close(pidfd)
            if isinstance(error, ConnectionError | ProcessLookupError):
                raise self._explained() from error
            raise
        finally:
            self.close()
        return pid, pidfd

    async def _told_pid(self) -> int:
        """Bubblewrap writes its JSON in pieces."""
        told = b""
        while not told.rstrip().endswith(b"}"):
            await _readable(self._info)
            piece = os.read(self._info, 4096)
            if not piece:
                raise ConnectionResetError("bubblewrap ended before it told a pid")
            told += piece
        return int(json.loads(told)["child-pid"])

    def _explained(self) -> StartError:
        assert self.child is not None
        try:
            _, said = self.child.communicate(timeout=_LAST_WORDS_S)
        except subprocess.TimeoutExpired as late:
            self.child.kill()
            said = late.stderr or b"bubblewrap does not end"
        message = said.decode(errors="replace").strip()
        _log.warning("a container could not be made: %s", message)
        return StartError(StartFailure.BAD_MOUNT, message, message)


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def set_ready() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(fd, set_ready)
    try:
        await ready
    finally:
        loop.remove_reader(fd)
