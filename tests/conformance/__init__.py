"""The same test bodies against the simulator and against the real thing."""
