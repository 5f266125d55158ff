"""pytest, and what failed once more, alone: `python tests/look_again.py ARGUMENTS`.

A real server on a busy machine may answer late. What fails beside others is looked at
again by itself, and that counts; both looks are printed.
"""

import sys
from subprocess import run

FAILED = 1


def main(arguments: list[str]) -> int:
    """The exit code of the last look."""
    pytest = [sys.executable, "-m", "pytest", *arguments]
    code = run(pytest).returncode
    if code != FAILED:
        return code
    print("What failed is looked at again, alone:", flush=True)  # noqa: T201
    return run([*pytest, "-n", "0", "--last-failed"]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
