"""Serving: from a fork, from the command line, and the end."""

import subprocess
import sys
import textwrap
import threading
import time

from . import standin

FORK_AND_SERVE = textwrap.dedent(
    """
    import os, socket, sys, urllib.request
    from qfieldcloud import configure, server

    sock = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child == 0:
        configure.apply({**os.environ, "POSTGRES_DB": sys.argv[1]})
        server.serve(sock)
        os._exit(7)
    url = "http://127.0.0.1:%d/api/v1/status/" % sock.getsockname()[1]
    print(urllib.request.urlopen(url, timeout=10).read().decode())
    os.kill(child, 15)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
)


def test_a_forked_child_serves_another_database(env):
    """What was imported before the fork serves what was configured after it."""
    database = env["POSTGRES_DB"]
    done = subprocess.run(
        [sys.executable, "-c", FORK_AND_SERVE, database],
        env={**env, "POSTGRES_DB": "not_there"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    status, exit_code = done.stdout.splitlines()
    assert '"database": "ok"' in status
    assert exit_code == "7", "serve() returns after SIGTERM"


def test_sigterm_ends_it_with_a_long_poll_waiting(env):
    """A waiting long poll is answered, and the process is gone at once."""
    process, app = standin.start(env)
    job = app.arrange(
        user={"username": "ada"},
        project={"name": "trees"},
        jobs=[{"type": "package"}],
    )["jobs"][0]["id"]
    answers = []

    def poll():
        path = f"jobs/{job}/history"
        answers.append(app.control("GET", path, until="failed", timeout_s=30))

    waiting = threading.Thread(target=poll)
    waiting.start()
    time.sleep(0.3)
    began = time.monotonic()
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 3  # waitress itself would wait for 5
    waiting.join()
    process.stdout.close()
    assert answers[0].json()["timed_out"] is True


def test_many_long_polls_leave_room_for_requests(served):
    """Eight waiting polls don't keep a ninth request from being answered."""
    job = served.arrange(
        user={"username": "ada"},
        project={"name": "trees"},
        jobs=[{"type": "package"}],
    )["jobs"][0]["id"]
    path = f"jobs/{job}/history"
    polls = [
        threading.Thread(
            target=served.control,
            args=("GET", path),
            kwargs={"until": "failed", "timeout_s": 20},
        )
        for _ in range(8)
    ]
    for poll in polls:
        poll.start()
    time.sleep(0.3)
    assert served.api("GET", "status/").status_code == 200
    assert all(poll.is_alive() for poll in polls)
    served.control("POST", "act", {"do": "delete_job_row", "job_id": job})
    for poll in polls:
        poll.join(timeout=5)
    assert not any(poll.is_alive() for poll in polls)


def test_it_recovers_from_lost_database_connections(served, server):
    """Connections that PostgreSQL has ended are replaced without an error."""
    assert served.api("GET", "status/").status_code == 200
    with server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [served.env["POSTGRES_DB"]],
        )
    assert served.api("GET", "status/").status_code == 200
