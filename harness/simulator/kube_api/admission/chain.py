"""Which admission plugin runs when: the table, in the order of the real server.

Not modelled: NodeRestriction, RuntimeClass (refused), webhooks (but see
`injection`), policies (CEL), OwnerReferencesPermissionEnforcement (off by default),
certificate plugins.
"""

from collections.abc import Callable, Mapping
from typing import Any

from harness.simulator.ids import Ids
from harness.simulator.kube_api.admission import (
    injection,
    limit_ranger,
    namespace_lifecycle,
    pod_defaults,
    pod_security,
    quota,
    service_account,
    storage,
)
from harness.simulator.kube_api.admission.attempt import Attempt
from harness.simulator.kube_api.store import Store

Plugin = Callable[[Attempt, Store], None]

VALIDATING: tuple[Plugin, ...] = (
    limit_ranger.validate,
    pod_security.validate,
    quota.validate,
)


class Chain:
    """The plugins, bound to one cluster."""

    def __init__(
        self, store: Store, ids: Ids, injected: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._store = store
        self._mutating: tuple[Plugin, ...] = (
            namespace_lifecycle.admit,
            limit_ranger.admit,
            lambda attempt, store: service_account.admit(attempt, store, ids),
            pod_defaults.admit_priority,
            pod_defaults.admit_tolerations,
            storage.admit_default_class,
            storage.admit_protection,
            lambda attempt, _store: injection.admit(attempt, injected),
        )

    def mutate(self, attempt: Attempt) -> None:
        """Run what may change the object; raise an ApiError to refuse it."""
        for plugin in self._mutating:
            plugin(attempt, self._store)

    def validate(self, attempt: Attempt) -> None:
        """Run what only looks, after validation; the quota is booked last."""
        for plugin in VALIDATING:
            plugin(attempt, self._store)
