-- In which session a code was approved: if that ends before the code is used, it is good for nothing. Codes last a minute, so
-- those of before are simply not taken. Whether a second factor was shown is that session's to say; the column stays, because a
-- binary of before still writes it while it runs beside a new one.
ALTER TABLE oauth_codes ADD COLUMN approved_in uuid, ALTER COLUMN second_factor SET DEFAULT false;
-- The successor of a refresh token is found without reading all tokens the session ever had.
CREATE INDEX refresh_tokens_parents ON refresh_tokens (user_id, session_id, parent);
