-- Codes and links that somebody waits for go out before what is told to the passengers of cancelled flights, however many those are
-- (`mail/store.rs`, claim).
CREATE INDEX mails_urgent ON mails ((notification_id IS NOT NULL), due_at) WHERE due_at IS NOT NULL;
