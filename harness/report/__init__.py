"""What a person sees: one model, and its writers."""
