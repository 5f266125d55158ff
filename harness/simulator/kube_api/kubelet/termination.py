"""The termination message: a file the container may write, or the end of its log."""

from pathlib import Path

from harness.simulator.kube_api.objects import Object
from harness.simulator.runtime import ContainerLog

_MOST_BYTES = 4096
_LOG_BYTES, _LOG_LINES = 2048, 80


async def message(spec: Object, path: Path, log: ContainerLog, code: int) -> str:
    """Return a container's last word, as its status shows it."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        text = b""
    if text:
        return text.decode(errors="replace")
    policy = spec.get("terminationMessagePolicy")
    if policy != "FallbackToLogsOnError" or code == 0:
        return ""
    return await _last_lines(log)


async def _last_lines(log: ContainerLog) -> str:
    lines: list[bytes] = []
    async for batch in log.read(tail=_LOG_LINES):
        lines += [record.data for record in batch]
    return b"".join(lines)[-_LOG_BYTES:].decode(errors="replace")
