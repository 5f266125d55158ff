"""All settings together: Django's first, then the environment, and every mistake."""

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from worker_wrapper import k8s_settings_example, setting_names
from worker_wrapper.api_settings import ApiSettings
from worker_wrapper.settings import KubernetesSettings, WorkerSettingsError, load

NEEDED = {
    "QFIELDCLOUD_QGIS_IMAGE_NAME": "qgis:1",
    "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": "http://app:8000/api/v1/",
}


def loaded(environ=None, **django):
    """Settings of these Django settings and this environment."""
    return load(SimpleNamespace(**{**NEEDED, **django}), environ or {})


def test_docker_is_the_default():
    """QFieldCloud without any of our settings goes on as before."""
    assert loaded().backend == "docker"
    assert loaded(QFIELDCLOUD_WORKER_BACKEND="").backend == "docker"


@pytest.mark.parametrize("word", ["kubernetes", "k8s", "K8S", "Kubernetes"])
def test_kubernetes_has_two_names(word):
    """As the migration was designed."""
    assert loaded(QFIELDCLOUD_WORKER_BACKEND=word).backend == "kubernetes"


def test_the_defaults_of_the_contract():
    """Namespace and account, without being set."""
    found = loaded().kubernetes
    assert found == KubernetesSettings()
    assert (found.namespace, found.service_account) == ("default", "qfieldcloud-worker")


def test_django_comes_before_the_environment():
    """The environment is asked where QFieldCloud's settings don't know the name."""
    environ = {
        "QFIELDCLOUD_K8S_NAMESPACE": "from-environ",
        "QFIELDCLOUD_K8S_TTL_S": "120",
    }
    found = loaded(environ, QFIELDCLOUD_K8S_NAMESPACE="from-django").kubernetes
    assert (found.namespace, found.ttl_s) == ("from-django", 120)


SET = {
    "NAMESPACE": ("gis", "namespace", "gis"),
    "SERVICE_ACCOUNT": ("sa", "service_account", "sa"),
    "WORKER_SERVICE_ACCOUNT": ("pod", "worker_service_account", "pod"),
    "IO_PVC": ("claim", "io_claim", "claim"),
    "IO_MOUNT_PATH": ("/x", "io_mount_path", Path("/x")),
    "IO_SUB_PATH": ("shared/io", "io_sub_path", "shared/io"),
    "TRANSFORMATION_GRIDS_PVC": ("g", "grids_claim", "g"),
    "INLINE_ENV": ("yes", "inline_env", True),
    "IMAGE_PULL_POLICY": ("always", "image_pull_policy", "Always"),
    "IMAGE_PULL_SECRETS": ("a,b", "image_pull_secrets", ("a", "b")),
    "RUN_AS_USER": ("1000", "run_as_user", 1000),
    "RUN_AS_GROUP": ("1001", "run_as_group", 1001),
    "FS_GROUP": ("0", "fs_group", 0),
    "NODE_SELECTOR": ('{"pool": "gis"}', "node_selector", {"pool": "gis"}),
    "TOLERATIONS": ('[{"key": "a"}]', "tolerations", ({"key": "a"},)),
    "AFFINITY": ('{"podAffinity": {}}', "affinity", {"podAffinity": {}}),
    "PRIORITY_CLASS": ("high", "priority_class", "high"),
    "RUNTIME_CLASS": ("gvisor", "runtime_class", "gvisor"),
    "EXTRA_LABELS": ('{"a": "b"}', "extra_labels", {"a": "b"}),
    "EXTRA_ANNOTATIONS": ('{"a": "b c"}', "extra_annotations", {"a": "b c"}),
    "CPU_REQUEST": ("250m", "cpu_request", "250m"),
    "CPU_LIMIT": ("2", "cpu_limit", "2"),
    "MEMORY_REQUEST": ("500Mi", "memory_request", "500Mi"),
    "TTL_S": ("60", "ttl_s", 60),
    "SCHEDULE_TIMEOUT_S": ("1", "schedule_timeout_s", 1),
    "START_TIMEOUT_S": ("2", "start_timeout_s", 2),
    "NODE_LOST_S": ("0", "node_lost_s", 0),
    "KUBECONFIG": ("/k", "kubeconfig", "/k"),
    "CONTEXT": ("c", "context", "c"),
}
OF_BOTH = {
    "API_TIMEOUT_S": ("7", "timeout_s", 7),
    "API_PATIENCE_S": ("0", "patience_s", 0),
    "WATCH_S": ("9", "watch_s", 9),
}


@pytest.mark.parametrize("name", SET)
def test_each_setting_arrives(name):
    """From the environment, as text."""
    written, field, meant = SET[name]
    found = loaded({f"QFIELDCLOUD_K8S_{name}": written}).kubernetes
    assert getattr(found, field) == meant
    default = KubernetesSettings()
    changed = {
        one.name
        for one in fields(found)
        if getattr(found, one.name) != getattr(default, one.name)
    }
    assert changed == {field}


def test_each_field_has_its_setting():
    """None can only be set in code."""
    assert {field for _, field, _ in SET.values()} | {"api"} == {
        one.name for one in fields(KubernetesSettings)
    }
    assert {field for _, field, _ in OF_BOTH.values()} == {
        one.name for one in fields(ApiSettings)
    }


@pytest.mark.parametrize("name", OF_BOTH)
def test_times_of_the_apis_are_both_backends(name):
    """The same for either."""
    written, field, meant = OF_BOTH[name]
    found = loaded({f"QFIELDCLOUD_WORKER_{name}": written})
    assert found.docker.api == found.kubernetes.api
    assert found.docker.api == replace(ApiSettings(), **{field: meant})


def test_the_grids_can_be_left_away():
    """Set to nothing, there is no such claim; not set, there is the usual one."""
    assert loaded().kubernetes.grids_claim == "transformation-grids"
    found = loaded(QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC="")
    assert found.kubernetes.grids_claim == ""


def test_all_mistakes_are_told_at_once():
    """A line for each, with the setting's name first."""
    with pytest.raises(WorkerSettingsError) as caught:
        load(
            SimpleNamespace(QFIELDCLOUD_WORKER_QFIELDCLOUD_URL="http://app:8000"),
            {
                "QFIELDCLOUD_WORKER_BACKEND": "podman",
                "QFIELDCLOUD_K8S_TTL_S": "soon",
                "QFIELDCLOUD_K8S_MEMORY_REQUEST": "1000m",
            },
        )
    lines = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert [line.split(":")[0] for line in lines] == [
        "QFIELDCLOUD_WORKER_BACKEND",
        "QFIELDCLOUD_K8S_MEMORY_REQUEST",
        "QFIELDCLOUD_K8S_TTL_S",
        "QFIELDCLOUD_QGIS_IMAGE_NAME",
        "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL",
    ]
    assert "/api/v1/" in lines[-1]


def test_the_debugger_listens_only_where_debug_is_on():
    """A port that is left in the settings opens none in production."""
    port = {"DEBUG_QGIS_DEBUGPY_PORT": "5678"}
    assert loaded(port, DEBUG=False).debug_port is None
    assert loaded(port, DEBUG=True).debug_port == 5678


def test_libraries_under_development_by_both_names():
    """QFieldCloud renamed the settings."""
    newer = loaded({"DEBUG_QGIS_LIBQFIELDSYNC_HOST_PATH": "/src/lib"})
    older = loaded({"QFIELDCLOUD_QFIELDCLOUD_SDK_VOLUME_PATH": "/src/sdk"})
    assert newer.docker.debug_mounts == {"/libqfieldsync": "/src/lib"}
    assert older.docker.debug_mounts == {"/qfieldcloud-sdk-python": "/src/sdk"}


def test_how_much_of_a_log_is_kept():
    """1 MiB each; a setting changes it, and can't switch it off."""
    name = "QFIELDCLOUD_WORKER_LOG_KEEP_BYTES"
    assert loaded().log_keep_bytes == 1024**2
    assert loaded({name: "2048"}).log_keep_bytes == 2048
    with pytest.raises(WorkerSettingsError, match=name):
        loaded({name: "0"})


def refused(**environ):
    """The mistakes that are told of these settings, a line each."""
    with pytest.raises(WorkerSettingsError) as caught:
        loaded(environ)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


@pytest.mark.parametrize(
    ("name", "written", "hint"),
    [
        ("BACKEND", "kuberntes", "Write one of docker, kubernetes, k8s"),
        ("NAMESPACE", "qfc.prod", "Write for example 'qfc-prod'"),
        ("SERVICE_ACCOUNT", "QFC", "Write lower-case letters"),
        ("IO_PVC", "io_claim", "Write lower-case letters"),
        ("IO_MOUNT_PATH", "io", "not an absolute path"),
        ("IO_SUB_PATH", "/a/../io/", "Write 'a/io'"),
        ("INLINE_ENV", "maybe", "neither true nor false"),
        ("IMAGE_PULL_POLICY", "sometimes", "Write one of always, ifnotpresent"),
        ("IMAGE_PULL_SECRETS", "a,B_", "Write lower-case letters"),
        ("RUN_AS_USER", "qgis", "a whole number from 0"),
        ("RUN_AS_GROUP", "-1", "a whole number from 0"),
        ("FS_GROUP", "1.5", "a whole number from 0"),
        ("NODE_SELECTOR", "pool=gis", "Write for example {"),
        ("TOLERATIONS", '[{"key": "a", "operator": "exists"}]', "Write Exists."),
        ("TOLERATIONS", '[{"key": "a", "efect": "x"}]', "Write effect."),
        ("TOLERATIONS", '[{"value": "a"}]', "or operator Exists"),
        ("TOLERATIONS", '[{"key": "a", "tolerationSeconds": "9"}]', "a whole number"),
        ("AFFINITY", '{"nodeaffinity": {}}', "Write nodeAffinity."),
        ("PRIORITY_CLASS", "High", "Write lower-case letters"),
        ("RUNTIME_CLASS", "g visor", "Write lower-case letters"),
        ("EXTRA_LABELS", '{"job_id": "1"}', "Write another name"),
        ("EXTRA_ANNOTATIONS", '{"a": 1}', 'Write "a": "1"'),
        ("CPU_REQUEST", "half", "Write '500m' or '1.5'"),
        ("CPU_LIMIT", "500Mi", "Write '500m' or '1.5'"),
        ("MEMORY_REQUEST", "1000m", "Write for example '500Mi'"),
        ("TTL_S", "1h", "a whole number from 60"),
        ("SCHEDULE_TIMEOUT_S", "0", "a whole number from 1"),
        ("START_TIMEOUT_S", "5m", "a whole number from 1"),
        ("NODE_LOST_S", "-1", "a whole number from 0"),
        ("KUBECONFIG", "config", "not an absolute path"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_value_is_told_with_the_right_spelling(name, written, hint):
    """One line, which begins with the setting's name."""
    kind = "QFIELDCLOUD_WORKER_" if name == "BACKEND" else "QFIELDCLOUD_K8S_"
    (line,) = refused(**{f"{kind}{name}": written})
    assert line.startswith(f"{kind}{name}: ")
    assert hint in line


def test_a_request_is_not_above_its_limit():
    """Kubernetes would refuse each Job."""
    request, limit = "QFIELDCLOUD_K8S_CPU_REQUEST", "QFIELDCLOUD_K8S_CPU_LIMIT"
    assert loaded({request: "500m", limit: "0.5"}).kubernetes.cpu_limit == "0.5"
    (line,) = refused(**{request: "501m", limit: "0.5"})
    assert line.startswith(f"{request}: 501m is more than {limit}, 0.5.")


def test_a_worker_has_not_the_wrappers_account():
    """Also where the wrapper's is the default one."""
    name = "QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT"
    (line,) = refused(**{name: "qfieldcloud-worker"})
    assert line.startswith(f"{name}: qfieldcloud-worker is the wrapper's own account")


@pytest.mark.parametrize("in_django", [True, False])
def test_a_misspelt_name_is_told_with_the_right_one(in_django):
    """It would be ignored otherwise, wherever it stands."""
    wrong = {"QFIELDCLOUD_K8S_NAMESAPCE": "gis"}
    with pytest.raises(WorkerSettingsError) as caught:
        loaded({} if in_django else wrong, **(wrong if in_django else {}))
    assert "QFIELDCLOUD_K8S_NAMESAPCE: there is no such" in str(caught.value)
    assert "Write QFIELDCLOUD_K8S_NAMESPACE." in str(caught.value)


def test_a_misspelt_backend_does_not_go_on_with_docker():
    """Nobody would notice until jobs run on the wrong one."""
    with pytest.raises(WorkerSettingsError, match="Write QFIELDCLOUD_WORKER_BACKEND"):
        loaded({"QFIELDCLOUD_WORKER_BACKAND": "kubernetes"})


def test_settings_of_qfieldcloud_itself_are_not_meant(caplog, monkeypatch):
    """They have the prefix of those for both backends."""
    monkeypatch.setattr(setting_names, "_told", set())
    for name in ("REPLICAS", "TIMEOUT_S", "WRAPPER_SERVICE_HOST"):
        loaded({f"QFIELDCLOUD_WORKER_{name}": "2"})
    assert caplog.text == ""


def test_a_name_like_none_of_ours_is_logged_once(caplog, monkeypatch):
    """It may be somebody else's; settings are read again and again."""
    monkeypatch.setattr(setting_names, "_told", set())
    loaded({"QFIELDCLOUD_K8S_COLOUR_OF_SHED": "red"})
    loaded({"QFIELDCLOUD_K8S_COLOUR_OF_SHED": "red"})
    assert caplog.text.count("QFIELDCLOUD_K8S_COLOUR_OF_SHED is none of") == 1
    assert "QFIELDCLOUD_K8S_NODE_SELECTOR" in caplog.text


def test_variables_of_services_are_not_meant(caplog, monkeypatch):
    """Kubernetes makes them of Services, for example ``qfieldcloud-k8s-io``."""
    monkeypatch.setattr(setting_names, "_told", set())
    prefix = "QFIELDCLOUD_K8S_IO"
    names = ("SERVICE_HOST", "SERVICE_PORT", "PORT", "PORT_80_TCP_ADDR")
    loaded({f"{prefix}_{name}": "x" for name in names})
    assert caplog.text == ""


def test_the_example_shows_each_setting():
    """And nothing that isn't one."""
    shown = {name for name in vars(k8s_settings_example) if name.isupper()}
    of_both = {"BACKEND", "LOG_KEEP_BYTES", "ADOPT", "HAND_OVER_S", "DELTA_COMMAND"}
    of_both |= {"TMP_DIRECTORY", "PICKED_GRACE_S", "FORMER_BACKEND", *OF_BOTH}
    assert shown == {
        *(f"QFIELDCLOUD_K8S_{name}" for name in SET),
        *(f"QFIELDCLOUD_WORKER_{name}" for name in of_both),
    }
