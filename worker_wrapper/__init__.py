"""QFieldCloud's worker wrapper, for the Docker Engine and for Kubernetes.

It takes a job row, runs the worker's container, and writes the outcome back. The
setting ``QFIELDCLOUD_WORKER_BACKEND`` chooses who runs the container.
"""
