"""What a model may do besides talking: a registry of typed functions, and the functions."""
