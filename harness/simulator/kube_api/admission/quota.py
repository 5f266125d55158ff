"""ResourceQuota: refuses what would exceed a quota, and books what doesn't.

The booking is the write to the quota's status that the real plugin makes; the quota
controller recounts later.
"""

from harness.simulator.kube_api import quantity, quota_usage
from harness.simulator.kube_api.admission.attempt import CREATE, UPDATE, Attempt
from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.quota_usage import Usage
from harness.simulator.kube_api.store import Store


def validate(attempt: Attempt, store: Store) -> None:
    """Raise 403 for the first quota that is exceeded; else book the usage."""
    asked = _asked(attempt)
    if not asked:
        return
    bookings: list[Object] = []
    for quota in store.all("resourcequotas", attempt.namespace):
        status = quota.get("status") or {}
        hard = {
            name: quantity.parse(v) for name, v in (status.get("hard") or {}).items()
        }
        if not quota_usage.matches(quota, attempt.resource, attempt.obj):
            continue
        if attempt.resource.plural == "pods":
            missing = quota_usage.missing_constraints(hard, attempt.obj)
            if missing:
                raise attempt.forbidden(f"failed quota: {name_of(quota)}: {missing}")
        delta = {name: amount for name, amount in asked.items() if name in hard}
        if not delta:
            continue
        used = {
            name: quantity.parse(v) for name, v in (status.get("used") or {}).items()
        }
        after = quota_usage.add(used, delta)
        exceeded = [n for n in delta if after[n].amount > hard[n].amount]
        if exceeded:
            requested, spent, limits = (
                quota_usage.listed({n: amounts[n] for n in exceeded if n in amounts})
                for amounts in (delta, used, hard)
            )
            raise attempt.forbidden(
                f"exceeded quota: {name_of(quota)}, requested: {requested}, "
                f"used: {spent}, limited: {limits}"
            )
        booked = {name: str(amount) for name, amount in after.items()}
        bookings.append({**quota, "status": {**status, "used": booked}})
    if not attempt.dry_run:
        for quota in bookings:
            store.update("resourcequotas", quota)


def _asked(attempt: Attempt) -> Usage:
    if attempt.subresource or not attempt.resource.namespaced:
        return {}
    usage = quota_usage.of_object(attempt.resource, attempt.obj)
    if attempt.operation == CREATE:
        return usage
    if attempt.operation != UPDATE or attempt.old is None:
        return {}
    before = quota_usage.of_object(attempt.resource, attempt.old)
    grown = {
        name: amount - before[name] if name in before else amount
        for name, amount in usage.items()
    }
    return {name: amount for name, amount in grown.items() if amount.amount > 0}
