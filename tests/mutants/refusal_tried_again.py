"""Tries again what the API refuses for want of a right."""

from worker_wrapper import kube_client
from worker_wrapper.wrapper import *  # noqa: F403

kube_client.PASSING = kube_client.PASSING | {403}
