"""The scheduler: which node a pod goes to, and why it goes to none.

Not modelled: preemption, pod (anti-)affinity and topology spread (refused at create),
scores other than free capacity.
"""
