"""A log that is followed: it goes on over a rotation, and tells a missing end."""

import threading

from worker_wrapper import logs
from worker_wrapper.followed_log import MISSING, FollowedLog, best

KEEP = 1024


def _read(content: bytes) -> logs.BoundedLog:
    log = logs.BoundedLog(KEEP)
    log.write(content)
    return log


def test_what_was_rotated_away_is_there():
    """Read at the end there is the last file only; followed it is whole."""
    followed = FollowedLog(lambda: [b"first file\n", b"second file\n"], KEEP)
    followed.text()
    assert best(_read(b"second file\n"), None, followed) == "first file\nsecond file\n"


def test_without_a_rotation_the_log_is_read_at_the_end():
    """A follower may be seconds late: nobody waits for it."""
    never = threading.Event()
    followed = FollowedLog(lambda: iter([b"all"][: never.wait(5)]), KEEP)
    assert best(_read(b"all of it\n"), None, followed) == "all of it\n"
    never.set()


def test_a_follower_that_broke_says_so():
    """What it has is more than can be read any more, but not the whole."""

    def breaks():
        yield b"begun\n"
        raise OSError("cut")

    followed = FollowedLog(breaks, KEEP)
    assert followed.text() == f"begun\n\n{logs.UNREADABLE}\ncut"


def test_a_log_that_can_not_be_read_at_all():
    """Neither way."""
    told = best(_read(b""), "404 NotFound", None)
    assert told == f"{logs.UNREADABLE}\n404 NotFound"


def test_a_follower_whose_file_was_the_last_but_one():
    """A kubelet that was behind when the container ended reads no file after that."""
    followed = FollowedLog(lambda: [b"first file\n"], KEEP)
    followed.text()
    told = best(_read(b"second\n"), None, followed)
    assert told == f"first file\n{MISSING}\nsecond\n"


def test_what_neither_reading_has_is_said():
    """Followed until it broke, and rotated before it was read again."""

    def breaks():
        yield b"first file\n"
        raise OSError("cut")

    followed = FollowedLog(breaks, KEEP)
    followed.text()
    told = best(_read(b"third file, which is longer\n"), None, followed)
    assert told.startswith("first file\n")
    assert MISSING in told
    assert told.endswith("third file, which is longer\n")
