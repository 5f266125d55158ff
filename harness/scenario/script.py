"""What a scenario can tell the probe to do; the probe's own README has the meaning.

Kept equal to ``fixtures/probe/probe_script.py`` by a test.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Memory(_Closed):
    """Memory that is really touched."""

    bytes: int = Field(ge=1, description="How much.")
    rate: int | None = Field(default=None, ge=1, description="Bytes a second.")
    in_child: bool = Field(default=False, description="In a child process.")
    hold_s: float | None = Field(default=None, ge=0, description="Seconds it is kept.")


class Children(_Closed):
    """Processes that outlive the probe."""

    count: int = Field(ge=1, le=50, description="How many.")
    run_s: float | None = Field(default=None, ge=0, description="How long each runs.")
    new_session: bool = Field(default=False, description="In sessions of their own.")


class Log(_Closed):
    """What is written to stdout and stderr."""

    lines: tuple[str, ...] = Field(default=(), description="These lines first.")
    bytes: int = Field(default=0, ge=0, le=50_000_000, description="Numbered lines.")
    long_line: int = Field(default=0, ge=0, description="One line of so many bytes.")
    non_utf8: bool = Field(default=False, description="Bytes that are not UTF-8.")
    nul: bool = Field(default=False, description="A NUL.")
    stream: Literal["stdout", "stderr", "both"] = Field(
        default="stdout", description="Where to."
    )
    rate: int | None = Field(default=None, ge=1, description="Bytes a second.")


class Huge(_Closed):
    """A feedback of so many bytes."""

    huge: int = Field(ge=1)


class Merge(_Closed):
    """The default feedback with these keys."""

    merge: dict[str, Any]


class Replace(_Closed):
    """This in place of the feedback."""

    replace: Any


class WriteFile(_Closed):
    """A file that the probe leaves below ``/io``."""

    path: str = Field(description="Below /io.")
    content: str | None = Field(default=None, description="As text.")
    bytes: int | None = Field(default=None, ge=0, description="So many zero bytes.")
    mode: str | None = Field(default=None, description="Octal digits.")
    uid: int | None = None
    gid: int | None = None
    link_to: str | None = Field(default=None, description="A symbolic link.")


class OnSigterm(_Closed):
    """What SIGTERM makes the probe do."""

    exit_code: int = Field(ge=0, le=255)
    after_s: float = Field(default=0, ge=0)


Feedback = Literal[
    "default",
    "missing",
    "cut",
    "list",
    "huge",
    "non_finite",
    "nul",
    "empty",
    "not_json",
]


class Script(_Closed):
    """What the probe does after it has reported what it was given."""

    run_s: float = Field(default=0, ge=0, le=600, description="How long it works.")
    exit_code: int | None = Field(
        default=None, ge=0, le=255, description="How it ends; not with `signal`."
    )
    signal: int | str | None = Field(
        default=None, description="Kills itself with it; a number or a name."
    )
    memory: Memory | None = Field(default=None, description="Memory it touches.")
    children: int | Children | None = Field(
        default=None, description="Processes that outlive it."
    )
    log: Log | None = Field(default=None, description="What it logs.")
    feedback: Feedback | Huge | Merge | Replace = Field(
        default="default", description="The feedback.json that it leaves."
    )
    thumbnail: Literal["ok", "missing", "not_png"] | None = Field(
        default=None, description="The thumbnail.png that it leaves."
    )
    write_files: tuple[WriteFile, ...] = Field(
        default=(), description="Files it leaves below /io."
    )
    touch_outside: tuple[str, ...] = Field(
        default=(), description="Paths that it tries to read."
    )
    ignore_sigterm: bool = Field(default=False, description="SIGTERM does nothing.")
    on_sigterm: OnSigterm | None = Field(
        default=None, description="What SIGTERM makes it do."
    )
    steps: tuple[str, ...] = Field(default=(), description="The order of it all.")

    def as_json(self) -> dict[str, Any]:
        """The script as the probe reads it: only what was set."""
        return self.model_dump(mode="json", exclude_unset=True)
