"""On a real Docker Engine, on real kind: each test is asked for by its environment."""
