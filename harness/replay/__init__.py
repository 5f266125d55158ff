"""What happens: rows arranged, the job run, events meanwhile, all of it observed."""
