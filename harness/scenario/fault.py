"""What goes wrong between wrapper and backend, by the tap that stands between them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

STEPS = {
    "list": ("docker", "kubernetes"),
    "create": ("docker", "kubernetes"),
    "secret": ("kubernetes",),
    "start": ("docker",),
    "launch": ("docker", "kubernetes"),
    "watch": ("docker", "kubernetes"),
    "log": ("docker", "kubernetes"),
    "remove": ("docker", "kubernetes"),
}
"""Steps that a wrapper takes, and on which backends."""
_DOCKER_KINDS = ("containers", "images", "networks", "volumes", "version", "info")


class Fault(BaseModel):
    """One fault: which calls it strikes, and what becomes of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[str, Field(pattern=r"^(\*|[a-z]+|[A-Za-z]+ [a-z_]+(/[a-z]+)?)$")] = (
        Field(
            description="The calls: a step (`create`, `watch`, `log`, `remove` …: on "
            "either backend), verb and resource (`POST jobs`, `WATCH pods`, "
            "`get pods/log`, `POST containers/create`), or `*` for any."
        )
    )
    answer: Literal[400, 401, 403, 409, 410, 429, 500, 503, 504] | None = Field(
        default=None,
        description="Answered in the backend's place and words; 410 to a watch is its "
        "ERROR event.",
    )
    do: Literal["refuse", "reset", "stall", "cut", "lose_answer", "delay"] | None = (
        Field(
            default=None,
            description="`refuse`: nobody listens any more; `reset`: the connection "
            "breaks before the backend hears of it; `stall`: silence; `cut`: the "
            "answer breaks off in the middle of a line or frame; `lose_answer`: it is "
            "done, and nobody is told; `delay`: it comes `for_s` seconds later.",
        )
    )
    retry_after_s: float | None = Field(
        default=None, ge=0, le=60, description="`Retry-After` of a 429 or 503."
    )
    nth: int = Field(
        default=1, ge=1, description="The first of these calls that is struck."
    )
    times: int = Field(
        default=1, ge=0, description="How many calls in a row; 0: for good."
    )
    after: int | None = Field(
        default=None,
        ge=0,
        description="Whole events, lines or frames of the answer that come through "
        "before `cut`, `stall` or the 410 of a watch.",
    )
    for_s: float | None = Field(
        default=None,
        gt=0,
        le=60,
        description="Seconds of `delay`; of `refuse`, which is for good without it.",
    )

    @property
    def backends(self) -> tuple[str, ...]:
        """Where there are such calls; empty for a step that is none."""
        if self.at == "*":
            return ("docker", "kubernetes")
        if " " not in self.at:
            return STEPS.get(self.at, ())
        return ("docker",) if self.resource in _DOCKER_KINDS else ("kubernetes",)

    @property
    def verb(self) -> str:
        """What is done, as Kubernetes calls it; a step for itself."""
        return self.at.partition(" ")[0].lower()

    @property
    def resource(self) -> str:
        """To what, without what is below it; "" for a step."""
        return self.at.partition(" ")[2].partition("/")[0]
