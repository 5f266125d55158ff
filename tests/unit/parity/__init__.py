"""Facts of cells, and their comparison."""
