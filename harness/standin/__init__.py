"""What stands in for QFieldCloud: its database, its application, its processes."""
