"""``python -m harness.simulator --dir DIR``: serve until stdin closes or SIGTERM."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import resource
import signal
import stat
import sys
from pathlib import Path

from harness.simulator import server
from harness.simulator.clock import Pace


def main(argv: list[str] | None = None) -> int:
    """Run a simulator; 0 after a clean end, 2 when it could not start."""
    options = _parser().parse_args(argv)
    _raise_file_limit()
    logging.basicConfig(level=logging.WARNING, format="simulator: %(message)s")
    try:
        asyncio.run(_serve(options.dir.absolute(), Pace(options.pace), options.seed))
    except OSError as error:
        sys.stderr.write(f"simulator: cannot serve in {options.dir}: {error}\n")
        return 2
    return 0


def _raise_file_limit() -> None:
    """A container takes five descriptors; containers inherit the limit, as Docker's."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m harness.simulator",
        description="Docker Engine API and Kubernetes API, running real processes. "
        "Prints one JSON line when ready; ends when stdin closes, or at SIGTERM.",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        required=True,
        help="a new or empty directory",
    )
    parser.add_argument(
        "--pace",
        choices=[pace.value for pace in Pace],
        default=Pace.REAL.value,
        help="keep the real systems' lags (real) or leave them out (fast)",
    )
    parser.add_argument("--seed", help="for ids and order; random where not given")
    return parser


async def _serve(directory: Path, pace: Pace, seed: str | None) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    _on_stdin_closed(loop, stop)
    async with server.serve(directory, pace=pace, seed=seed) as serving:
        sys.stdout.write(json.dumps(serving.as_json()) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _on_stdin_closed(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """A parent holds the other end of the pipe: when it is gone, so are we.

    Something that isn't a pipe, socket or terminal says nothing about a parent.
    """
    fd = sys.stdin.fileno()
    mode = os.fstat(fd).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(fd)):
        return

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            if not os.read(fd, 4096):
                loop.remove_reader(fd)
                stop.set()

    loop.add_reader(fd, read)


if __name__ == "__main__":
    sys.exit(main())
