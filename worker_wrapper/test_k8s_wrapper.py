"""Checks an installation: can this wrapper run jobs on Kubernetes?

In the wrapper's pod: ``python -m worker_wrapper.test_k8s_wrapper``. With any test
runner: ``manage.py test worker_wrapper``, ``pytest --pyargs
worker_wrapper.test_k8s_wrapper``. Nothing is skipped: what can't be looked at fails. It
also checks Kubernetes while ``QFIELDCLOUD_WORKER_BACKEND`` is still ``docker``.
"""

import sys
import unittest
from typing import Any, ClassVar


def setUpModule() -> None:
    """Django, where no runner has set it up."""
    from worker_wrapper.installation import prepare

    prepare()


class TestInstallation(unittest.TestCase):
    """One test for each thing that jobs need; no test writes into the database."""

    installation: ClassVar[Any]

    @classmethod
    def setUpClass(cls) -> None:
        """One worker is run for all tests."""
        from worker_wrapper.installation import Installation

        cls.installation = Installation()

    def test_01_packages(self) -> None:
        """The client libraries are there, in versions that work."""
        self.installation.check_packages()

    def test_02_names(self) -> None:
        """QFieldCloud's dequeue gets this wrapper."""
        self.installation.check_names()

    def test_03_settings(self) -> None:
        """All settings are right."""
        self.installation.check_settings()

    def test_04_limits(self) -> None:
        """Memory limit, CPU weight and time-out can be converted."""
        self.installation.check_limits()

    def test_05_database(self) -> None:
        """The database is the primary, and its locks can be relied on."""
        self.installation.check_database()

    def test_06_account(self) -> None:
        """The API is reached, as the account that the settings name."""
        self.installation.check_account()

    def test_07_rights(self) -> None:
        """The account has each right that jobs need."""
        self.installation.check_rights()

    def test_08_claim(self) -> None:
        """The shared claim is mounted, and can be written."""
        self.installation.check_claim()

    def test_09_worker_runs(self) -> None:
        """A worker of the image runs, and its log can be read."""
        self.installation.check_worker_runs()

    def test_10_worker_shares_io(self) -> None:
        """The worker's /io is the directory that the wrapper made."""
        self.installation.check_worker_shares_io()

    def test_11_worker_environment(self) -> None:
        """Secrets reach the worker; a token of its account doesn't."""
        self.installation.check_worker_environment()

    def test_12_worker_grids(self) -> None:
        """The transformation grids are mounted, read-only."""
        self.installation.check_worker_grids()

    def test_13_worker_reaches_qfieldcloud(self) -> None:
        """QFieldCloud answers at the address that workers are given."""
        self.installation.check_worker_reaches_qfieldcloud()


def main() -> int:
    """Run all tests; 0 only if each of them was run and passed."""
    setUpModule()
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(TestInstallation)
    wanted = tests.countTestCases()
    result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(tests)
    return 0 if result.wasSuccessful() and result.testsRun == wanted > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
