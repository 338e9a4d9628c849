"""The SQLite file where the three faces meet: one module a table family, plain SQL."""
