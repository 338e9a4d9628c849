-- What was put forward of a conversation and still waits for a person goes with the conversation.

CREATE TRIGGER proposals_go AFTER UPDATE OF deleted_at ON conversations WHEN NEW.deleted_at IS NOT NULL BEGIN
    DELETE FROM examples WHERE source = 'conversation' AND review = 1 AND state = 'pending'
        AND message_id IN (SELECT id FROM messages WHERE conversation_id = NEW.id);
END;
