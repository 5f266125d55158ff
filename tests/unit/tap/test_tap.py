"""The tap's points: a socket, a TLS port, and the end of them."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme

from harness.tap.tap import Tap

from .backend import GET, always, answer, backend, connect, read_head


class TlsBackend:
    """An HTTPS server that answers each connection once."""

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        self.ca_file = str(directory / "backend-ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        self._listener = context.wrap_socket(listener, server_side=True)
        self.heads: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            with connection:
                self.heads.append(read_head(connection))
                connection.sendall(answer(b"secret", "200 OK", "Connection: close"))

    def close(self) -> None:
        """Serve no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def tls_backend(tmp_path: Path) -> Iterator[TlsBackend]:
    """One server."""
    served = TlsBackend(tmp_path)
    yield served
    served.close()


def test_tls_is_spoken_on_both_sides(tap: Tap, tls_backend: TlsBackend) -> None:
    """The client trusts the tap's authority, the tap the backend's."""
    with tap.on_tls(tls_backend.url, tls_backend.ca_file) as (port, journal):
        got = requests.get(
            f"https://127.0.0.1:{port}/a",
            verify=str(tap.ca_file),
            headers={"Authorization": "Bearer x"},
            timeout=10,
        )
        assert got.text == "secret"
        assert b"Authorization: Bearer x" in tls_backend.heads[0]
        assert [call.target for call in journal.calls()] == ["/a"]


def test_a_backend_that_is_not_trusted_gets_nothing(
    tap: Tap, tls_backend: TlsBackend
) -> None:
    """Not the request, and so not the token."""
    with tap.on_tls(tls_backend.url, str(tap.ca_file)) as (port, journal):
        with pytest.raises(requests.ConnectionError):
            requests.get(
                f"https://127.0.0.1:{port}/", verify=str(tap.ca_file), timeout=10
            )
        assert [call.status for call in journal.calls()] == [0]
    assert tls_backend.heads == []


def test_only_this_machine_reaches_a_port(tap: Tap, tls_backend: TlsBackend) -> None:
    """It listens on loopback, on a port that was free."""
    with tap.on_tls(tls_backend.url, tls_backend.ca_file) as (port, _):
        free = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        assert int(free[0]) <= port <= int(free[1])
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))  # would fail if it had every address


def test_a_point_that_is_closed_takes_no_one(tap: Tap, short_tmp: Path) -> None:
    """A cell's end is the end of its socket."""
    path, upstream = short_tmp / "tap", short_tmp / "backend"
    with backend(upstream, always(answer())), tap.on_socket(path, upstream):
        connect(path).close()

    def connect_until_closed() -> None:
        for _ in range(200):  # the loop closes it in its own time
            connect(path).close()

    with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
        connect_until_closed()


def test_the_end_of_a_tap_ends_connections(tmp_path: Path, short_tmp: Path) -> None:
    """Also one that watches; and its thread."""
    tap = Tap(tmp_path)
    path, upstream = short_tmp / "tap", short_tmp / "backend"
    with backend(upstream, always(b"HTTP/1.1 200 OK\r\n\r\nfor ever")):
        opened = tap.on_socket(path, upstream)
        opened.__enter__()
        client = connect(path)
        client.sendall(GET)
        assert client.recv(8) == b"HTTP/1.1"
        tap.close()
        while client.recv(100):
            pass
        client.close()
    assert not tap._thread.is_alive()
    opened.__exit__(None, None, None)  # what it held open has gone with the tap
