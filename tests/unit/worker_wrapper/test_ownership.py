"""The lock that says who runs a job."""

import threading

import pytest

pytestmark = pytest.mark.usefixtures("app")
JOB = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def elsewhere():
    """Another session of the database, as another wrapper has one."""
    from django.db import connection

    other = connection.copy()

    def ask(sql: str, *arguments):
        with other.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchone()[0]

    yield ask
    other.close()


def test_the_number_is_the_same_everywhere():
    """And fits PostgreSQL's bigint."""
    from worker_wrapper import ownership

    assert ownership.key_of(JOB) == ownership.key_of(JOB)
    assert ownership.key_of(JOB) != ownership.key_of(JOB.replace("1", "2"))
    assert -(2**63) <= ownership.key_of(JOB) < 2**63


def test_a_job_is_held_by_one(elsewhere):
    """Another session can't have it, and can afterwards."""
    from worker_wrapper import ownership

    try_it = "SELECT pg_try_advisory_lock(%s)"
    with ownership.held(JOB) as is_mine:
        assert is_mine
        assert not elsewhere(try_it, ownership.key_of(JOB))
    assert elsewhere(try_it, ownership.key_of(JOB))
    with ownership.held(JOB) as is_mine:
        assert not is_mine


def test_one_process_does_not_hold_it_twice():
    """PostgreSQL would give a session its own lock again."""
    from worker_wrapper import ownership

    with ownership.held(JOB) as first, ownership.held(JOB) as second:
        assert (first, second) == (True, False)
    with ownership.held(JOB) as again:
        assert again


def test_the_lock_outlives_djangos_own_connection(elsewhere):
    """Which is closed between jobs, and after errors."""
    from django.db import connection

    from worker_wrapper import ownership

    with ownership.held(JOB):
        connection.close()
        ownership.keep(JOB)
        key = ownership.key_of(JOB)
        assert not elsewhere("SELECT pg_try_advisory_lock(%s)", key)


def _break(elsewhere) -> None:
    """End the locks' session from outside, as a restart of PostgreSQL does."""
    from worker_wrapper import ownership

    pid = ownership._session.ask("SELECT pg_backend_pid()")
    assert elsewhere("SELECT pg_terminate_backend(%s, 5000)", pid)


def test_a_connection_that_broke_is_made_anew(elsewhere):
    """With the lock, as long as nobody else has taken it."""
    from worker_wrapper import ownership

    with ownership.held(JOB):
        _break(elsewhere)
        ownership.keep(JOB)
        key = ownership.key_of(JOB)
        assert not elsewhere("SELECT pg_try_advisory_lock(%s)", key)


def test_a_lock_that_somebody_took_meanwhile_is_given_up(elsewhere):
    """That one finishes the job now."""
    from worker_wrapper import ownership

    with ownership.held(JOB):
        _break(elsewhere)
        assert elsewhere("SELECT pg_try_advisory_lock(%s)", ownership.key_of(JOB))
        with pytest.raises(ownership.HandedOver, match=JOB):
            ownership.keep(JOB)


def test_a_lock_that_went_unnoticed_is_not_believed_in(elsewhere, monkeypatch):
    """The connection is made anew for something else, when nobody minds the lock."""
    from django.db import OperationalError

    from worker_wrapper import ownership

    def is_down() -> None:
        raise OperationalError("the database is starting up")

    with ownership.held(JOB):
        _break(elsewhere)
        with monkeypatch.context() as patched:
            patched.setattr(ownership, "_open", is_down)
            with pytest.raises(OperationalError):
                ownership.keep(JOB)
        ownership._session.ask("SELECT 1")
        assert elsewhere("SELECT pg_try_advisory_lock(%s)", ownership.key_of(JOB))
        with pytest.raises(ownership.HandedOver, match=JOB):
            ownership.keep(JOB)


def test_threads_may_share_it():
    """Django's connections refuse that by default."""
    from worker_wrapper import ownership

    assert ownership.is_usable()
    found = []

    def hold() -> None:
        with ownership.held(JOB) as is_mine:
            found.append(is_mine)

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert found == [True]


@pytest.mark.parametrize(
    ("mine", "others", "pooled"),
    [
        ([1, 1], [2, 2], False),
        ([1, 1], [1, 1], True),  # both get the session that is free
        ([1, 2], [3, 3], True),  # each query gets another one
        ([1, 1], [2, 3], True),
        ([1, 2], [2, 1], True),
    ],
)
def test_a_pool_gives_itself_away(mine, others, pooled):
    """By which backend answers two connections that are open at once."""
    from worker_wrapper import ownership

    assert ownership.are_pooled(mine, others) is pooled


def test_nothing_to_keep():
    """Where no lock is held there is none to lose."""
    from worker_wrapper import ownership

    ownership.keep(JOB)
