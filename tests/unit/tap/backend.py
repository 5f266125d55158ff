"""A backend that a test scripts byte by byte, on a unix socket."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Script = Callable[[socket.socket], None]
TIMEOUT_S = 20.0


@contextlib.contextmanager
def backend(path: Path, script: Script) -> Iterator[list[socket.socket]]:
    """Serve: each connection is handed to the script; gives those that came."""
    came: list[socket.socket] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):
            script(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(TIMEOUT_S)
                came.append(connection)
                thread = threading.Thread(target=serve, args=(connection,))
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield came
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(TIMEOUT_S)
        for connection in came:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(TIMEOUT_S)


def read_head(connection: socket.socket) -> bytes:
    """A request's head, to the empty line; b"" at the connection's end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer at the connection's end."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(65536, size - len(data)))
        if not piece:
            break
        data += piece
    return bytes(data)


def answer(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer of a known length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def always(*answers: bytes) -> Script:
    """A script that answers each request on a connection with the next of these."""

    def script(connection: socket.socket) -> None:
        for one in answers:
            if not read_head(connection):
                return
            connection.sendall(one)
        connection.recv(1)  # until the other side closes

    return script


def connect(path: Path) -> socket.socket:
    """A client's connection."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(TIMEOUT_S)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        raise
    return client


GET = b"GET /a?b=c HTTP/1.1\r\nHost: docker\r\n\r\n"
