"""Pictures: from a request to a file and its record."""
