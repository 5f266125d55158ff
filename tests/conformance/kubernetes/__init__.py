"""What Kubernetes 1.34 answers, and whether the simulator answers the same."""
