"""A recording proxy between a subject and its backend's API; it knows neither."""
