"""What convention can't tell of a wrapper: a YAML file beside it, or ``--profile``."""

import difflib
import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..errors import UsageError
from ..scenario.schema import Backend, JobType

PROFILE_NAME = "qfc-harness-subject.yaml"
FILLED_IN = (
    "backend",
    "image",
    "namespace",
    "service_account",
    "io_claim",
    "io_path",
    "grids_claim",
)
"""What a text in braces becomes, each cell having its own."""


class Profile(BaseModel):
    """Closed and frozen; everything is optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    modules: tuple[str, ...] = Field(
        default=(), description="Modules to import, in order; the last one wins."
    )
    classes: dict[JobType, str] = Field(
        default_factory=dict,
        description="Class by job type, `module:Class` or a name in `modules`.",
    )
    sweep: str = Field(
        default="", description="The function that cancels orphaned workers."
    )
    backends: tuple[Backend, ...] = Field(
        default=(), description="Only these backends, where it can't do both."
    )
    settings: dict[str, str] = Field(
        default_factory=dict,
        description="Django settings, as text; `{io_claim}`, `{io_path}`, "
        "`{grids_claim}`, `{namespace}`, `{image}`, `{service_account}` are filled in.",
    )
    environ: dict[str, str] = Field(
        default_factory=dict, description="Environment variables, filled in likewise."
    )
    io_mount_path: str = Field(
        default="",
        description="Where the wrapper's pod mounts the shared claim, if it can't be "
        "told by a setting.",
    )
    node_directories: tuple[str, ...] = Field(
        default=(),
        description="Directories of the node that the wrapper's pod mounts at the same "
        "path (hostPath), for example /tmp.",
    )

    @field_validator("node_directories")
    @classmethod
    def _absolute(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not path.startswith("/"):
                raise ValueError(f"{path!r} is no absolute path, such as /tmp")
        return paths

    @field_validator("settings", "environ")
    @classmethod
    def _filled_in(cls, texts: dict[str, str]) -> dict[str, str]:
        for name in re.findall(r"\{([a-z_]+)\}", " ".join(texts.values())):
            near = difflib.get_close_matches(name, FILLED_IN, 1)
            if name not in FILLED_IN and near:
                raise ValueError(
                    f"{{{name}}} is not filled in; did you mean {near[0]}?"
                )
        return texts


def load(path: Path) -> Profile:
    """Read a profile.

    :raises UsageError: it can't be read, or says what is not known
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(content, dict):
            raise UsageError(f"{path}: a profile is a mapping.", "Mend the profile.")
        return Profile.model_validate(content)
    except OSError as error:
        raise UsageError(
            f"--profile {path}: it can't be read: {error.strerror}.",
            "docs/testing-your-wrapper.md says what a profile is.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", "Mend the profile.") from error
    except ValidationError as error:
        lines = []
        for item in error.errors(include_url=False):
            key = ".".join(map(str, item["loc"]))
            unknown = item["type"] == "extra_forbidden"
            near = difflib.get_close_matches(key, Profile.model_fields, 1)
            advice = f"; did you mean {near[0]}?" if near and unknown else ""
            text = "unknown key" if unknown else item["msg"]
            lines.append(f"{path}: {key}: {text}{advice}")
        known = ", ".join(Profile.model_fields)
        raise UsageError("\n".join(lines), f"Known keys: {known}.") from None
