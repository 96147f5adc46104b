-- What concerns somebody's own trip is told and mailed before what is told to many: announcements and prices that fell.
CREATE INDEX news_in_order ON news (((topic = 'announced') IS TRUE), due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_in_order ON mails
    ((CASE WHEN notification_id IS NULL THEN 0 WHEN template = 'bulk-notice' THEN 2 ELSE 1 END), due_at) WHERE due_at IS NOT NULL;
