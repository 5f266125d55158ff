"""The project as a whole: its tools, its generated files, its pages."""
