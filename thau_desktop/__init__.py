"""THAU Desktop's core: everything the window, the command line and the HTTP API share. No Qt here."""

__version__ = "0.1.0"
