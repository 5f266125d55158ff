"""The commands as a user gives them: what they say, their exit codes, what is left."""
