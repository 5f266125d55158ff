"""Files of a project over the API."""

import hashlib
from uuid import uuid4

import pytest
from qfieldcloud.core.models import Job, Project, UserAccount

NAMES = [
    "trees.gpkg",
    "DCIM/photo 1.jpg",
    "größe/Bäume.csv",
    "$(HOME)",
    "-rf",
    "a%20b+c&d='e'.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_stored_listed_sent_and_deleted(served, name):
    """Names that shells, URLs or HTTP headers could trip over."""
    arranged = served.arrange(user={"username": "names"}, project={"name": uuid4().hex})
    token, project = arranged["token"], arranged["project_id"]
    path = f"files/{project}/{name.replace('%', '%25')}/"
    sent = served.api("POST", path, token, files={"file": ("any", b"content")})
    assert sent.status_code == 201, sent.text
    listed = served.api("GET", f"files/{project}/", token).json()
    assert [file["name"] for file in listed] == [name]
    assert served.api("GET", path, token).content == b"content"
    assert served.api("DELETE", path, token).status_code == 200
    assert served.api("GET", path, token).status_code == 404


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", "./a"])
def test_a_name_that_leaves_its_project_is_refused(owner, project, name):
    """400 or 404, and nothing is stored anywhere."""
    response = owner.upload(f"files/{project.pk}/{name}/")
    assert response.status_code in (400, 404)
    assert owner("GET", f"files/{project.pk}/").json() == []


def test_the_list_tells_all_about_a_file(owner, project):
    """Sums of the latest version, and every version."""
    path = f"files/{project.pk}/a.txt/"
    for content in (b"one", b"three"):
        owner.upload(path, content)
    (file,) = owner("GET", f"files/{project.pk}/").json()
    assert file["size"] == 5
    assert file["md5sum"] == file["etag"] == hashlib.md5(b"three").hexdigest()
    assert file["sha256"] == hashlib.sha256(b"three").hexdigest()
    assert file["is_attachment"] is False
    sizes = [(version["size"], version["is_latest"]) for version in file["versions"]]
    assert sizes == [(5, True), (3, False)]
    assert file["version_id"] == file["versions"][0]["version_id"]


@pytest.mark.parametrize(
    ("details", "attachment"),
    [
        (None, True),
        ({"attachment_dirs": ["DCIM"]}, True),
        ({"attachment_dirs": ["photos"]}, False),
    ],
)
def test_attachments_are_told_by_their_directory(owner, project, details, attachment):
    """By the project's details, or DCIM."""
    Project.objects.filter(pk=project.pk).update(project_details=details)
    owner.upload(f"files/{project.pk}/DCIM/1.jpg/")
    (file,) = owner("GET", f"files/{project.pk}/").json()
    assert file["is_attachment"] is attachment


def test_an_older_version_can_be_had_and_deleted(owner, project):
    """By its id; the others stay."""
    path = f"files/{project.pk}/a.txt/"
    for content in (b"one", b"two", b"three"):
        owner.upload(path, content)
    (file,) = owner("GET", f"files/{project.pk}/").json()
    second = file["versions"][1]["version_id"]
    response = owner("GET", f"{path}?version={second}")
    assert b"".join(response.streaming_content) == b"two"
    response.close()
    assert owner("DELETE", path, x_file_version=second).status_code == 200
    (file,) = owner("GET", f"files/{project.pk}/").json()
    assert [version["size"] for version in file["versions"]] == [5, 3]
    for gone in (second, "odd"):
        assert owner("GET", f"{path}?version={gone}").status_code == 404


def test_old_versions_are_dropped(owner, project, storage):
    """storage_keep_versions are left, on disk too."""
    Project.objects.filter(pk=project.pk).update(storage_keep_versions=2)
    for number in range(4):
        owner.upload(f"files/{project.pk}/a.txt/", b"x" * number)
    (file,) = owner("GET", f"files/{project.pk}/").json()
    assert [version["size"] for version in file["versions"]] == [3, 2]
    assert len(list(storage.glob("versions/*/*"))) == 2


def test_a_users_qgis_file_is_processed(owner, project):
    """The project takes its name, and a job waits; an upload of data makes none."""
    Project.objects.filter(pk=project.pk).update(the_qgis_file_name=None)
    owner.upload(f"files/{project.pk}/data.gpkg/")
    assert not Job.objects.exists()
    owner.upload(f"files/{project.pk}/Bäume.QGZ/")
    project.refresh_from_db()
    assert project.the_qgis_file_name == "Bäume.QGZ"
    assert project.data_last_updated_at is not None
    (job,) = Job.objects.all()
    assert (job.type, job.status) == ("process_projectfile", "pending")
    assert job.created_by == project.owner


def test_a_workers_qgis_file_is_not_processed(worker, project):
    """A job that uploads the project must not start the next one."""
    worker.upload(f"files/{project.pk}/trees.qgs/")
    assert not Job.objects.exists()


def test_a_second_qgis_file_is_refused(owner, project):
    """A project has one; the same name again is a new version."""
    assert owner.upload(f"files/{project.pk}/trees.qgs/").status_code == 201
    assert owner.upload(f"files/{project.pk}/trees.qgs/").status_code == 201
    response = owner.upload(f"files/{project.pk}/other.qgs/")
    assert (response.status_code, response.json()["code"]) == (400, "multiple_projects")


def test_without_its_qgis_file_a_project_has_no_details(owner, project):
    """Deleting the last version clears name and details."""
    path = f"files/{project.pk}/trees.qgs/"
    owner.upload(path)
    owner("DELETE", path)
    project.refresh_from_db()
    assert (project.the_qgis_file_name, project.project_details) == (None, None)


def test_an_account_without_room_is_a_402(owner, worker, project, user):
    """For users and workers alike; deleting makes room again."""
    UserAccount.objects.create(user=user, storage_quota_bytes=10)
    path = f"files/{project.pk}/a.txt/"
    assert owner.upload(path, b"123456").status_code == 201
    for caller in (owner, worker):
        response = caller.upload(f"files/{project.pk}/b.txt/", b"12345")
        assert (response.status_code, response.json()["code"]) == (402, "over_quota")
    owner("DELETE", path)
    assert owner.upload(f"files/{project.pk}/b.txt/", b"12345").status_code == 201


def test_an_upload_without_file_is_a_400(owner, project):
    """The multipart field is named ``file``."""
    response = owner("POST", f"files/{project.pk}/a.txt/", {"other": "x"})
    assert (response.status_code, response.json()["code"]) == (400, "empty_content")


@pytest.mark.parametrize(
    ("public", "read"), [(False, 403), (True, 200)], ids=["private", "public"]
)
def test_what_a_stranger_may(owner, stranger, project, public, read):
    """Read what is public; never write."""
    path = f"files/{project.pk}/a.txt/"
    owner.upload(path)
    Project.objects.filter(pk=project.pk).update(is_public=public)
    assert stranger("GET", f"files/{project.pk}/").status_code == read
    response = stranger("GET", path)
    assert response.status_code == read
    response.close()
    assert stranger.upload(path).status_code == 403
    assert stranger("DELETE", path).status_code == 403


def test_a_project_that_is_not_there_is_a_404(owner):
    """And not a 403."""
    assert owner("GET", f"files/{uuid4()}/").status_code == 404


def test_a_failed_upload_leaves_no_bytes(owner, project, storage, monkeypatch):
    """When the row can't be written the file goes too."""
    from qfieldcloud.filestorage import files

    def fail(*_args):
        raise RuntimeError("database gone")

    monkeypatch.setattr(files, "_number", fail)
    assert owner.upload(f"files/{project.pk}/a.txt/").status_code == 500
    assert not list(storage.glob("versions/*/*"))
