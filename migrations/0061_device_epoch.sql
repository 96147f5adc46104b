-- A device that signed in before has a count of wrong passwords of its own (docs/accounts.md). What it shows names the epoch it signed in
-- in, and a new password begins another: whoever knew the old one is a stranger again.
ALTER TABLE users ADD COLUMN device_epoch integer NOT NULL DEFAULT 0;
