"""How far the simulator and the real thing agree: the same scenarios on both."""
