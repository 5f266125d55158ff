"""`$(VAR)` in args, commands and env values, exactly as the kubelet expands it.

`$(NAME)` becomes the value, or stays as it is where there is none; `$$` becomes `$`,
so that `$$(NAME)` is the escaped form (`third_party/forked/golang/expansion`).
"""

from collections.abc import Mapping


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return the text with every reference replaced."""
    parts: list[str] = []
    start = 0
    at = text.find("$")
    while at != -1 and at + 1 < len(text):
        parts.append(text[start:at])
        read, advance = _reference(text[at + 1 :], values)
        parts.append(read)
        start = at + 1 + advance
        at = text.find("$", start)
    parts.append(text[start:])
    return "".join(parts)


def _reference(rest: str, values: Mapping[str, str]) -> tuple[str, int]:
    """Return what stands for `$` and how much of the rest it takes."""
    if rest[0] == "$":
        return "$", 1
    if rest[0] == "(":
        end = rest.find(")")
        if end == -1:
            return "$(", 1
        name = rest[1:end]
        return values.get(name, f"$({name})"), end + 1
    return "$" + rest[0], 1
