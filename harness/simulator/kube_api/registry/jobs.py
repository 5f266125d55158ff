"""Jobs: defaults, the generated selector and labels, validation."""

from collections.abc import Sequence
from typing import Any

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import selectors
from harness.simulator.kube_api.objects import Object, labels_of, name_of, uid_of
from harness.simulator.kube_api.registry import pod_defaults, pod_fields, pods
from harness.simulator.kube_api.strategy import FieldErrors, Strategy
from harness.simulator.kube_api.validation import metadata, names, pod_spec

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
_JOB_NAME = "batch.kubernetes.io/job-name"
_COUNTS = (
    *("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit"),
    "ttlSecondsAfterFinished",
)
_IMMUTABLE = (
    *("selector", "template", "completionMode", "podFailurePolicy", "managedBy"),
)
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def _default(job: Object) -> None:
    spec = job.setdefault("spec", {})
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    replaced = "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", replaced)
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern.setdefault("status", "True")
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    pod_defaults.default_spec(template.setdefault("spec", {}))
    if labels_of(template) and not labels_of(job):
        # the very same labels: what is generated for one shows in the other
        metadata_of = job.setdefault("metadata", {})
        metadata_of["labels"] = template["metadata"]["labels"]


def _prepare_create(job: Object) -> None:
    spec = job["spec"]
    template_meta = spec["template"]["metadata"]
    if not spec["manualSelector"]:
        labels = template_meta.setdefault("labels", {})
        for key in ("job-name", _JOB_NAME):
            labels.setdefault(key, name_of(job))
        for key in ("controller-uid", CONTROLLER_UID):
            labels.setdefault(key, uid_of(job))
        chosen = spec.setdefault("selector", {}).setdefault("matchLabels", {})
        chosen.setdefault(CONTROLLER_UID, uid_of(job))
    job["status"] = {}


def _settle(job: Object) -> None:
    """Give a Job without labels its template's, as reading it from etcd does."""
    labels = labels_of(job["spec"]["template"])
    if not labels_of(job) and labels:
        job["metadata"]["labels"] = dict(labels)


def _validate(job: Object) -> FieldErrors:
    return _generated_selector(job) + _spec_errors(job)


def _spec_errors(job: Object) -> FieldErrors:
    spec = job["spec"]
    found: FieldErrors = []
    for key in _COUNTS:
        value = spec.get(key)
        if value is not None and value < 0:
            text = "must be greater than or equal to 0"
            found.append(field.invalid(f"spec.{key}", value, text))
    if spec["completionMode"] not in ("NonIndexed", "Indexed"):
        modes = ("NonIndexed", "Indexed")
        where = "spec.completionMode"
        found.append(field.not_supported(where, spec["completionMode"], modes))
    found += _replacement_policy(spec)
    found += _failure_policy(spec)
    template = spec["template"]
    path = "spec.template"
    found += metadata.labels(labels_of(template), f"{path}.labels")
    annotations = template["metadata"].get("annotations") or {}
    found += metadata.annotations(annotations, f"{path}.annotations")
    found += pod_spec.errors(template["spec"], f"{path}.spec")
    found += _restart_policy(spec)
    return found + _unselected(spec)


def _generated_selector(job: Object) -> FieldErrors:
    spec = job["spec"]
    selector = spec.get("selector")
    labels = labels_of(spec["template"])
    if spec["manualSelector"]:
        return []
    found: FieldErrors = []
    expected = {
        "controller-uid": uid_of(job),
        CONTROLLER_UID: uid_of(job),
        "job-name": name_of(job),
        _JOB_NAME: name_of(job),
    }
    path = "spec.template.metadata.labels"
    for key, value in expected.items():
        if labels.get(key) != value:
            text = f"must be '{value}'"
            found.append(field.invalid(path, labels, text))
    wanted = {"matchLabels": {CONTROLLER_UID: uid_of(job)}}
    if selector != wanted and not found:
        text = "`selector` not auto-generated"
        found.append(field.invalid("spec.selector", selector, text))
    return found


def _unselected(spec: Object) -> FieldErrors:
    """Return the error of a selector that doesn't take the Job's own pods."""
    selector, labels = spec.get("selector"), labels_of(spec["template"])
    if selector is None:
        return [field.required("spec.selector")]
    if selectors.matches(selectors.from_object(selector), labels):
        return []
    text = "`selector` does not match template `labels`"
    return [field.invalid("spec.template.metadata.labels", labels, text)]


def _replacement_policy(spec: Object) -> FieldErrors:
    policy = spec["podReplacementPolicy"]
    supported = (
        ("Failed",) if "podFailurePolicy" in spec else ("Failed", "TerminatingOrFailed")
    )
    if policy in supported:
        return []
    return [field.not_supported("spec.podReplacementPolicy", policy, supported)]


def _failure_policy(spec: Object) -> FieldErrors:
    found: FieldErrors = []
    rules = (spec.get("podFailurePolicy") or {}).get("rules") or ()
    names_of = {c.get("name") for c in spec["template"]["spec"].get("containers") or ()}
    for index, rule in enumerate(rules):
        here = f"spec.podFailurePolicy.rules[{index}]"
        action = rule.get("action", "")
        actions = ("Count", "FailIndex", "FailJob", "Ignore")
        if not action:
            listed = ", ".join(f'"{name}"' for name in actions)
            found.append(field.required(f"{here}.action", f"valid values: [{listed}]"))
        elif action not in actions:
            found.append(field.not_supported(f"{here}.action", action, actions))
        codes = rule.get("onExitCodes")
        if not codes and not rule.get("onPodConditions"):
            text = "specifying one of OnExitCodes and OnPodConditions is required"
            found.append(field.invalid(here, rule, text))
        if codes:
            where = f"{here}.onExitCodes"
            name = codes.get("containerName")
            if name and name not in names_of:
                text = (
                    "must be one of the container or initContainer names in the pod "
                    "template"
                )
                found.append(field.invalid(f"{where}.containerName", name, text))
            if not codes.get("values"):
                text = "at least one value is required"
                found.append(field.invalid(f"{where}.values", [], text))
            if codes.get("operator") == "In" and 0 in (codes.get("values") or ()):
                at = codes["values"].index(0)
                text = "must not be 0 for the In operator"
                found.append(field.invalid(f"{where}.values[{at}]", 0, text))
    return found


def _restart_policy(spec: Object) -> FieldErrors:
    policy = spec["template"]["spec"]["restartPolicy"]
    where = "spec.template.spec.restartPolicy"
    if policy == "Always":
        return [field.required(where, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [field.not_supported(where, policy, ("OnFailure", "Never"))]
    if "podFailurePolicy" in spec and policy != "Never":
        text = 'only "Never" is supported when podFailurePolicy is specified'
        return [field.invalid(where, policy, text)]
    return []


def _validate_update(new: Object, old: Object) -> FieldErrors:
    after, before = new["spec"], old["spec"]
    found = _spec_errors(new)  # a second time, as the real server does
    if after.get("completions") != before.get("completions"):
        value = after.get("completions")
        found.append(field.invalid("spec.completions", value, "field is immutable"))
    mutable = before.get("suspend") and not (old.get("status") or {}).get("startTime")
    for key in _IMMUTABLE:
        value, earlier = after.get(key), before.get(key)
        if key == "template" and mutable:
            earlier = _with_scheduling(earlier, value)
        if value != earlier:
            found.append(field.invalid(f"spec.{key}", value, "field is immutable"))
    return found


def _with_scheduling(old: Any, new: Any) -> Any:
    """Return the old template with what a suspended Job may change taken from new."""
    spec = dict(old["spec"])
    for key in (*_SCHEDULING, "affinity"):
        spec.pop(key, None)
        if key in new["spec"]:
            spec[key] = new["spec"][key]
    return {**old, "metadata": new["metadata"], "spec": spec}


def _warnings(job: Object) -> Sequence[str]:
    found = []
    if texts := names.dns_label(name_of(job)):
        found.append(
            "metadata.name: this is used in Pod names and hostnames, which can result "
            "in surprising behavior; a DNS label is recommended: "
            f"[{' '.join(texts)}]"
        )
    return [
        *found,
        *pods.warnings(job["spec"]["template"]["spec"], "spec.template.spec"),
    ]


STRATEGY = Strategy(
    default=_default,
    prepare_create=_prepare_create,
    settle=_settle,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
    unmodelled=lambda job: pod_fields.refused_in_job(job["spec"]),
)
