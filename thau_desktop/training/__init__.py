"""How THAU learns: what comes in as examples, and what becomes of it."""
