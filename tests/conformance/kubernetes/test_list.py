"""get and list: selectors, pages, revisions, other forms of the answer."""

import pytest

pytestmark = pytest.mark.recorded("kubernetes-1.34")

SELECTORS = {
    "in-cut": "labelSelector=a%20in",
    "twice": "labelSelector=a=b=c",
    "open": "labelSelector=a%20in%20(x",
    "bang": "labelSelector=!",
    "operator": "labelSelector=a%20foo%20(b)",
    "key": "labelSelector=-a=b",
    "space": "labelSelector=a=b%20c",
    "greater": "labelSelector=a%3Ex",
    "value": "labelSelector=a=@",
    "comma": "labelSelector=,",
    "two-commas": "labelSelector=a,,b",
    "long-key": "labelSelector=" + "x" * 64,
    "field-unknown": "fieldSelector=spec.nope=1",
    "field-cut": "fieldSelector=a",
    "limit": "limit=abc",
    "continue": "continue=abc",
    "continue-and-version": "continue=abc&resourceVersion=5",
    "version": "resourceVersion=abc",
    "match-alone": "resourceVersionMatch=Exact",
    "match-unknown": "resourceVersion=1&resourceVersionMatch=Nope",
    "match-zero": "resourceVersion=0&resourceVersionMatch=Exact",
    "timeout": "timeoutSeconds=x",
}


@pytest.mark.parametrize("case", SELECTORS)
def test_bad_query(server, see, case):
    """What doesn't parse is 400 or 422, with the parser's words."""
    answer = server("GET", f"/api/v1/namespaces/default/pods?{SELECTORS[case]}")
    see("list", [answer.status, answer.body])


def _three(space):
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2", "y": ""}), ("c", {})):
        space.create("configmaps", {"metadata": {"name": name, "labels": labels}})


@pytest.mark.parametrize(
    "selector",
    [
        "x",
        "!x",
        "x=1",
        "x!=1",
        "x in (1,2)",
        "x notin (1)",
        "x>1",
        "x<2",
        "y=",
        "x,y",
        "x=1,x=2",
        "",
    ],
)
def test_labels(space, see, selector):
    """A label selector takes what its terms all hold for."""
    _three(space)
    query = "labelSelector=" + selector.replace(" ", "%20").replace(">", "%3E")
    items = space("GET", "configmaps", query=query.replace("<", "%3C")).body["items"]
    names = [item["metadata"]["name"] for item in items]
    see("names", [name for name in names if name != "kube-root-ca.crt"])


def test_pages(space, see):
    """limit makes pages; the token leads on, at the same revision."""
    _three(space)
    first = space("GET", "configmaps", query="limit=2").body
    meta = first["metadata"]
    see("first", [i["metadata"]["name"] for i in first["items"]])
    see("more", [bool(meta["continue"]), meta["remainingItemCount"]])
    space.create("configmaps", {"metadata": {"name": "bb"}})
    query = f"limit=2&continue={meta['continue']}"
    second = space("GET", "configmaps", query=query).body
    see("second", [i["metadata"]["name"] for i in second["items"]])
    same = second["metadata"]["resourceVersion"] == meta["resourceVersion"]
    see("same revision", same)
    see("last", sorted(second["metadata"]))


def test_revisions(space, see):
    """Exact shows the past, the future is 504 after three seconds."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    then = space("GET", "configmaps").body["metadata"]["resourceVersion"]
    space.create("configmaps", {"metadata": {"name": "b"}})
    for match in ("Exact", "NotOlderThan"):
        query = f"resourceVersion={then}&resourceVersionMatch={match}"
        found = space("GET", "configmaps", query=query).body
        see(match, [i["metadata"]["name"] for i in found["items"]])
    zero = space("GET", "configmaps", query="resourceVersion=0")
    see("zero", zero.status)
    future = space("GET", "configmaps", query="resourceVersion=9999999999")
    see("future", [future.status, future.headers.get("Retry-After")])
    text = future.body["message"]
    see("text", text[: text.index("current") + 8])
    see("cause", future.body["details"])


def test_list_form(space, see):
    """A list's items don't say what they are; the list does."""
    space.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    answer = space("GET", "configmaps", query="fieldSelector=metadata.name=a")
    body = answer.body
    body["metadata"].pop("resourceVersion")  # moves by itself
    see("list", [answer.status, body])


@pytest.mark.parametrize("form", ["PartialObjectMetadata", "PartialObjectMetadataList"])
def test_partial(space, see, form):
    """Metadata alone, where it is asked for."""
    space.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    headers = {"Accept": f"application/json;as={form};g=meta.k8s.io;v=v1"}
    name = "a" if form == "PartialObjectMetadata" else ""
    query = "" if name else "fieldSelector=metadata.name=a"
    answer = space("GET", "configmaps", name, headers=headers, query=query)
    body = answer.body
    body["metadata"].pop("resourceVersion")  # of a list: moves by itself
    see("get", [answer.status, body])


@pytest.mark.parametrize("form", ["PartialObjectMetadataList", ""])
def test_empty(space, see, form):
    """Nothing is [] in a list of objects, and null in one of metadata alone."""
    accept = f"application/json;as={form};g=meta.k8s.io;v=v1" if form else "*/*"
    answer = space("GET", "jobs", headers={"Accept": accept})
    see("items", [answer.status, answer.body["kind"], answer.body["items"]])


@pytest.mark.parametrize(
    "plural",
    [
        *("pods", "jobs", "secrets", "configmaps", "serviceaccounts", "events"),
        *("persistentvolumeclaims", "resourcequotas", "limitranges", "roles"),
        *("rolebindings", "leases"),
    ],
)
def test_table(space, see, plural):
    """The columns that kubectl prints."""
    headers = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    found = space("GET", plural, headers=headers).body
    columns = [
        [c["name"], c["type"], c["format"], c["priority"]]
        for c in found["columnDefinitions"]
    ]
    see("columns", columns)


def test_missing(space, see):
    """What isn't there is 404, with the resource's name and group."""
    see("pod", space("GET", "pods", "nope"))
    see("job", space("GET", "jobs", "nope"))
    see("namespace", space.server("GET", "/api/v1/namespaces/nope"))
