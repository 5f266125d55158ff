"""Who answers the subject: a simulator, a Docker Engine, a Kubernetes cluster."""
