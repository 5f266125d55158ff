"""The simulator beside the real thing."""
