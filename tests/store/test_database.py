"""The database file: nothing sent is lost, and what can't be used is told in a sentence."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.store.conftest import Process
from thau_desktop.errors import DiskFull, NewerDatabase, StoreError
from thau_desktop.messages import Text
from thau_desktop.store import schema
from thau_desktop.store.backup import backup_now, backups
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples


def test_a_new_database_has_every_migration_and_no_backup(database: Database) -> None:
    assert schema.version(database.connection()) == schema.newest() >= 3
    assert database.problems == []
    assert backups(database.backups) == []
    assert database.connection().execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_sent_message_survives_kill_9(tmp_path: Path, process: Process) -> None:
    path = tmp_path / "thau.db"
    child = process(
        str(path),
        "database.open(); one = conversations.create('a')\n"
        "conversations.add_message(one.id, 'user', (Text('do not lose me'),))\n"
        "conversations.add_message(one.id, 'assistant', (Text('partial'),), state='streaming')\n"
        "print('written', flush=True); sys.stdin.read()",
    )
    assert child.stdout and child.stdout.readline() == "written\n"
    os.kill(child.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    child.wait()
    with Database(path) as database:
        conversations = Conversations(database)
        assert database.problems == []
        assert conversations.interrupt_orphans() == 1
        [one] = conversations.list()
        assert [(message.text, message.state) for message in conversations.path(one.id)] == [
            ("do not lose me", "complete"),
            ("partial", "interrupted"),
        ]


def test_a_transaction_cut_by_kill_9_leaves_nothing(tmp_path: Path, process: Process) -> None:
    path = tmp_path / "thau.db"
    child = process(
        str(path),
        "database.open(); conversations.create('kept')\n"
        "with database.transaction():\n"
        "    conversations.create('half'); print('inside', flush=True); sys.stdin.read()",
    )
    assert child.stdout and child.stdout.readline() == "inside\n"
    child.kill()
    child.wait()
    with Database(path) as database:
        assert [one.title for one in Conversations(database).list()] == ["kept"]


def test_a_change_in_another_process_is_seen(database: Database, process: Process) -> None:
    before = database.data_version()
    child = process(str(database.path), "database.open(); conversations.create('theirs'); database.close()")
    assert child.wait() == 0
    assert database.data_version() != before
    assert [one.title for one in Conversations(database).list()] == ["theirs"]


def test_a_change_in_this_thread_or_another_is_seen_and_reading_is_none(database: Database) -> None:
    conversations = Conversations(database)
    versions = [database.data_version()]
    conversations.create("mine")
    versions.append(database.data_version())
    thread = threading.Thread(target=conversations.create, args=("another thread's",))
    thread.start()
    thread.join()
    versions.append(database.data_version())
    assert len(set(versions)) == 3
    conversations.list()
    assert database.data_version() == versions[-1]


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path, process: Process) -> None:
    path = tmp_path / "thau.db"
    script = "database.open()\nfor n in range(100): conversations.create(f'{os.getpid()} {n}')\ndatabase.close()"
    children = [process(str(path), script) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    with Database(path) as database:
        assert len({one.title for one in Conversations(database).list()}) == 200


def test_threads_share_the_database_and_close_reaches_all_of_them(tmp_path: Path) -> None:
    database = Database(tmp_path / "thau.db").open()
    conversations = Conversations(database)
    ready, done = threading.Barrier(5), threading.Event()

    def work(number: int) -> None:
        conversations.create(str(number))
        ready.wait()
        done.wait()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    ready.wait()
    assert len(conversations.list()) == 4
    done.set()
    for thread in threads:
        thread.join()
    database.close()
    database.close()
    assert not Path(f"{database.path}-wal").exists()  # SQLite removes it with the last connection
    with pytest.raises(StoreError):
        conversations.list()


def test_many_short_threads_do_not_pile_up_connections(database: Database) -> None:
    for _ in range(50):
        thread = threading.Thread(target=database.connection)
        thread.start()
        thread.join()
    assert len(database._connections) < 10


def test_a_transaction_is_all_or_nothing_and_may_be_nested(database: Database) -> None:
    conversations = Conversations(database)
    with pytest.raises(RuntimeError), database.transaction():
        conversations.create("one")
        with database.transaction():
            conversations.create("two")
        raise RuntimeError
    assert conversations.list() == []
    with database.transaction():
        conversations.create("three")
    assert [one.title for one in conversations.list()] == ["three"]


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(database: Database) -> None:
    conversations = Conversations(database)
    one = conversations.create("kept")
    pages = database.connection().execute("PRAGMA page_count").fetchone()[0]
    database.connection().execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(DiskFull, match=r"thau\.db"):
        conversations.add_message(one.id, "user", (Text("x" * 1_000_000),))
    assert conversations.get(one.id).leaf_id is None
    database.connection().execute(f"PRAGMA max_page_count = {pages + 5000}")
    conversations.add_message(one.id, "user", (Text("x" * 1_000_000),))
    assert len(conversations.path(one.id)[0].text) == 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
def test_a_disk_that_takes_no_more_bytes_loses_nothing(tmp_path: Path, process: Process) -> None:
    path = tmp_path / "thau.db"
    child = process(
        str(path),
        "import resource; database.open(); one = conversations.create('kept')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); sent = 0\n"
        "try:\n"
        "    for sent in range(1000):\n"
        "        conversations.add_message(one.id, 'user', (Text(f'{sent} ' + os.urandom(2000).hex()),))\n"
        "except (StoreError, DiskFull) as error: print(sent, flush=True)\n"
        "os._exit(0)",
    )
    sent = int(child.communicate()[0])
    assert 0 < sent < 1000
    with Database(path) as database:
        conversations = Conversations(database)
        [one] = conversations.list()
        assert database.problems == []
        assert [message.text.split()[0] for message in conversations.path(one.id)] == [str(n) for n in range(sent)]


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "thau.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE from_the_future (a)")
    connection.execute("PRAGMA user_version = 900")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match="newer"):
        Database(path).open()
    assert path.read_bytes() == before


def test_a_newer_database_with_a_schema_we_can_not_read_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "thau.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE strange (a)")
    connection.execute("PRAGMA user_version = 900")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE strange (a) FUTURE SYNTAX'")
    connection.commit()
    connection.close()
    with pytest.raises(NewerDatabase):
        Database(path).open()
    assert not list(tmp_path.glob("*damaged*"))


def test_an_old_database_is_backed_up_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thau.db"
    with Database(path) as database:
        Conversations(database).create("old")
    steps = schema.migrations()
    extra = tmp_path / "9999.sql"
    extra.write_text("-- new; with a semicolon\nALTER TABLE conversations ADD COLUMN colour TEXT;\n")
    monkeypatch.setattr(schema, "migrations", lambda *_: {**steps, len(steps) + 1: extra})
    with Database(path) as database:
        assert database.rows("SELECT title, colour FROM conversations")[0]["title"] == "old"
        [kept] = backups(database.backups)
    connection = sqlite3.connect(kept.path)
    assert kept.kind == "migration" and schema.version(connection) == len(steps)
    assert connection.execute("SELECT title FROM conversations").fetchall() == [("old",)]
    connection.close()


def test_examples_keep_their_ids_their_runs_and_their_counts_when_their_table_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "thau.db"
    steps = schema.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda *_: {number: steps[number] for number in range(1, 8)})
        with Database(path) as database, database.transaction() as connection:
            for number, word in enumerate(("one", "two", "gone"), start=1):
                digest = hashlib.sha256(f"{word}?\0{word}!".encode()).hexdigest()
                connection.execute(
                    "INSERT INTO examples (instruction, output, digest, question, created_at)"
                    " VALUES (?, ?, ?, fingerprint(?), '')",
                    (f"{word}?", f"{word}!", digest, f"{word}?"),
                )
                connection.execute("INSERT INTO runs (id, state, started_at) VALUES (?, 'promoted', '')", (number,))
                connection.execute("INSERT INTO run_examples VALUES (?, ?)", (number, number))
            connection.execute("DELETE FROM examples WHERE instruction = 'gone?'")
    with Database(path) as database:
        examples = Examples(database)
        assert [(one.id, one.output) for one in examples.list()] == [(1, "one!"), (2, "two!")]
        assert [tuple(row) for row in database.rows("SELECT * FROM run_examples")] == [(1, 1), (2, 2)]
        assert examples.counts()["pending"] == 2
        assert examples.add("two?", "two!")[1] is False  # the very same is still known
        added, new = examples.add("two?", "deux")
        assert (added.id, new) == (4, True)  # no id is given twice
        assert examples.counts()["pending"] == 3
        examples.delete([1])
        assert [tuple(row) for row in database.rows("SELECT * FROM run_examples")] == [(2, 2)]


def test_a_migration_that_fails_is_undone_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thau.db"
    Database(path).open().close()
    steps = schema.migrations()
    bad = tmp_path / "bad.sql"
    bad.write_text("CREATE TABLE half (a);\nCREATE TABLE messages (again);\n")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda *_: {**steps, len(steps) + 1: bad})
        with pytest.raises(sqlite3.OperationalError):
            Database(path).open()
    with Database(path) as database:
        assert schema.version(database.connection()) == len(steps)
        assert database.row("SELECT 1 FROM sqlite_master WHERE name = 'half'") is None


def test_no_migration_without_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thau.db"
    Database(path).open().close()
    steps = schema.migrations()
    (tmp_path / "backups").write_text("a file in the place of the folder")
    extra = tmp_path / "extra.sql"
    extra.write_text("CREATE TABLE extra (a);\n")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda *_: {**steps, len(steps) + 1: extra})
        with pytest.raises(StoreError, match="backup"):
            Database(path).open()
    with Database(path) as database:
        assert schema.version(database.connection()) == len(steps)


def _damage(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xa5" * 200
    path.write_bytes(content)
    return bytes(content)


def test_a_damaged_database_goes_back_to_the_latest_good_backup(tmp_path: Path) -> None:
    path = tmp_path / "thau.db"
    with Database(path) as database:
        Conversations(database).create("saved")
        folder = database.backups
    good = backup_now(path, folder)
    newer = folder / "thau-29990101-000000-daily.db"
    newer.write_bytes(good.read_bytes())
    _damage(newer)
    damaged = _damage(path)
    with Database(path) as database:
        assert [one.title for one in Conversations(database).list()] == ["saved"]
        assert len(database.problems) == 1 and "damaged" in database.problems[0]
    [aside] = tmp_path.glob("thau.db.damaged-*")
    assert aside.read_bytes() == damaged and str(aside) in database.problems[0]
    with Database(path) as database:
        assert database.problems == []


@pytest.mark.parametrize(
    "content", [b"this is not a database, whatever it is" * 100, b"SQLite format 3\0" + b"\1" * 5000]
)
def test_a_file_that_is_no_database_is_kept_and_thau_starts_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thau.db"
    path.write_bytes(content)
    with Database(path) as database:
        assert Conversations(database).list() == []
        assert len(database.problems) == 1
    [aside] = tmp_path.glob("thau.db.damaged-*")
    assert aside.read_bytes() == content


def test_a_truncated_database_is_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "thau.db"
    with Database(path) as database:
        Conversations(database).create("saved")
    backup_now(path, tmp_path / "backups")
    path.write_bytes(b"")
    with Database(path) as database:
        assert [one.title for one in Conversations(database).list()] == ["saved"]
        assert database.problems


def test_a_recovery_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "thau.db"
    with Database(path) as database:
        Conversations(database).create("saved")
    path.rename(tmp_path / "thau.db.restoring")
    with Database(path) as database:
        assert [one.title for one in Conversations(database).list()] == ["saved"]


def test_a_place_that_can_not_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be opened"):
        Database(tmp_path / "file" / "thau.db").open()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError):
        Database(tmp_path / "folder").open()


def test_a_write_that_is_not_allowed_is_a_sentence(database: Database) -> None:
    database.connection().execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="can't be opened for writing"):
        Conversations(database).create()


def test_a_bug_in_the_sql_stays_a_bug(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        database.rows("SELECT nothing FROM nowhere")
