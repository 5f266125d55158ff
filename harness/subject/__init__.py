"""Which wrapper: finding its classes, and running it in a process of its own."""
