"""One scenario on both backends, field by field, and the facts that are compared."""
