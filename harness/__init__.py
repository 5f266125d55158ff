"""A test harness for QFieldCloud worker wrappers, on Docker and on Kubernetes."""
