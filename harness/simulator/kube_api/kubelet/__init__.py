"""The kubelet: runs a node's pods as real processes and reports what becomes of them.

`kubelet.py` follows a node's pods, `pod.py` is the life of one, `container.py` that
of a container. Not modelled: probes and hooks (refused at create), updates
of mounted Secrets and ConfigMaps, token rotation, pressure evictions.
"""
