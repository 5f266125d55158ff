"""Thin: each reads its request, asks the engine, and shows what came of it."""
