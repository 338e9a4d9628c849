"""The command line, `thau …`: a module for each command, `main` for the exit status, `output` for writing."""
