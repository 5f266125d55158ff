"""The operator's settings, as each backend reads them."""

import difflib
from collections.abc import Iterator
from urllib.parse import urlsplit

from .. import setting_rows
from ..facts import Facts, NotSeen
from ..making import judged, result
from ..model import Fix, Result, Status
from .registering import judges

PREFIXES = ("QFIELDCLOUD_K8S_", "QFIELDCLOUD_WORKER_")
ELSEWHERE = frozenset(
    {
        # read by QFieldCloud itself, or by its compose file
        "QFIELDCLOUD_WORKER_REPLICAS",
        "WORKER_QGIS_MEMORY_LIMIT",
        "WORKER_QGIS_CPU_SHARES",
        "WORKER_TIMEOUT_S",
        "QFIELDCLOUD_HOST",
    }
)
REQUIRED = ("QFIELDCLOUD_QGIS_IMAGE_NAME", "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL")
URL = "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"
_HERE = ("localhost", "127.", "0.0.0.0", "::1", "host.docker.internal")
_SIMILAR = 0.88


def _values(facts: Facts) -> dict[str, str]:
    """The values file.

    :raises NotSeen: there is none, or the wrapper can't be asked
    """
    facts.settings()
    if facts.given.values is None:
        raise NotSeen("no settings were given (--values)", "")
    return dict(facts.given.values)


@judges("QFV-701")
def names(facts: Facts) -> Iterator[Result]:
    """Every name of ours is one that the wrapper asks for."""
    values = _values(facts)
    known = {*facts.given.rendered.known, *ELSEWHERE}
    wrong: dict[str, str] = {}
    for name in values:
        if name in known:
            continue
        similar = difflib.get_close_matches(name, known, 1, _SIMILAR)
        if similar or name.startswith(PREFIXES):
            wrong[name] = similar[0] if similar else ""
    for name, near in wrong.items():
        yield result(
            "QFV-701",
            Status.FAIL,
            f"nothing reads {name}" + (f"; did you mean {near}?" if near else ""),
            of=name,
            title=f"The setting {name} exists",
            fix=Fix(steps=(f"Write {near}=…" if near else f"Remove {name}.",)),
        )
    if not wrong:
        seen = f"{len(values)} settings, none misspelt"
        yield result("QFV-701", Status.PASS, seen)


@judges("QFV-702")
def taken(facts: Facts) -> Iterator[Result]:
    """What the wrapper itself says is wrong."""
    values = _values(facts)
    known = {*facts.given.rendered.known, *ELSEWHERE}
    wrong = {
        name: words
        for name, words in facts.given.rendered.mistakes.items()
        if name in known and (name not in REQUIRED or values.get(name))
    }
    for name, words in wrong.items():
        yield result(
            "QFV-702",
            Status.FAIL,
            f"{name}: {words}",
            of=name,
            title=f"The wrapper takes the setting {name}",
        )
    if not wrong:
        yield result("QFV-702", Status.PASS, "all of them")


@judges("QFV-703")
def same(facts: Facts) -> Iterator[Result]:
    """Rows of the table of settings that differ."""
    _values(facts)
    rows = setting_rows.rows(facts.given)
    odd = [one for one in rows if one.status is Status.FAIL and one.docker]
    yield judged(
        not odd,
        "QFV-703",
        "; ".join(
            f"{one.name}={one.value}: Docker {one.docker}, Kubernetes {one.kubernetes}"
            for one in odd
        )
        or f"{len(rows)} settings compared",
        caused_by="QFV-702",
        fix=Fix(steps=tuple(f"Write {one.write}" for one in odd if one.write))
        if odd
        else None,
    )


@judges("QFV-704")
def required(facts: Facts) -> Iterator[Result]:
    """Image and URL."""
    values = _values(facts)
    missing = [name for name in REQUIRED if not values.get(name)]
    yield judged(
        not missing,
        "QFV-704",
        f"not set: {', '.join(missing)}" if missing else ", ".join(REQUIRED),
    )


@judges("QFV-705")
def url(facts: Facts) -> Iterator[Result]:
    """Its form, and a plain name against the namespace's Services."""
    text = _values(facts).get(URL, "")
    if not text:
        raise NotSeen(f"{URL} is not set", "", "QFV-704")
    wrong = url_mistake(text)
    host = urlsplit(text).hostname or ""
    if not wrong and "." not in host:
        if facts.one("namespace").status == 404:
            raise NotSeen("there is no such namespace", "namespace", "QFV-103")
        there = [str(one["metadata"]["name"]) for one in facts.items("services")]
        if host not in there:
            wrong = (
                f"the name {host} is one of compose's; the namespace "
                f"{facts.given.namespace} has no Service {host}, only "
                f"{', '.join(there) or 'none'}"
            )
    yield judged(
        not wrong,
        "QFV-705",
        f"{text}: {wrong}" if wrong else text,
        expected="http(s)://HOST/api/v1/, by a name that pods can resolve",
        evidence=["services"],
    )


def url_mistake(text: str) -> str:
    """What is wrong with a URL for a pod; "" if nothing.

    >>> url_mistake("http://localhost:8000/api/v1/")
    'in a pod localhost is the pod itself'
    """
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https"):
        return "it has no http:// or https://"
    host = parts.hostname or ""
    if not host:
        return "it has no host"
    if host.startswith(_HERE):
        return f"in a pod {host} is the pod itself"
    if parts.username or parts.password:
        return "it holds a password"
    return "" if text.endswith("/api/v1/") else "it does not end in /api/v1/"


@judges("QFV-706")
def timeouts(facts: Facts) -> Iterator[Result]:
    """Waiting, running and keeping, against one another."""
    _values(facts)
    settings = facts.settings()
    run_s = int(facts.given.rendered.limits.get("WORKER_TIMEOUT_S") or 600)
    odd = []
    if run_s < 60:
        odd.append(f"WORKER_TIMEOUT_S={run_s}: less than QGIS takes to start and save")
    for name, label in (
        ("schedule_timeout_s", "SCHEDULE_TIMEOUT_S"),
        ("start_timeout_s", "START_TIMEOUT_S"),
    ):
        if int(settings.get(name) or 0) > max(run_s, 600):
            odd.append(
                f"QFIELDCLOUD_K8S_{label}={settings[name]}: longer than a job may "
                f"run ({run_s} s), and the cron reaps it meanwhile"
            )
    if int(settings.get("ttl_s") or 3600) < 300:
        odd.append(
            f"QFIELDCLOUD_K8S_TTL_S={settings['ttl_s']}: a wrapper that starts anew "
            "may find the ended worker's log gone"
        )
    if int(settings.get("node_lost_s") or 0) > run_s:
        odd.append(
            f"QFIELDCLOUD_K8S_NODE_LOST_S={settings['node_lost_s']}: a lost node is "
            f"noticed after the job's time-out ({run_s} s)"
        )
    yield judged(not odd, "QFV-706", "; ".join(odd) or f"jobs may run {run_s} s")


@judges("QFV-707")
def backend(facts: Facts) -> Iterator[Result]:
    """As it stands in the file, not as a default."""
    values = _values(facts)
    chosen = facts.given.rendered.settings.get("backend")
    namespace = str(facts.settings().get("namespace"))
    wrong = []
    if chosen != "kubernetes":
        wrong.append(
            f"QFIELDCLOUD_WORKER_BACKEND={values.get('QFIELDCLOUD_WORKER_BACKEND', '')}"
            f" is {chosen}"
        )
    if namespace != facts.given.namespace:
        wrong.append(
            f"QFIELDCLOUD_K8S_NAMESPACE is {namespace}, and {facts.given.namespace} "
            "is validated"
        )
    yield judged(not wrong, "QFV-707", "; ".join(wrong) or f"kubernetes in {namespace}")
