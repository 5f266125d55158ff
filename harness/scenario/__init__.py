"""What should happen: scenario files, their schema, and the cells made of them."""
