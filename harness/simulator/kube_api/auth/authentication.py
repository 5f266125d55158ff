"""From an Authorization header to a user, or 401."""

import hmac

from harness.simulator.kube_api.auth import user
from harness.simulator.kube_api.auth.tokens import ISSUER, Tokens, private_claims
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.errors import unauthorized
from harness.simulator.kube_api.objects import uid_of
from harness.simulator.kube_api.store import Store

_INFO = "authentication.kubernetes.io"


class Authenticator:
    """Knows the administrator's token and the service accounts' tokens."""

    def __init__(self, store: Store, tokens: Tokens, admin_token: str) -> None:
        self._store = store
        self._tokens = tokens
        self._admin_token = admin_token

    def authenticate(self, header: str | None) -> User:
        """Return the user of an Authorization header; raise 401 for a bad token."""
        scheme, _, token = (header or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return user.ANONYMOUS
        found = self.token_user(token.strip())
        if found is None:
            raise unauthorized()
        return found

    def token_user(self, token: str, *, audience: str = ISSUER) -> User | None:
        """Return the user of a token, or None."""
        if hmac.compare_digest(token.encode(), self._admin_token.encode()):
            return user.ADMIN
        claims = self._tokens.verify(token, audience=audience)
        if claims is None:
            return None
        private = private_claims(claims)
        namespace, account = private["namespace"], private["serviceaccount"]
        stored = self._store.get("serviceaccounts", namespace, account["name"])
        if stored is None or uid_of(stored) != account["uid"]:
            return None
        extra = {f"{_INFO}/credential-id": (f"JTI={claims['jti']}",)}
        for kind, resource in (("pod", "pods"), ("secret", "secrets")):
            reference = private.get(kind)
            if reference is None:
                continue
            bound = self._store.get(resource, namespace, reference["name"])
            if bound is None or uid_of(bound) != reference["uid"]:
                return None
            if kind == "pod":
                extra[f"{_INFO}/pod-name"] = (reference["name"],)
                extra[f"{_INFO}/pod-uid"] = (reference["uid"],)
        if "node" in private:
            extra[f"{_INFO}/node-name"] = (private["node"]["name"],)
        return User(
            name=user.service_account_name(namespace, account["name"]),
            uid=account["uid"],
            groups=user.service_account_groups(namespace),
            extra=extra,
        )
