"""The controllers: each reads and writes the store and knows none of the others.

Not modelled: Deployments and other workloads than Jobs, disruption budgets, volume
expansion, token cleaning, the garbage collection of pods whose node is gone.
"""
