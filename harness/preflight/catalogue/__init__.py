"""What is checked, as data: one file for each category."""
