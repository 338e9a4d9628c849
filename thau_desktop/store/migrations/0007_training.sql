-- Trainings and what came of them. A version is a base model with an adapter; version 1 of a size is the bare base and
-- has no row. `writer_…` name the process that trains: a run whose writer is gone was interrupted.

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL
        CHECK (state IN ('running', 'promoted', 'rejected', 'skipped', 'stopped', 'failed')),
    stage TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL DEFAULT '',
    base TEXT NOT NULL DEFAULT '',
    incumbent TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    recipe TEXT NOT NULL DEFAULT '{}',
    folder TEXT NOT NULL DEFAULT '',
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    loss REAL,
    tokens_per_second REAL,
    reasons TEXT NOT NULL DEFAULT '[]',
    scores TEXT NOT NULL DEFAULT '{}',
    writer_pid INTEGER,
    writer_started REAL,
    started_at TEXT NOT NULL,
    ended_at TEXT
);

CREATE INDEX runs_state ON runs (state);

CREATE TABLE run_examples (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    example_id INTEGER NOT NULL REFERENCES examples (id) ON DELETE CASCADE,
    PRIMARY KEY (run_id, example_id)
) WITHOUT ROWID;

CREATE TABLE versions (
    name TEXT PRIMARY KEY,
    size TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 1),
    base TEXT NOT NULL,
    base_digest TEXT NOT NULL,
    parent TEXT NOT NULL,
    folder TEXT NOT NULL,
    run_id INTEGER REFERENCES runs (id) ON DELETE SET NULL,
    data_digest TEXT NOT NULL DEFAULT '',
    learned INTEGER NOT NULL DEFAULT 0,
    scores TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    UNIQUE (size, number)
);
