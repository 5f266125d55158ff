"""Whatever a stranger does, the machine is afterwards as it was."""

from pathlib import Path

import psutil
from judging import Judging, open_judging

FOLDER = Path(__file__).parent
RUDE = (
    ("kube_forks/waits_for_job_status.py", "kubernetes"),  # leaves its Job running
    ("broken/starts_and_exits.py", "docker"),  # leaves its container running
    ("broken/helper_process.py", "docker"),  # leaves a child of its own running
)


def _running(word: str) -> list[psutil.Process]:
    """The processes of this machine that were started with this word."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(word in part for part in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue  # it ended meanwhile
    return found


def test_no_process_and_no_directory_outlives_the_run():
    """Workers, subjects and their children end with the run, and its directory goes."""
    with open_judging() as judging:
        directory = judging.directory
        for subject, backend in RUDE:
            judging.judge(FOLDER / subject, [("contract/timeout", backend)])
        assert _running(str(directory))  # the word by which they would be found
    assert _running(str(directory)) == []
    assert _running("qfc-helper-process") == []
    assert not directory.exists()


def test_a_daemon_of_a_subject_ends_with_it(judging: Judging):
    """A process that left the subject's session is found all the same."""
    judging.judge(
        FOLDER / "broken" / "daemon.py", [("contract/worker-given", "docker")]
    )
    left = _running("qfc-daemon-of-a-subject")
    for process in left:
        process.kill()
    assert left == []
