"""What the harness may say at the terminal, read from where it is raised."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import errors

HARNESS = Path(errors.__file__).parent
KINDS = {
    one.__name__: one.exit_code
    for one in (errors.UsageError, errors.EnvironmentMissing, errors.HarnessFailure)
}


@dataclass(frozen=True, order=True)
class Message:
    """One of them; ``…`` stands for what differs from case to case."""

    exit_code: int
    text: str
    hint: str


def messages() -> list[Message]:
    """All of them, without those that only pass on what another program said."""
    found = {
        one
        for path in sorted(HARNESS.rglob("*.py"))
        if "_data" not in path.parts
        for one in _of(ast.parse(path.read_text(encoding="utf-8")))
    }
    return sorted(one for one in found if one.text.strip(" :.…"))


def _of(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            code = KINDS.get(node.func.id)
            if code is not None and node.args:
                yield Message(
                    code,
                    _text(node.args[0]),
                    _text(node.args[1]) if len(node.args) > 1 else "",
                )


def _text(node: ast.expr) -> str:
    """A literal or f-string, as it will be read."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return "…"
