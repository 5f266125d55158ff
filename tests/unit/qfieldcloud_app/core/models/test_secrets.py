"""Secrets by the two ways in which wrappers read them."""

from qfieldcloud.core.models import Project, Secret


def test_old_and_new_wrappers_see_the_same_secrets(user, project):
    """``project.secrets`` and ``for_user_and_project`` hold the project's own only."""
    other = Project.objects.create(owner=user, name="other")
    for owner, name in ((project, "TOKEN"), (project, "ANOTHER"), (other, "THEIRS")):
        Secret.objects.create(
            project=owner, name=name, type="envvar", value=name, created_by=user
        )
    newer = Secret.objects.for_user_and_project(user, project)
    assert [secret.value for secret in newer] == ["ANOTHER", "TOKEN"]
    assert {secret.name for secret in project.secrets.all()} == {"ANOTHER", "TOKEN"}
