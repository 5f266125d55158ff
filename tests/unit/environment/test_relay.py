"""Workers' connections come to the stand-in through the relay's program."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.environment import relay_program
from harness.environment.relay import AT_ONCE, Callers

TOKEN = "0123456789abcdef"
LOOPBACK = "127.0.0.1"
TIMEOUT_S = 20.0


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def program() -> Iterator[tuple[int, int]]:
    """The relay's program as in its container; its ports for workers and callers."""
    workers, callers = free_port(), free_port()
    source = Path(relay_program.__file__).read_text()
    command = [sys.executable, "-I", "-c", source, TOKEN, str(workers), str(callers)]
    with subprocess.Popen(command) as process:
        yield workers, callers
        process.kill()


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that answers with what it was sent, when all of it was; its port."""
    server = socket.create_server((LOOPBACK, 0), backlog=64)

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"".join(iter(lambda: connection.recv(65536), b"")))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(server.getsockname()[1])
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def wait_until_called(callers: Callers) -> None:
    """The program needs a moment to start."""
    deadline = time.monotonic() + TIMEOUT_S
    while callers.look()[0] is None:
        assert time.monotonic() < deadline, callers.look()
        time.sleep(0.02)


def ask(port: int, words: bytes) -> bytes:
    """What a worker is answered."""
    with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT_S) as worker:
        worker.sendall(words)
        worker.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: worker.recv(65536), b""))


def test_many_at_once_get_their_own_bytes(program: tuple[int, int], echo: int) -> None:
    """More of them than callers; each with bytes of its own, up to a megabyte."""
    callers = Callers((LOOPBACK, program[1]), TOKEN, echo)
    try:
        wait_until_called(callers)
        sent = [os.urandom(1 + number * 30_000) for number in range(2 * AT_ONCE)]
        with ThreadPoolExecutor(len(sent)) as pool:
            got = list(pool.map(lambda words: ask(program[0], words), sent))
        assert got == sent
    finally:
        callers.close()


def test_who_has_no_token_gets_no_worker(program: tuple[int, int], echo: int) -> None:
    """Another container of the engine must not be taken for the stand-in."""
    strangers = Callers((LOOPBACK, program[1]), "f" * len(TOKEN), 1)
    callers = Callers((LOOPBACK, program[1]), TOKEN, echo)
    try:
        wait_until_called(callers)
        for _ in range(AT_ONCE):
            assert ask(program[0], b"for the stand-in") == b"for the stand-in"
    finally:
        strangers.close()
        callers.close()


def test_a_stand_in_that_is_gone_ends_the_connection(program: tuple[int, int]) -> None:
    """Its workers see that, as they would without a relay."""
    callers = Callers((LOOPBACK, program[1]), TOKEN, free_port())
    try:
        wait_until_called(callers)
        assert ask(program[0], b"anybody?") == b""
    finally:
        callers.close()
