"""Where imported conversations came from, so that none comes in twice, and what only an import may set."""

from __future__ import annotations

from thau_desktop.store.database import Database
from thau_desktop.store.parts import now


class Imports:
    """The origins of conversations. A `source` is "chatgpt:<id>" or "thau:<time of creation>"."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def known(self, source: str, created_at: str = "") -> int | None:
        """The conversation that came from `source` and was not deleted since, None when there is none.

        With `created_at` also the conversation that was made here at that very microsecond: its own export.
        """
        row = self.database.row(
            "SELECT id FROM conversations WHERE deleted_at IS NULL AND ((:created <> '' AND created_at = :created)"
            " OR id IN (SELECT conversation_id FROM imports WHERE source = :source)) LIMIT 1",
            {"source": source, "created": created_at},
        )
        return int(row["id"]) if row else None

    def source(self, conversation_id: int) -> str:
        """Where a conversation came from, "" when it was made here."""
        row = self.database.row("SELECT source FROM imports WHERE conversation_id = ?", (conversation_id,))
        return str(row["source"]) if row else ""

    def record(
        self, conversation_id: int, source: str, *, leaf_id: int | None, created_at: str, updated_at: str
    ) -> None:
        """Give an imported conversation its own times and branch, and remember its `source` ("": it has none).

        Raises `StoreError`.
        """
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE conversations SET leaf_id = ?, created_at = ?, updated_at = ? WHERE id = ?",
                (leaf_id, created_at, updated_at, conversation_id),
            )
            if source:
                connection.execute(
                    "INSERT OR REPLACE INTO imports (source, conversation_id, imported_at) VALUES (?, ?, ?)",
                    (source, conversation_id, now()),
                )

    def message_ids(self, conversation_id: int) -> list[int]:
        """Every message of a conversation, of all branches, parents before children."""
        sql = "SELECT id FROM messages WHERE conversation_id = ? ORDER BY id"
        return [int(row["id"]) for row in self.database.rows(sql, (conversation_id,))]
