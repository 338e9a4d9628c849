-- One index with random keys in place of two: the same example has the same question, so its digest is looked for beside
-- that, and half as long (an import of a million lines is bound by the pages that it touches). A UNIQUE column can't be
-- dropped, so the table is written anew; dropping the old one would take the rows that refer to it along.

CREATE TEMP TABLE kept_run_examples AS SELECT * FROM run_examples;
DELETE FROM run_examples;

CREATE TABLE new_examples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instruction TEXT NOT NULL,
    output TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'held_out', 'trained', 'rejected', 'excluded')),
    metadata TEXT NOT NULL DEFAULT '{}',
    message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL,
    history TEXT NOT NULL DEFAULT '[]',
    question INTEGER NOT NULL DEFAULT 0,
    flags TEXT NOT NULL DEFAULT '',
    review INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT ''
);

INSERT INTO new_examples
    SELECT id, instruction, output, source, state, metadata, message_id, substr(digest, 1, 16), created_at, history,
           question, flags, review, reason, version
    FROM examples ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'new_examples';
INSERT INTO sqlite_sequence SELECT 'new_examples', seq FROM sqlite_sequence WHERE name = 'examples';

DROP TABLE examples;
ALTER TABLE new_examples RENAME TO examples;

CREATE INDEX examples_state ON examples (state, review, id);
CREATE INDEX examples_message ON examples (message_id) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX examples_question ON examples (question, digest);

CREATE TRIGGER examples_come AFTER INSERT ON examples BEGIN
    UPDATE example_counts SET many = many + 1 WHERE state = NEW.state AND review = NEW.review;
END;

CREATE TRIGGER examples_go AFTER DELETE ON examples BEGIN
    UPDATE example_counts SET many = many - 1 WHERE state = OLD.state AND review = OLD.review;
END;

CREATE TRIGGER examples_move AFTER UPDATE OF state, review ON examples BEGIN
    UPDATE example_counts SET many = many - 1 WHERE state = OLD.state AND review = OLD.review;
    UPDATE example_counts SET many = many + 1 WHERE state = NEW.state AND review = NEW.review;
END;

INSERT INTO run_examples SELECT * FROM kept_run_examples;
DROP TABLE kept_run_examples;
