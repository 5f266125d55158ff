"""The migration guide's commands, run step by step."""
