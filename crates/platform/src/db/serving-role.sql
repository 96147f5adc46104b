-- A role that serves and cannot rewrite what must stay as it was written. Run by the role that migrates, after each `udaan migrate`:
--     udaan serving-role airline_serves | psql --set=ON_ERROR_STOP=1 "$DATABASE_URL"
-- Again is no harm. Then give the role a password, and its name to database.url of what serves and works.
BEGIN;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'airline_serves') THEN
        CREATE ROLE airline_serves LOGIN;
    END IF;
END $$;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM airline_serves;
GRANT USAGE ON SCHEMA public TO airline_serves;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO airline_serves;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO airline_serves;
-- Added to, and nothing else: the ledger, and what staff did with the chain over it.
REVOKE UPDATE, DELETE ON ledger_postings, audit_records, audit_links FROM airline_serves;
-- Whoever migrates says what was migrated.
REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM airline_serves;
COMMIT;
