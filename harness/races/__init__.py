"""Jobs, replicas, sweeps and crashes in any order, and what became of the jobs."""
