-- What a training needs to know about an example: what was said before it, what a person should look at, what became
-- of it. `question` is a fingerprint of all that asks: equal ones are the same question in other letters. `review` is 1
-- while a person has to allow it. The triggers keep the counts, because counting a million rows takes 100 ms.

ALTER TABLE examples ADD COLUMN history TEXT NOT NULL DEFAULT '[]';
ALTER TABLE examples ADD COLUMN question INTEGER NOT NULL DEFAULT 0;
ALTER TABLE examples ADD COLUMN flags TEXT NOT NULL DEFAULT '';
ALTER TABLE examples ADD COLUMN review INTEGER NOT NULL DEFAULT 0;
ALTER TABLE examples ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE examples ADD COLUMN version TEXT NOT NULL DEFAULT '';

UPDATE examples SET question = fingerprint(instruction);

DROP INDEX examples_state;
CREATE INDEX examples_state ON examples (state, review, id);
CREATE INDEX examples_question ON examples (question);

CREATE TABLE example_counts (
    state TEXT NOT NULL,
    review INTEGER NOT NULL,
    many INTEGER NOT NULL,
    PRIMARY KEY (state, review)
) WITHOUT ROWID;

INSERT INTO example_counts
    SELECT column1, column2, (SELECT count(*) FROM examples WHERE state = column1 AND review = column2)
    FROM (VALUES ('pending', 0), ('held_out', 0), ('trained', 0), ('rejected', 0), ('excluded', 0),
                 ('pending', 1), ('held_out', 1), ('trained', 1), ('rejected', 1), ('excluded', 1));

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
