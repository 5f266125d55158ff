"""Runs in a container: what workers ask of it, it asks of whoever has called in.

Alone, with Python's own library: its source goes into the container as an argument.
Arguments: a token, the port for workers, the port for who calls in.
"""

import contextlib
import queue
import socket
import sys
import threading

WAIT_S = 30.0
GO = b"\n"
SIZE = 65536


def pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way, to their end."""
    with contextlib.suppress(OSError):
        while data := source.recv(SIZE):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def join(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways, to both ends."""
    with one, other:
        back = threading.Thread(target=pump, args=(other, one), daemon=True)
        back.start()
        pump(one, other)
        back.join()


def take(
    caller: socket.socket, token: bytes, idle: "queue.Queue[socket.socket]"
) -> None:
    """Keep a connection of one who knows the token, until a worker needs it."""
    caller.settimeout(WAIT_S)
    said = b""
    with contextlib.suppress(OSError):
        while len(said) < len(token) and (more := caller.recv(len(token) - len(said))):
            said += more
    if said == token:
        caller.settimeout(None)
        idle.put(caller)
    else:
        caller.close()


def serve(worker: socket.socket, idle: "queue.Queue[socket.socket]") -> None:
    """Join a worker's connection to one that has called in."""
    while True:
        try:
            caller = idle.get(timeout=WAIT_S)
        except queue.Empty:
            worker.close()
            return
        with contextlib.suppress(OSError):  # one that has gone meanwhile
            caller.sendall(GO)
            join(worker, caller)
            return


def listen(port: int) -> socket.socket:
    """A listening socket on every address of the container."""
    return socket.create_server(("", port), backlog=64)


def main(token: str, workers: str, callers: str) -> None:
    """Serve until the container is removed."""
    idle: queue.Queue[socket.socket] = queue.Queue()

    def accept_callers(server: socket.socket) -> None:
        while True:
            caller, _ = server.accept()
            arguments = (caller, token.encode(), idle)
            threading.Thread(target=take, args=arguments, daemon=True).start()

    # first: who is called takes it that workers are served
    for_workers = listen(int(workers))
    server = listen(int(callers))
    threading.Thread(target=accept_callers, args=(server,), daemon=True).start()
    while True:
        worker, _ = for_workers.accept()
        threading.Thread(target=serve, args=(worker, idle), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
