-- A person's own personas, and the built-in ones that a person changed. NULL: the chat settings decide.

CREATE TABLE personas (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    system_prompt TEXT NOT NULL,
    temperature REAL,
    top_p REAL,
    top_k INTEGER,
    max_new_tokens INTEGER,
    updated_at TEXT NOT NULL
);
