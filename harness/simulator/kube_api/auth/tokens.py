"""Service-account tokens: JWTs, signed with a key that dies with the simulator.

HS256 where the real server has RS256: nobody outside can verify them, and no client
needs to. The claims are the real ones.
"""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from harness.simulator.clock import Clock
from harness.simulator.ids import Ids
from harness.simulator.kube_api.auth.user import service_account_name
from harness.simulator.kube_api.objects import Object, name_of, namespace_of, uid_of

ISSUER = "https://kubernetes.default.svc.cluster.local"
_CLAIM = "kubernetes.io"
_WARN_AFTER = 3607
"""A kubelet asks for this; the server then signs for a year and warns after it."""
_YEAR = 365 * 24 * 3600


class Tokens:
    """Signs and verifies; who the account is, is for the authenticator to check."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._key = secrets.token_bytes(32)

    def sign(
        self,
        account: Object,
        *,
        audiences: list[str],
        seconds: int,
        bound: Object | None = None,
    ) -> tuple[str, int]:
        """Return a token and when it expires (seconds since 1970).

        `bound` is the pod or Secret with whose end the token ends.
        """
        now = self._clock.now_ns() // 10**9
        private: dict[str, Any] = {
            "namespace": namespace_of(account),
            "serviceaccount": {"name": name_of(account), "uid": uid_of(account)},
        }
        if bound is not None:
            reference = {"name": name_of(bound), "uid": uid_of(bound)}
            private[str(bound["kind"]).lower()] = reference
            node = (bound.get("spec") or {}).get("nodeName")
            if node:
                private["node"] = {"name": node}
        lifetime = seconds
        if seconds == _WARN_AFTER and bound is not None:
            lifetime = _YEAR
            private["warnafter"] = now + seconds
        name = service_account_name(namespace_of(account), name_of(account))
        claims = {
            "aud": audiences or [ISSUER],
            "exp": now + lifetime,
            "iat": now,
            "iss": ISSUER,
            "jti": self._ids.uid(),
            _CLAIM: private,
            "nbf": now,
            "sub": name,
        }
        return self._encode(claims), now + lifetime

    def verify(self, token: str, *, audience: str = ISSUER) -> dict[str, Any] | None:
        """Return the claims of a token that was signed here and is still valid."""
        parts = token.split(".")
        if len(parts) != 3:
            return None
        signed = f"{parts[0]}.{parts[1]}"
        if not hmac.compare_digest(self._signature(signed).encode(), parts[2].encode()):
            return None
        claims: dict[str, Any] = json.loads(_decode(parts[1]))
        now = self._clock.now_ns() / 1e9
        if not claims["nbf"] - 10 <= now < claims["exp"]:
            return None
        return claims if audience in claims["aud"] else None

    def _encode(self, claims: dict[str, Any]) -> str:
        header = {"alg": "HS256", "kid": "qfc-simulator"}
        parts = (json.dumps(part, separators=(",", ":")) for part in (header, claims))
        signed = ".".join(_base64(part.encode()) for part in parts)
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return _base64(digest)


def private_claims(claims: dict[str, Any]) -> dict[str, Any]:
    """Return what a token says about account, pod and node."""
    found: dict[str, Any] = claims[_CLAIM]
    return found


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
