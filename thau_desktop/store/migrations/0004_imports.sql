-- Where imported conversations came from, so that none is imported twice. Purging a conversation forgets it.

CREATE TABLE imports (
    source TEXT PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    imported_at TEXT NOT NULL
);

CREATE INDEX imports_conversation ON imports (conversation_id);
