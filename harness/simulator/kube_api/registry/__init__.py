"""How objects of each kind are defaulted, prepared and validated when written."""
