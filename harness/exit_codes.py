"""What each command's exit code says; published as docs/reference/exit-codes.md."""

from collections.abc import Mapping

_USAGE = {2: "wrong usage: an option, a file or a name that there is not"}
_OURS = {4: "the harness itself failed: a mistake to be reported, or no room left"}
_INTERRUPTED = {130: "interrupted (Ctrl-C, SIGTERM); what was made is removed"}
_READS = {0: "done"} | _USAGE | _OURS | _INTERRUPTED

EXIT_CODES: Mapping[str, Mapping[int, str]] = {
    "run": {
        0: "no check failed",
        1: "a check failed, or the backends differ for no known reason",
        2: "wrong usage, or a mistake in a scenario file or profile",
        3: "the environment is not there, or went away (with `--require real` also: "
        "a scenario could not be run for real)",
        4: "the harness or its simulator failed, or nothing was run",
        130: "interrupted; the report has what was done until then",
    },
    "fidelity": {
        0: "simulator and real thing agree, or differ as is known",
        1: "a field differs for no known reason",
        2: "wrong usage",
        3: "the real thing is not there",
        4: "the harness or its simulator failed, or no two cells could be compared",
        **_INTERRUPTED,
    },
    "validate": {
        0: "GO; also GO WITH WARNINGS, without `--fail-on warn`",
        1: "NO-GO, also where the cluster can't be reached; the report says why",
        2: "wrong usage, or a settings file, waivers or kubeconfig that can't be read; "
        "the report says NO-GO",
        4: "a check of the harness itself failed, or the report can't be written",
        130: "interrupted; the report says NO-GO and has what was seen until then",
    },
    "report": {
        0: "written: no check failed, or GO",
        1: "written: a check had failed, or NO-GO; also a validation that was killed",
        2: "wrong usage, or a file that is no report",
        3: "written: in that run an environment was not there",
        4: "written: the harness had failed; or it can't be written",
        130: "written: that run was interrupted",
    },
    "doctor": {0: "whatever it found; `ready` in `--json` tells"}
    | _USAGE
    | _OURS
    | _INTERRUPTED,
    "bench": {0: "measured; whether within the budgets is in the table"}
    | _USAGE
    | _OURS
    | _INTERRUPTED,
    "races": {
        0: "each job ran once and ended well, and nothing is left",
        1: "it was not so: the table says what",
    }
    | _USAGE
    | _OURS
    | _INTERRUPTED,
    "up": {0: "it is there"}
    | _USAGE
    | {3: "it can't be made here: what is missing is said"}
    | _OURS
    | _INTERRUPTED,
    "down": {0: "it is gone"}
    | _USAGE
    | {3: "it can't be reached"}
    | _OURS
    | _INTERRUPTED,
    "status": _READS,
    "gc": {0: "nothing of killed runs is left"}
    | _USAGE
    | {4: "something could not be removed: it is said what"}
    | _INTERRUPTED,
    "scenarios list": _READS,
    "scenarios show": _READS,
    "scenarios check": {0: "no mistake"}
    | {2: "mistakes, all of them listed; or wrong usage"}
    | _OURS
    | _INTERRUPTED,
    "scenarios schema": _READS,
    "manifests list": _READS,
    "manifests render": {0: "rendered"}
    | {2: "an overlay or settings file is wrong, or wrong usage"}
    | _OURS
    | _INTERRUPTED,
}
"""By command and code. Where several hold: 130, 2, 4, 3, 1."""
