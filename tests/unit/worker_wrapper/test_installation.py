"""The check of an installation: passes where all is right, and only there."""

import functools
import http.server
import io
import threading
import unittest
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from test_take_over import wrapper  # noqa: F401 (fixture)

from worker_wrapper import installation, test_k8s_wrapper
from worker_wrapper.installation import RIGHTS, Installation, Wrong
from worker_wrapper.settings import WorkerSettingsError

MAIN = """
import runpy
runpy.run_module("worker_wrapper.test_k8s_wrapper", run_name="__main__")
"""


@pytest.fixture
def address(tmp_path):
    """Where a QFieldCloud answers, if only with 404."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(tmp_path)
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api/v1/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def installed(simulated, set_, program, address, tmp_path):
    """A namespace with a claim and accounts; changes what an account may do."""
    settings = simulated.namespace()
    namespace = settings["QFIELDCLOUD_K8S_NAMESPACE"]
    group = "rbac.authorization.k8s.io"

    def install(*, without=(), account="qfieldcloud-worker", **more):
        for name in {"qfieldcloud-worker", account}:
            simulated.api.create(
                {"kind": "ServiceAccount", "metadata": {"name": name}}, namespace
            )
        rules = [
            {"apiGroups": [one_group], "resources": [resource], "verbs": [verb]}
            for verb, one_group, resource, _ in RIGHTS
            if (verb, resource) not in without
        ]
        meta = {"name": "worker"}
        simulated.api.create(
            {"kind": "Role", "metadata": meta, "rules": rules}, namespace
        )
        subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
        role = {"apiGroup": group, "kind": "Role", "name": "worker"}
        binding = {"kind": "RoleBinding", "metadata": meta, "roleRef": role}
        simulated.api.create({**binding, "subjects": [subject]}, namespace)
        given = Path(settings["QFIELDCLOUD_K8S_KUBECONFIG"])
        config = yaml.safe_load(given.read_text())
        token = simulated.api.token(namespace, account)
        config["users"][0]["user"] = {"token": token}
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        chosen = {
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": address,
            "QFIELDCLOUD_K8S_KUBECONFIG": str(path),
        }
        set_(**{**settings, **chosen, **more})
        return SimpleNamespace(namespace=namespace, **settings)

    return install


def outcome() -> unittest.TestResult:
    """All tests, run by unittest."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(test_k8s_wrapper)
    return unittest.TextTestRunner(io.StringIO()).run(tests)


def failed(result: unittest.TestResult) -> dict[str, str]:
    """What failed, and with which words."""
    return {
        test.id().rpartition(".")[2]: words
        for test, words in [*result.failures, *result.errors]
    }


@pytest.mark.namespaces
def test_a_right_installation_passes(installed, simulated):
    """All of it, with no more rights than the table has; nothing is left."""
    found = installed()
    result = outcome()
    assert failed(result) == {}
    assert (result.testsRun, result.skipped) == (13, [])
    assert simulated.api.list("Job", found.namespace) == []
    assert simulated.api.list("Secret", found.namespace) == []


@pytest.mark.namespaces
def test_it_runs_as_a_program(installed, wrapper, add_job, set_):  # noqa: F811
    """With the setting still on Docker; its exit code tells."""
    installed()
    set_(QFIELDCLOUD_WORKER_BACKEND="docker")
    job = add_job("finished")
    assert wrapper(job, MAIN).wait(60) == 0
    set_(QFIELDCLOUD_K8S_IO_MOUNT_PATH="/nowhere")
    assert wrapper(job, MAIN).wait(60) == 1


@pytest.mark.namespaces
def test_the_inline_environment_needs_no_secrets(installed):
    """As the smaller Role has it."""
    installed(without={("create", "secrets")}, QFIELDCLOUD_K8S_INLINE_ENV="true")
    assert failed(outcome()) == {}


def test_a_missing_right_is_named(installed):
    """Each of them, and the account whose Role it is."""
    installed(without={("get", "pods/log"), ("watch", "pods")})
    with pytest.raises(Wrong) as caught:
        Installation().check_rights()
    text = str(caught.value)
    assert 'apiGroups [""], resources ["pods/log"], verbs ["get"]: ' in text
    assert 'resources ["pods"], verbs ["watch"]: ' in text
    assert "ServiceAccount qfieldcloud-worker" in text
    assert "jobs" not in text.partition("rules:")[2].replace("job's", "")


def test_another_account_is_told(installed):
    """The settings' name would be in each message about rights."""
    installed(account="other")
    with pytest.raises(Wrong, match=r"credentials of system:serviceaccount:.*:other"):
        Installation().check_account()


def test_without_an_api_nothing_passes_that_asks_it(installed, monkeypatch):
    """What can't be looked at fails."""
    monkeypatch.setattr(installation, "PATIENCE_S", 0)
    installed()
    path = kubeconfig_to_nowhere(Installation().settings.kubernetes.kubeconfig)
    assert "127.0.0.1:1" in path.read_text()
    names = failed(outcome())
    assert set(names) == {
        f"test_{name}"
        for name in (
            *("06_account", "07_rights", "09_worker_runs", "10_worker_shares_io"),
            *("11_worker_environment", "12_worker_grids"),
            "13_worker_reaches_qfieldcloud",
        )
    }
    assert "BACKEND_UNREACHABLE" in names["test_06_account"]


def kubeconfig_to_nowhere(name: str):
    """Let it name a port where nobody listens."""
    path = Path(name)
    config = yaml.safe_load(path.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.parametrize(
    ("setting", "value", "check", "words"),
    [
        ("K8S_IO_MOUNT_PATH", "/nowhere", "claim", "mount io there"),
        ("K8S_IO_MOUNT_PATH", "/proc", "claim", "can't be written"),
        pytest.param(
            *("K8S_IO_SUB_PATH", "elsewhere", "worker_shares_io", "the same directory"),
            marks=pytest.mark.namespaces,
        ),
        ("K8S_TRANSFORMATION_GRIDS_PVC", "gone", "worker_runs", "SCHEDULE_TIMEOUT"),
        ("QGIS_IMAGE_NAME", "no/such:1", "worker_runs", "IMAGE_NOT_FOUND"),
        pytest.param(
            *("WORKER_QFIELDCLOUD_URL", "http://127.0.0.1:1/api/v1/"),
            *("worker_reaches_qfieldcloud", "http://127.0.0.1:1/api/v1/: URLError"),
            marks=pytest.mark.namespaces,
        ),
    ],
    ids=["no-mount", "read-only", "other-directory", "no-grids", "no-image", "no-way"],
)
def test_a_wrong_setting_is_seen(installed, setting, value, check, words):
    """By the check that looks there, with what to do."""
    more = {f"QFIELDCLOUD_{setting}": value}
    installed(QFIELDCLOUD_K8S_SCHEDULE_TIMEOUT_S="3", **more)
    with pytest.raises(Wrong) as caught:
        getattr(Installation(), f"check_{check}")()
    assert words in str(caught.value)


def test_wrong_limits_are_told_with_the_right_spelling(installed, set_):
    """Both at once."""
    from constance.test import override_config

    installed()
    wrong = {"WORKER_QGIS_MEMORY_LIMIT": "1000Mi", "WORKER_TIMEOUT_S": 0}
    with override_config(**wrong), pytest.raises(Wrong) as caught:
        Installation().check_limits()
    assert "WORKER_QGIS_MEMORY_LIMIT: '1000Mi'" in str(caught.value)
    assert "Write '1000m'" in str(caught.value)
    assert "WORKER_TIMEOUT_S: 0" in str(caught.value)


def test_wrong_settings_are_told(installed):
    """With a line for each, as at the wrapper's start."""
    installed(QFIELDCLOUD_K8S_TTL_S="soon")
    with pytest.raises(WorkerSettingsError, match="QFIELDCLOUD_K8S_TTL_S"):
        Installation().check_settings()


@pytest.mark.parametrize("version", ["28.1.0", "36.0.0"])
def test_a_client_that_does_not_work_is_told(monkeypatch, version):
    """By its version."""
    from worker_wrapper import installation

    monkeypatch.setattr(installation.metadata, "version", lambda _: version)
    with pytest.raises(Wrong, match=f"kubernetes is of version {version}"):
        Installation().check_packages()


def test_the_rights_are_those_of_the_shipped_role():
    """But for what the Role has beyond this wrapper's needs."""
    from harness.environment import manifests

    role = manifests.of_kind(manifests.base(), "Role")[0]
    granted = {
        (verb, group, resource)
        for rule in role["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    asked = {(verb, group, resource) for verb, group, resource, _ in RIGHTS}
    assert asked <= granted
    assert granted - asked == {
        ("watch", "batch", "jobs"),
        ("get", "", "pods"),
        ("list", "", "pods/log"),
        ("watch", "", "pods/log"),
        ("list", "", "events"),
    }
