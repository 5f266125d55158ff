"""The Pod Security Standards as pure checks, in the order and words of the real ones.

A check returns what is wrong as "reason (detail)", or "" (pod-security-admission,
`policy/`). Annotations of old versions and Windows are not looked at.
"""

from collections.abc import Callable, Iterable

from harness.simulator.kube_api.objects import Object

Check = Callable[[Object], str]
_CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
    *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
_VOLUMES = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image"),
    *("persistentVolumeClaim", "projected", "secret"),
)
_SE_LINUX_KINDS = ("", "init_", "kvm_", "engine_")
_SECCOMP = ("RuntimeDefault", "Localhost")


def violations(level: str, spec: Object) -> list[str]:
    """Return what a pod's spec violates of `baseline` or `restricted`."""
    checks = {"baseline": _BASELINE, "restricted": _RESTRICTED}.get(level, ())
    return [text for check in checks if (text := check(spec))]


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def _security(holder: Object) -> Object:
    return holder.get("securityContext") or {}


def _quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


def _plural(noun: str, items: list[str]) -> str:
    return f"{noun}{'' if len(items) == 1 else 's'} {_quoted(items)}"


def _bad(spec: Object, is_bad: Callable[[Object], bool]) -> list[str]:
    return [c["name"] for c in _containers(spec) if is_bad(_security(c))]


def _capabilities_baseline(spec: Object) -> str:
    added = {
        capability
        for container in _containers(spec)
        for capability in (_security(container).get("capabilities") or {}).get(
            "add", ()
        )
        if capability not in _CAPABILITIES
    }
    bad = _bad(
        spec, lambda s: bool(added & set((s.get("capabilities") or {}).get("add", ())))
    )
    if not bad:
        return ""
    return (
        f"non-default capabilities ({_plural('container', bad)} must not include "
        f"{_quoted(sorted(added))} in securityContext.capabilities.add)"
    )


def _host_namespaces(spec: Object) -> str:
    used = [k for k in ("hostNetwork", "hostPID", "hostIPC") if spec.get(k)]
    return f"host namespaces ({', '.join(f'{k}=true' for k in used)})" if used else ""


def _host_path(spec: Object) -> str:
    bad = [v["name"] for v in spec.get("volumes") or () if "hostPath" in v]
    return f"hostPath volumes ({_plural('volume', bad)})" if bad else ""


def _host_ports(spec: Object) -> str:
    ports: dict[str, list[str]] = {}
    for container in _containers(spec):
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                ports.setdefault(container["name"], []).append(str(port["hostPort"]))
    if not ports:
        return ""
    uses = "uses" if len(ports) == 1 else "use"
    numbers = sorted({number for used in ports.values() for number in used}, key=int)
    noun = "hostPort" if len(numbers) == 1 else "hostPorts"
    return (
        f"hostPort ({_plural('container', list(ports))} {uses} {noun} "
        f"{', '.join(numbers)})"
    )


def _privileged(spec: Object) -> str:
    bad = _bad(spec, lambda s: bool(s.get("privileged")))
    if not bad:
        return ""
    text = "must not set securityContext.privileged=true"
    return f"privileged ({_plural('container', bad)} {text})"


def _proc_mount(spec: Object) -> str:
    bad = _bad(spec, lambda s: s.get("procMount", "Default") != "Default")
    if not bad:
        return ""
    text = 'must not set securityContext.procMount to "Unmasked"'
    return f"procMount ({_plural('container', bad)} {text})"


def _seccomp_baseline(spec: Object) -> str:
    return _explicit_seccomp(spec)


def _explicit_seccomp(spec: Object) -> str:
    def kind(holder: Object) -> str:
        return str((_security(holder).get("seccompProfile") or {}).get("type", ""))

    setters = ["pod"] if kind(spec) == "Unconfined" else []
    bad = [c["name"] for c in _containers(spec) if kind(c) == "Unconfined"]
    if bad:
        setters.append(_plural("container", bad))
    if not setters:
        return ""
    text = 'must not set securityContext.seccompProfile.type to "Unconfined"'
    return f"seccompProfile ({' and '.join(setters)} {text})"


def _se_linux(spec: Object) -> str:
    allowed = ("", *(f"container_{kind}t" for kind in _SE_LINUX_KINDS))

    def is_bad(holder: Object) -> bool:
        options = _security(holder).get("seLinuxOptions") or {}
        bad_type = options.get("type", "") not in allowed
        return bad_type or bool(options.get("user") or options.get("role"))

    setters = ["pod"] if is_bad(spec) else []
    bad = [c["name"] for c in _containers(spec) if is_bad(c)]
    if bad:
        setters.append(_plural("container", bad))
    if not setters:
        return ""
    holders = [spec, *_containers(spec)]
    options = [_security(holder).get("seLinuxOptions") or {} for holder in holders]
    types = sorted({o["type"] for o in options if o.get("type", "") not in allowed})
    data = [_plural("type", types)] if types else []
    data += ["user may not be set"] if any(o.get("user") for o in options) else []
    data += ["role may not be set"] if any(o.get("role") for o in options) else []
    return (
        f"seLinuxOptions ({' and '.join(setters)} set forbidden "
        f"securityContext.seLinuxOptions: {'; '.join(data)})"
    )


def _privilege_escalation(spec: Object) -> str:
    bad = _bad(spec, lambda s: s.get("allowPrivilegeEscalation") is not False)
    if not bad:
        return ""
    text = "must set securityContext.allowPrivilegeEscalation=false"
    return f"allowPrivilegeEscalation != false ({_plural('container', bad)} {text})"


def _capabilities_restricted(spec: Object) -> str:
    details = []
    keeping = _bad(
        spec, lambda s: "ALL" not in (s.get("capabilities") or {}).get("drop", ())
    )
    if keeping:
        text = 'must set securityContext.capabilities.drop=["ALL"]'
        details.append(f"{_plural('container', keeping)} {text}")

    def forbidden(security: Object) -> set[str]:
        added = (security.get("capabilities") or {}).get("add", ())
        return set(added) - {"NET_BIND_SERVICE"}

    adding = _bad(spec, lambda s: bool(forbidden(s)))
    if adding:
        found = {c for item in _containers(spec) for c in forbidden(_security(item))}
        details.append(
            f"{_plural('container', adding)} must not include "
            f"{_quoted(sorted(found))} in securityContext.capabilities.add"
        )
    return f"unrestricted capabilities ({'; '.join(details)})" if details else ""


def _restricted_volumes(spec: Object) -> str:
    bad = {
        volume["name"]: kind
        for volume in spec.get("volumes") or ()
        for kind in volume
        if kind != "name" and kind not in _VOLUMES
    }
    if not bad:
        return ""
    uses = "uses" if len(bad) == 1 else "use"
    kinds = _plural("restricted volume type", sorted(set(bad.values())))
    return f"restricted volume types ({_plural('volume', list(bad))} {uses} {kinds})"


def _run_as_non_root(spec: Object) -> str:
    pod = _security(spec).get("runAsNonRoot")
    setters = ["pod"] if pod is False else []
    explicit = _bad(spec, lambda s: s.get("runAsNonRoot") is False)
    if explicit:
        setters.append(_plural("container", explicit))
    if setters:
        text = "must not set securityContext.runAsNonRoot=false"
        return f"runAsNonRoot != true ({' and '.join(setters)} {text})"
    implicit = [] if pod else _bad(spec, lambda s: not s.get("runAsNonRoot"))
    if not implicit:
        return ""
    text = "must set securityContext.runAsNonRoot=true"
    return f"runAsNonRoot != true (pod or {_plural('container', implicit)} {text})"


def _run_as_user(spec: Object) -> str:
    setters = ["pod"] if _security(spec).get("runAsUser") == 0 else []
    bad = _bad(spec, lambda s: s.get("runAsUser") == 0)
    if bad:
        setters.append(_plural("container", bad))
    if not setters:
        return ""
    return f"runAsUser=0 ({' and '.join(setters)} must not set runAsUser=0)"


def _seccomp_restricted(spec: Object) -> str:
    explicit = _explicit_seccomp(spec)
    if explicit:
        return explicit

    def is_set(holder: Object) -> bool:
        profile = _security(holder).get("seccompProfile") or {}
        return profile.get("type") in _SECCOMP

    if is_set(spec):
        return ""
    bad = [c["name"] for c in _containers(spec) if not is_set(c)]
    if not bad:
        return ""
    text = (
        "must set securityContext.seccompProfile.type to "
        '"RuntimeDefault" or "Localhost"'
    )
    return f"seccompProfile (pod or {_plural('container', bad)} {text})"


_BASELINE: tuple[Check, ...] = (
    _capabilities_baseline,
    _host_namespaces,
    _host_path,
    _host_ports,
    _privileged,
    _proc_mount,
    _se_linux,
    _seccomp_baseline,
)
_OVERRIDDEN = (_capabilities_baseline, _host_path, _seccomp_baseline)
_RESTRICTED: tuple[Check, ...] = (
    *(check for check in _BASELINE if check not in _OVERRIDDEN),
    _privilege_escalation,
    _capabilities_restricted,
    _restricted_volumes,
    _run_as_non_root,
    _run_as_user,
    _seccomp_restricted,
)
