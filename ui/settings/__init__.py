"""The settings page: one searchable page a group, and what is stored where."""
