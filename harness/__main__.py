"""``qfc-harness`` and ``python -m harness``: importing the commands takes a while."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly before there are commands, too."""
    try:
        from .cli import main as commands
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    commands()


if __name__ == "__main__":
    main()
