-- What was drawn or imported. `file` is a name in the folder of pictures, or in its trash while `deleted_at` is set.
-- AUTOINCREMENT: an id is never used twice, so a conversation's old link can't show another picture.

CREATE TABLE pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL UNIQUE,
    prompt TEXT NOT NULL DEFAULT '',
    negative_prompt TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    guidance REAL NOT NULL DEFAULT 0,
    seed INTEGER NOT NULL DEFAULT 0,
    scheduler TEXT NOT NULL DEFAULT '',
    parameters TEXT NOT NULL DEFAULT '{}',
    source TEXT NOT NULL DEFAULT 'gallery'
        CHECK (source IN ('chat', 'gallery', 'cli', 'api', 'import', 'adopted')),
    parent_id INTEGER REFERENCES pictures (id) ON DELETE SET NULL,
    conversation_id INTEGER REFERENCES conversations (id) ON DELETE SET NULL,
    message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)),
    bytes INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE INDEX pictures_order ON pictures (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pictures_favourites ON pictures (created_at, id) WHERE favourite = 1 AND deleted_at IS NULL;
CREATE INDEX pictures_trash ON pictures (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX pictures_models ON pictures (model, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pictures_sizes ON pictures (width, height, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX pictures_parent ON pictures (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX pictures_conversation ON pictures (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX pictures_message ON pictures (message_id) WHERE message_id IS NOT NULL;

CREATE VIRTUAL TABLE pictures_fts USING fts5 (
    prompt, content = 'pictures', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
CREATE TRIGGER pictures_fts_insert AFTER INSERT ON pictures BEGIN
    INSERT INTO pictures_fts (rowid, prompt) VALUES (new.id, new.prompt);
END;
CREATE TRIGGER pictures_fts_delete AFTER DELETE ON pictures BEGIN
    INSERT INTO pictures_fts (pictures_fts, rowid, prompt) VALUES ('delete', old.id, old.prompt);
END;
CREATE TRIGGER pictures_fts_update AFTER UPDATE OF prompt ON pictures WHEN old.prompt IS NOT new.prompt BEGIN
    INSERT INTO pictures_fts (pictures_fts, rowid, prompt) VALUES ('delete', old.id, old.prompt);
    INSERT INTO pictures_fts (rowid, prompt) VALUES (new.id, new.prompt);
END;

-- Counts every change of the table above, so that what was read of it can be kept until then.
CREATE TABLE pictures_changes (many INTEGER NOT NULL);
INSERT INTO pictures_changes VALUES (0);
CREATE TRIGGER pictures_changes_insert AFTER INSERT ON pictures BEGIN
    UPDATE pictures_changes SET many = many + 1;
END;
CREATE TRIGGER pictures_changes_delete AFTER DELETE ON pictures BEGIN
    UPDATE pictures_changes SET many = many + 1;
END;
CREATE TRIGGER pictures_changes_update AFTER UPDATE ON pictures BEGIN
    UPDATE pictures_changes SET many = many + 1;
END;
