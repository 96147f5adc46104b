-- A mail may tell a notification. What it says, and whether it is still true, is then asked when it is sent.
ALTER TABLE mails ADD COLUMN notification_id uuid;
