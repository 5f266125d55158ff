"""The programs in a pod, without one."""
