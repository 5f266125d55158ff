"""Evidence as the checks read it: what is not there says so by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .given import Given
from .model import Evidence


class NotSeen(Exception):
    """What a check needs could not be looked at: it is not proven."""

    def __init__(self, why: str, evidence: str, caused_by: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.evidence = evidence
        self.caused_by = caused_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """All that a check may look at."""

    given: Given
    evidence: Mapping[str, Evidence]

    def one(self, name: str) -> Evidence:
        """A fact, whatever its status.

        :raises NotSeen: it was never asked, or there was no answer
        """
        found = self.evidence.get(name)
        if found is None:
            who = self.evidence.get("whoami")
            cause = "QFV-102" if who is not None and who.status == 401 else "QFV-101"
            raise NotSeen("this was not asked", name, cause)
        if not found.status:
            raise NotSeen(found.error, name, "QFV-101")
        if found.status == 401:
            raise NotSeen(found.error, name, "QFV-102")
        return found

    def body(self, name: str) -> Any:
        """The content of an answer.

        :raises NotSeen: you may not look, or it wasn't answered
        """
        found = self.one(name)
        if found.status >= 300:
            raise NotSeen(f"{found.status}: {found.error}", name)
        return found.body

    def items(self, name: str) -> list[Any]:
        """The objects of a list.

        :raises NotSeen: as `body`
        """
        return list(self.body(name).get("items") or ())

    def optional(self, name: str) -> Any:
        """The content of an answer; None where it can't be seen."""
        found = self.evidence.get(name)
        return found.body if found and 200 <= found.status < 300 else None

    def ran_on(self) -> str:
        """The node on which a real job's program ran; "" if none did."""
        found = self.evidence.get("job:look")
        if found is None or found.body.get("state") not in ("running", "terminated"):
            return ""
        return str(found.body.get("node") or "")

    def settings(self) -> Mapping[str, Any]:
        """The Kubernetes backend's settings as the wrapper reads them.

        :raises NotSeen: the wrapper doesn't tell
        """
        rendered = self.given.rendered
        if not rendered.settings:
            raise NotSeen(
                "the wrapper can't be asked for its settings and manifests: "
                f"{rendered.error}",
                "",
            )
        return rendered.kubernetes

    def pod(self) -> Mapping[str, Any]:
        """The worker's pod: as admission returned it or, failing that, as sent.

        :raises NotSeen: the wrapper doesn't tell
        """
        self.settings()
        returned = self.optional("dry:pod")
        return returned if returned is not None else self.given.rendered.pod


def moment(text: str) -> datetime:
    """A time of the model."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
