-- What the model is to learn. `digest` is of instruction and output: the same pair is kept once.

CREATE TABLE examples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instruction TEXT NOT NULL,
    output TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'held_out', 'trained', 'rejected', 'excluded')),
    metadata TEXT NOT NULL DEFAULT '{}',
    message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);

CREATE INDEX examples_state ON examples (state, id);
CREATE INDEX examples_message ON examples (message_id) WHERE message_id IS NOT NULL;
