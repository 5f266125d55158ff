"""Users of an image: Debian's base accounts, as ``/etc/passwd`` and ``/etc/group``.

One uid is mapped into a container, so whichever user a container asks for, its
files belong to the user who runs the simulator.
"""

from dataclasses import dataclass

from harness.simulator.runtime.workload import StartError, StartFailure

_ACCOUNTS = (  # name, uid, gid, home, shell
    ("root", 0, 0, "/root", "/bin/bash"),
    ("daemon", 1, 1, "/usr/sbin", "/usr/sbin/nologin"),
    ("bin", 2, 2, "/bin", "/usr/sbin/nologin"),
    ("www-data", 33, 33, "/var/www", "/usr/sbin/nologin"),
    ("nobody", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"),
)
_GROUPS = (
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("www-data", 33),
    ("users", 100),
    ("nogroup", 65534),
)

PASSWD = "".join(
    f"{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n"
    for name, uid, gid, home, shell in _ACCOUNTS
)
GROUP = "".join(f"{name}:x:{gid}:\n" for name, gid in _GROUPS)
MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class User:
    """Who a container's program runs as."""

    uid: int
    gid: int
    home: str


def lookup(spec: str) -> User:
    """The user meant by ``uid[:gid]`` or ``name[:group]``; empty is root.

    A uid without account gets gid 0 and home ``/``, as runc does it. Raises
    StartError for a name that the image doesn't have.
    """
    who, _, group = spec.partition(":")
    user = _account(who)
    if not group:
        return user
    return User(user.uid, _group_id(group), user.home)


def _account(who: str) -> User:
    number = _number(who or "0")
    for name, uid, gid, home, _ in _ACCOUNTS:
        if number == uid or name == who:
            return User(uid, gid, home)
    if number is not None:
        return User(number, 0, "/")
    raise StartError(
        StartFailure.BAD_USER,
        who,
        f"unable to find user {who}: no matching entries in passwd file",
    )


def _group_id(group: str) -> int:
    number = _number(group)
    if number is not None:
        return number
    for name, gid in _GROUPS:
        if name == group:
            return gid
    raise StartError(
        StartFailure.BAD_GROUP,
        group,
        f"unable to find group {group}: no matching entries in group file",
    )


def _number(text: str) -> int | None:
    if not text.isascii() or not text.isdigit():
        return None
    if int(text) > MAX_ID:
        raise StartError(
            StartFailure.BAD_USER, text, f"uids and gids must be in range 0-{MAX_ID}"
        )
    return int(text)
