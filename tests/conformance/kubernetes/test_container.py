"""What a container is really given: args, environment, mounts, files, identity."""

import json
import re

import pytest

from .space import pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _output(space, script, **spec):
    """What a pod's script prints."""
    space.create("pods", pod("p", "sh", "-c", script, **spec))
    space.wait_phase("p", "Succeeded", "Failed")
    return space("GET", "pods", "p/log").body


_ARGS = [
    *("$(A)", "$$(A)", "$$$(A)", "$(NOPE)", "$A", "$(A", "$(A)$(B)", "$", "$$", "$()"),
    *("x $(A) y", "$(A))", "($(A)", "$($(A))", "${A}", "a'b\"c", "ä\n€", ""),
]


def test_args(space, see):
    """$(VAR) is expanded in args, $$ escapes, the rest stays."""
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2$(A)"},
        {"name": "C", "value": "$(D)"},
        {"name": "D", "value": "late"},
    ]
    script = 'for a in "$@"; do printf "<%s>\\n" "$a"; done'
    body = pod("p", "sh", "-c", script, "sh", c={"env": env, "args": _ARGS})
    space.create("pods", body)
    space.wait_phase("p", "Succeeded")
    see("args", space("GET", "pods", "p/log").body.split(">\n"))


@pytest.mark.namespaces
def test_env(space, see):
    """Values refer to what stands before them; sources are resolved."""
    space.create(
        "secrets",
        {"metadata": {"name": "s"}, "stringData": {"K": "secret", "x.y": "dotted"}},
    )
    space.create(
        "configmaps", {"metadata": {"name": "c"}, "data": {"K": "map", "M": "m"}}
    )
    fields = {
        "F_NAME": "metadata.name",
        "F_NS": "metadata.namespace",
        "F_NODE": "spec.nodeName",
        "F_ACCOUNT": "spec.serviceAccountName",
        "F_LABEL": "metadata.labels['a']",
    }
    env = [
        {"name": "T_A", "value": "1"},
        {"name": "T_B", "value": "$(T_A)$(T_LATE)$$(T_A)"},
        {"name": "T_LATE", "value": "x"},
        {"name": "T_A", "value": "again"},
        {"name": "T_K", "value": "$(P_K)"},
        {
            "name": "T_SECRET",
            "valueFrom": {"secretKeyRef": {"name": "s", "key": "x.y"}},
        },
        {
            "name": "T_OPTIONAL",
            "valueFrom": {"secretKeyRef": {"name": "n", "key": "k", "optional": True}},
        },
        {
            "name": "T_LIMIT",
            "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}},
        },
        {
            "name": "T_CPU",
            "valueFrom": {
                "resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}
            },
        },
        *(
            {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
            for name, path in fields.items()
        ),
    ]
    sources = [
        {"prefix": "P_", "secretRef": {"name": "s"}},
        {"configMapRef": {"name": "c"}},
        {"configMapRef": {"name": "nope", "optional": True}},
    ]
    resources = {"limits": {"memory": "64Mi"}, "requests": {"cpu": "250m"}}
    body = pod(
        "p", "env", "-0", c={"env": env, "envFrom": sources, "resources": resources}
    )
    body["metadata"]["labels"] = {"a": "label"}
    space.create("pods", body)
    space.wait_phase("p", "Succeeded")
    shown = dict(
        item.split("=", 1)
        for item in space("GET", "pods", "p/log").body.split("\0")
        if item
    )
    see("env", {k: v for k, v in shown.items() if re.match("[TFP]_|K$|M$", k)})
    others = ("HOSTNAME", "HOME", "PATH")
    see("others", {k: shown.get(k) for k in others})
    see("services", sorted(k for k in shown if k.startswith("KUBERNETES_")))


def test_service_links(space, see):
    """A service's variables, with its port's name; none where they are not wanted."""
    ports = [{"name": "web-api", "port": 80}, {"name": "b", "port": 81}]
    service = {
        "metadata": {"name": "my-app"},
        "spec": {"clusterIP": "None", "ports": ports},
    }
    space.create("services", service)
    script = "env | grep -c MY_APP; env | grep -c ^KUBERNETES_"
    see("headless", _output(space, script, enableServiceLinks=False).split())


@pytest.mark.namespaces
def test_identity(space, see):
    """User, working directory, host name, hosts file."""
    script = (
        "id -u; id -g; pwd; hostname; grep -c Kubernetes-managed /etc/hosts; "
        "cat /etc/hosts"
    )
    see("plain", _output(space, script).split("\n"))


@pytest.mark.parametrize("case", ["dir", "user", "hostname"])
@pytest.mark.namespaces
def test_identity_chosen(space, see, case):
    """The same, as the pod asks for it."""
    spec = {
        "dir": {"c": {"workingDir": "/usr/lib"}},
        "user": {"securityContext": {"runAsUser": 1000, "runAsGroup": 2000}},
        "hostname": {"hostname": "other"},
    }[case]
    see("chosen", _output(space, "id -u; id -g; pwd; hostname", **spec).split("\n"))


_MOUNTS = """
for p in "$@"; do
  awk -v p="$p" '$5 == p {split($6, o, ","); print p, o[1]}' /proc/self/mountinfo
  (echo x > "$p/probe") 2>/dev/null && echo writable || echo read-only
done
"""


@pytest.mark.namespaces
def test_mounts(space, see, node):
    """Mounts are where and as writable as the pod says."""
    space.create("secrets", {"metadata": {"name": "s"}, "stringData": {"K": "v"}})
    volumes = [
        {"name": "e", "emptyDir": {}},
        {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "h", "hostPath": {"path": f"/tmp/{space.name}"}},
        {"name": "s", "secret": {"secretName": "s"}},
    ]
    mounts = [
        {"name": "e", "mountPath": "/e"},
        {"name": "e", "mountPath": "/ro", "readOnly": True},
        {"name": "e", "mountPath": "/sub", "subPath": "a/b"},
        {"name": "m", "mountPath": "/m"},
        {"name": "h", "mountPath": "/h"},
        {"name": "s", "mountPath": "/s"},
    ]
    paths = [mount["mountPath"] for mount in mounts]
    body = pod(
        "p",
        *(
            "sh",
            "-c",
            _MOUNTS + "ls /e/a/b; df -k /m | tail -1 | awk '{print $2}'",
            "sh",
        ),
        c={"args": paths, "volumeMounts": mounts},
        volumes=volumes,
    )
    space.create("pods", body)
    space.wait_phase("p", "Succeeded")
    see("mounts", space("GET", "pods", "p/log").body.splitlines())


@pytest.mark.namespaces
def test_volume_files(space, see):
    """Files of ConfigMaps, Secrets, the downward API, and all in one."""
    space.create(
        "secrets", {"metadata": {"name": "s"}, "stringData": {"K": "v", "L": "w"}}
    )
    space.create("configmaps", {"metadata": {"name": "c"}, "data": {"f.txt": "text"}})
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    volumes = [
        {
            "name": "s",
            "secret": {"secretName": "s", "items": [{"key": "K", "path": "d/k"}]},
        },
        {"name": "c", "configMap": {"name": "c"}},
        {"name": "d", "downwardAPI": {"items": items}},
        {
            "name": "p",
            "projected": {
                "sources": [
                    {"secret": {"name": "s"}},
                    {"configMap": {"name": "c"}},
                    {"downwardAPI": {"items": items}},
                ]
            },
        },
        {"name": "n", "configMap": {"name": "nope", "optional": True}},
    ]
    mounts = [{"name": v["name"], "mountPath": f"/v/{v['name']}"} for v in volumes]
    mounts.append({"name": "c", "mountPath": "/one", "subPath": "f.txt"})
    script = (
        'cd /v; for f in */* */d/*; do [ -f "$f" ] && echo "$f=$(cat "$f")"; done; '
        "cat /one; echo; readlink c/f.txt; ls -a c | grep -c '^\\.\\.'"
    )
    body = pod("p", "sh", "-c", script, c={"volumeMounts": mounts}, volumes=volumes)
    body["metadata"]["labels"] = {"b": "2", "a": 'x"'.replace('"', "")}
    space.create("pods", body)
    space.wait_phase("p", "Succeeded")
    see("files", space("GET", "pods", "p/log").body.splitlines())


@pytest.mark.namespaces
def test_token_files(space, see):
    """The account's token, CA and namespace, where clients look for them."""
    script = (
        "cd /var/run/secrets/kubernetes.io/serviceaccount; ls; cat namespace; echo; "
        "head -1 ca.crt; cut -d. -f2 token"
    )
    output = _output(space, script, automountServiceAccountToken=True).splitlines()
    *shown, claims = output
    see("files", shown)
    import base64

    decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    see("claims", sorted(decoded))
    see(
        "bound",
        {
            k: v
            for k, v in decoded["kubernetes.io"].items()
            if k in ("pod", "namespace")
        },
    )
    see("lifetime", decoded["exp"] - decoded["iat"])
    see("absent", _absent(space))


def _absent(space):
    body = pod("q", "sh", "-c", "ls /var/run/secrets 2>&1 | wc -l")
    space.create("pods", body)
    space.wait_phase("q", "Succeeded")
    return space("GET", "pods", "q/log").body.strip()


@pytest.mark.namespaces
def test_termination_message(space, see):
    """A last word by file, or the end of the log of a failure."""

    def message(name, script, **container):
        space.create("pods", pod(name, "sh", "-c", script, c=container))
        status = space.wait_phase(name, "Succeeded", "Failed")["status"]
        return status["containerStatuses"][0]["state"]["terminated"].get("message")

    see("file", message("a", "printf word > /dev/termination-log"))
    see("own", message("b", "printf word > /last", terminationMessagePath="/last"))
    fallback = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    see("log", message("d", "echo one; echo two; exit 1", **fallback))
    see("good", message("e", "echo one", **fallback))
    long = message("f", "head -c 9000 /dev/zero | tr '\\0' x > /dev/termination-log")
    see("long", len(long))


@pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 137, 139, 143, 255])
def test_exit_codes(space, see, code):
    """The exit code is the program's."""
    space.create("pods", pod("p", "sh", "-c", f"exit {code}"))
    status = space.wait_phase("p", "Succeeded", "Failed")["status"]
    ended = status["containerStatuses"][0]["state"]["terminated"]
    see("ended", [status["phase"], ended["exitCode"], ended["reason"]])


def test_status(space, see):
    """The whole status of a pod that has ended."""
    resources = {"limits": {"memory": "64Mi"}, "requests": {"cpu": "50m"}}
    space.create("pods", pod("p", "true", c={"resources": resources}))
    status = space.wait_phase("p", "Succeeded")["status"]
    see("status", status)
