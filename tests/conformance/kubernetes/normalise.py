"""Kubernetes' own made-up values: revisions, generated names, addresses, nodes."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..normalise import Normaliser

LEFT_OUT = {
    "managedFields": "the simulator does not track who set which field",
    "imageID": "the digest of an image that was imported into the node",
    "reportingInstance": "names the node, or the pod of a provisioner",
    "host": "names the node of an event's source",
}
"""Keys that are in no comparison, with the reason."""

_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"
_ADDRESS = re.compile(r"\b127\.244\.\d{1,3}\.\d{1,3}\b|\b10\.244\.\d{1,3}\.\d{1,3}\b")
_EVENT = re.compile(r"\.[0-9a-f]{16}\b")
_TOKEN_VOLUME = re.compile(rf"\bkube-api-access-{_SUFFIX}\b")


class KubernetesNormaliser(Normaliser):
    """Adds what only Kubernetes has to tokens."""

    def __call__(self, value: Any, key: str = "") -> Any:
        """As the base; revisions are ranked, some keys are left out."""
        if isinstance(value, Mapping):
            value = {name: item for name, item in value.items() if name not in LEFT_OUT}
        if isinstance(value, str) and key == "resourceVersion" and value.isdigit():
            return f"@rv{value}@"
        if isinstance(value, str) and key == "generateName":
            self._generated(super().__call__(value))
        return super().__call__(value, key)

    def generated(self, prefix: str) -> None:
        """Have names made from a prefix shown as `<prefix>-<5>`."""
        self._prefixes = [*getattr(self, "_prefixes", []), prefix]

    def _generated(self, prefix: str) -> None:
        if prefix not in getattr(self, "_prefixes", []):
            self.generated(prefix)

    def _text(self, text: str) -> str:
        text = _TOKEN_VOLUME.sub("kube-api-access-<5>", text)
        text = _ADDRESS.sub(lambda match: self.tokenise(match.group(), "pod-ip"), text)
        text = re.sub(r"\b127\.0\.0\.1\b", self._node_ip, text)
        text = _EVENT.sub(".<event>", text)
        return super()._text(text)

    def _node_ip(self, match: "re.Match[str]") -> str:
        return self.tokenise(match.group(), "ip")

    def finish(self, text: str) -> str:
        """Rank the revisions, and name what was generated."""
        numbers = sorted({int(n) for n in re.findall(r"@rv(\d+)@", text)})
        for rank, number in enumerate(numbers, 1):
            text = text.replace(f"@rv{number}@", f"<rv:{rank}>")
        for prefix in sorted(getattr(self, "_prefixes", []), key=len, reverse=True):
            shown = re.escape(json.dumps(prefix)[1:-1])
            names = dict.fromkeys(re.findall(rf"{shown}{_SUFFIX}\b", text))
            for number, name in enumerate(names, 1):
                text = text.replace(name, f"{prefix}<5:{number}>")
        return super().finish(text)
