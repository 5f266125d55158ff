"""Environments, without a real one."""
