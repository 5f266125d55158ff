"""The simulated Kubernetes 1.34: API server, controllers, scheduler and kubelet.

Start reading in `server.py`. Each part knows the store and not the others.
"""
