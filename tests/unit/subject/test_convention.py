"""What is found in a wrapper's modules by its name."""

from types import ModuleType

from harness.subject.convention import find_sweep


def _module(name: str, *sweeps: str) -> ModuleType:
    module = ModuleType(f"worker_wrapper.{name}")
    for sweep in sweeps:
        exec(f"def {sweep}(): return {name!r}", vars(module))
    return module


def test_the_sweep_of_a_factory_comes_first():
    """It follows the backend setting, as its JobRun does; a `k8s` one may not."""
    wrapper = _module("wrapper", "cancel_orphaned_workers")
    kubernetes = _module("k8s_wrapper", "cancel_orphaned_k8s_workers")
    factory = _module("factory", "cancel_orphaned_workers")
    assert find_sweep([wrapper, kubernetes, factory], "kubernetes")() == "factory"


def test_without_a_factory_the_backend_chooses_the_sweep():
    """One for Kubernetes by its name, and none where there is none."""
    wrapper = _module("wrapper", "cancel_orphaned_workers")
    kubernetes = _module("k8s_wrapper", "cancel_orphaned_k8s_workers")
    modules = [wrapper, kubernetes, _module("factory")]
    assert find_sweep(modules, "kubernetes")() == "k8s_wrapper"
    assert find_sweep(modules, "docker")() == "wrapper"
    assert find_sweep([_module("factory")], "docker") is None
