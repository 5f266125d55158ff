"""The operator's settings file: ``NAME=value`` lines, as compose reads them."""

import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(
    r"SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|PRIVATE|_KEY$|DSN|DATABASE_URL|STORAGES",
    re.IGNORECASE,
)


def read(path: Path) -> Mapping[str, str]:
    """Read the file.

    :raises UsageError: it isn't there, or a line of it can't be read
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--values {path}: {error}", "Name a file of NAME=value lines."
        ) from error
    return parse(text, str(path))


def parse(text: str, source: str) -> Mapping[str, str]:
    """The settings by name.

    :raises UsageError: with the number of the line

    >>> parse('export A="1 # 2"  # three\\n# B=1\\nC=x # y', "f")
    {'A': '1 # 2', 'C': 'x'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.removeprefix("export ").partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name):
            raise UsageError(
                f"{source}:{number}: not a line NAME=value: {_shown(line)}",
                "Write one setting a line, and # before a comment.",
            )
        if name in found:
            raise UsageError(
                f"{source}:{number}: {name} is there twice.", "Keep one of them."
            )
        found[name] = _value(value.strip(), f"{source}:{number}: {name}")
    return found


def _shown(line: str) -> str:
    """What of a broken line can be shown: it may hold a secret."""
    return repr(line[:20] + ("…" if len(line) > 20 else ""))


def _value(text: str, where: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        rest = text[end + 1 :].strip()
        if end < 0 or (rest and not rest.startswith("#")):
            raise UsageError(
                f"{where}: the quote isn't closed, or something follows it.",
                "Put the whole value between two quotes of one kind.",
            )
        return text[1:end]
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()


def is_secret(name: str) -> bool:
    """Whether a setting's value is nobody's business."""
    return _SECRET.search(name) is not None
