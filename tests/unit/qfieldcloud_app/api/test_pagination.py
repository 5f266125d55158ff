"""Pages, as the SDK walks through them."""

import pytest
from qfieldcloud.core.models import Project
from qfieldcloud_sdk import sdk


@pytest.fixture
def many(user):
    for number in range(7):
        Project.objects.create(owner=user, name=f"p{number}")


@pytest.mark.parametrize(
    ("query", "names", "following", "previous"),
    [
        ("", "0123456", None, None),
        ("?limit=3", "012", "limit=3&offset=3", None),
        ("?limit=3&offset=3", "345", "limit=3&offset=6", "limit=3&offset=0"),
        ("?limit=3&offset=6", "6", None, "limit=3&offset=3"),
        ("?limit=9&offset=9", "", None, "limit=9&offset=0"),
    ],
)
def test_a_page_and_its_neighbours(owner, many, query, names, following, previous):
    """Total, next and previous page are in the headers."""
    response = owner("GET", f"projects/{query}")
    assert [p["name"] for p in response.json()] == [f"p{n}" for n in names]
    assert response["X-Total-Count"] == "7"
    for header, part in (("X-Next-Page", following), ("X-Previous-Page", previous)):
        assert (part is None) is (header not in response)
        assert part is None or response[header].endswith(part)


def test_the_next_page_keeps_the_other_parameters(owner, many):
    """include-public is still there on page two."""
    response = owner("GET", "projects/?include-public=1&limit=2")
    assert "include-public=1" in response["X-Next-Page"]


@pytest.mark.parametrize("query", ["limit=x", "offset=-1", "limit=²"])
def test_an_odd_number_is_a_400(owner, many, query):
    """And not an empty page."""
    assert owner("GET", f"projects/?{query}").status_code == 400


def test_the_sdk_gets_all_pages(served):
    """Its default limit is 20: with 45 projects it takes three requests."""
    for number in range(45):
        arranged = served.arrange(
            user={"username": "many"}, project={"name": f"p{number:02}"}
        )
    client = sdk.Client(served.url, token=arranged["token"])
    names = [project["name"] for project in client.list_projects()]
    assert names == [f"p{number:02}" for number in range(45)]
    page = client.list_projects(pagination=sdk.Pagination(limit=5, offset=10))
    assert [project["name"] for project in page] == names[10:15]
