"""Which backend a setting gives."""

import pytest

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("docker", "DockerBackend"),
        ("kubernetes", "KubernetesBackend"),
        ("k8s", "KubernetesBackend"),
    ],
)
def test_the_setting_chooses(set_, setting, name):
    """Nothing is asked of engine or cluster by that."""
    from worker_wrapper import backends

    set_(QFIELDCLOUD_WORKER_BACKEND=setting)
    assert type(backends.get()).__name__ == name


def test_a_name_comes_before_the_setting(set_):
    """For the classes that are always on Kubernetes."""
    from worker_wrapper import backends

    set_(QFIELDCLOUD_WORKER_BACKEND="docker")
    assert type(backends.get("kubernetes")).__name__ == "KubernetesBackend"


def test_a_backend_is_made_once_for_the_same_settings(set_):
    """Its connections are kept; a changed setting makes another."""
    from worker_wrapper import backends

    set_(QFIELDCLOUD_WORKER_BACKEND="kubernetes")
    first = backends.get()
    assert backends.get() is first
    set_(QFIELDCLOUD_K8S_NAMESPACE="elsewhere")
    assert backends.get() is not first


def test_wrong_settings_are_told_before_any_job(set_):
    """All of them."""
    from worker_wrapper import backends
    from worker_wrapper.settings import WorkerSettingsError

    set_(QFIELDCLOUD_WORKER_BACKEND="podman", QFIELDCLOUD_K8S_NAMESPACE="A B")
    with pytest.raises(WorkerSettingsError) as caught:
        backends.get()
    assert "QFIELDCLOUD_WORKER_BACKEND" in str(caught.value)
    assert "QFIELDCLOUD_K8S_NAMESPACE" in str(caught.value)
