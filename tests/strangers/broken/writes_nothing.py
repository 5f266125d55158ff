"""A first draft that was never finished."""


class PackageJobRun:
    def __init__(self, job_id):
        self.job_id = job_id

    def run(self):
        pass


def cancel_orphaned_workers(): ...
