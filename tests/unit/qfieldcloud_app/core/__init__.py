"""Models, triggers and the reaper."""
