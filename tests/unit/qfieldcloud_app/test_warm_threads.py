"""The thread that was idle last works next."""

import threading

from qfieldcloud.warm_threads import WarmThreads


class Task:
    """Notes who served it; waits for ``go`` if it is given one."""

    def __init__(self, go=None):
        self.go = go
        self.started = threading.Event()
        self.done = threading.Event()
        self.thread = None
        self.cancelled = False

    def service(self):
        """Serves, as long as it takes."""
        self.thread = threading.current_thread().name
        self.started.set()
        if self.go:
            self.go.wait(5)
        self.done.set()

    def cancel(self):
        """Notes that nobody will serve it."""
        self.cancelled = True


def serve_one(threads):
    task = Task()
    threads.add_task(task)
    assert task.done.wait(5)
    return task.thread


def idle(threads, number):
    """Waits until that many threads have nothing to do."""
    for _ in range(500):
        if len(threads._idle) == number:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{len(threads._idle)} idle, not {number}")


def test_one_task_at_a_time_needs_one_thread():
    """Requests one after the other are all served by the same thread."""
    threads = WarmThreads(4)
    names = set()
    for _ in range(5):
        names.add(serve_one(threads))
        idle(threads, 1)
    threads.shutdown()
    assert len(names) == 1


def test_tasks_at_once_get_a_thread_each():
    """A long poll doesn't hold up the next request."""
    threads, go = WarmThreads(4), threading.Event()
    slow = Task(go)
    threads.add_task(slow)
    assert slow.started.wait(5)
    assert serve_one(threads) != slow.thread
    go.set()
    threads.shutdown()


def test_tasks_beyond_the_limit_wait():
    """With every thread at work a task waits, and is served afterwards."""
    threads, go = WarmThreads(1), threading.Event()
    first, second = Task(go), Task()
    threads.add_task(first)
    assert first.started.wait(5)
    threads.add_task(second)
    assert not second.started.wait(0.1)
    go.set()
    assert second.done.wait(5)
    threads.shutdown()


def test_shutdown_gives_up_what_waits_and_what_takes_too_long():
    """It returns after its timeout and cancels the tasks nobody has begun."""
    threads, go = WarmThreads(1), threading.Event()
    first, second = Task(go), Task()
    threads.add_task(first)
    assert first.started.wait(5)
    threads.add_task(second)
    assert threads.shutdown(timeout=0.1) is True
    assert second.cancelled
    assert not second.started.is_set()
    go.set()


def test_a_failing_task_costs_no_thread(caplog):
    """An exception is logged, and the thread serves on."""
    threads = WarmThreads(1)

    class Bad(Task):
        def service(self):
            raise ValueError("odd")

    threads.add_task(Bad())
    assert serve_one(threads)
    threads.shutdown()
    assert "odd" in caplog.text
