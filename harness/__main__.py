"""``python -m harness`` is ``qfc-harness``."""

from .cli import main

main()
