-- Two roles for one database: hrbot_owner makes and changes tables, hrbot_app works with rows.
-- The processes run as hrbot_app: they can neither change a table nor the audit trail.
--
--   createdb hrbot
--   psql -d hrbot -f deploy/postgresql-roles.sql     as a superuser; again after each upgrade
--   psql -d hrbot -c '\password hrbot_owner'         and hrbot_app: long, random, different
--   DATABASE_URL=postgresql://hrbot_owner:…@db/hrbot hrbot db upgrade
--
-- Doing it again changes nothing.

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hrbot_owner') THEN
    CREATE ROLE hrbot_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hrbot_app') THEN
    CREATE ROLE hrbot_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
END $$;

DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO hrbot_owner, hrbot_app', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO hrbot_owner;
GRANT USAGE ON SCHEMA public TO hrbot_app;

-- Rasa's tracker keeps its events here; it would make the table itself if it were allowed to.
SET ROLE hrbot_owner;
CREATE SEQUENCE IF NOT EXISTS events_seq;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER NOT NULL DEFAULT nextval('events_seq') PRIMARY KEY,
  sender_id VARCHAR(255) NOT NULL,
  type_name VARCHAR(255) NOT NULL,
  timestamp FLOAT,
  intent_name VARCHAR(255),
  action_name VARCHAR(255),
  data TEXT
);
CREATE INDEX IF NOT EXISTS ix_events_sender_id ON events (sender_id);
CREATE INDEX IF NOT EXISTS ix_events_sender_id_id ON events (sender_id, id);
RESET ROLE;

-- Rows, in what is there and in what upgrades will add.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hrbot_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hrbot_app;
ALTER DEFAULT PRIVILEGES FOR ROLE hrbot_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hrbot_app;
ALTER DEFAULT PRIVILEGES FOR ROLE hrbot_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO hrbot_app;

-- The audit trail grows, and its triggers let go of what is older than a year; nothing else.
DO $$ BEGIN
  IF to_regclass('public.audit') IS NOT NULL THEN
    REVOKE UPDATE, TRUNCATE ON public.audit FROM hrbot_app;
  END IF;
  IF to_regclass('public.alembic_version') IS NOT NULL THEN
    REVOKE INSERT, UPDATE, DELETE ON public.alembic_version FROM hrbot_app;
  END IF;
END $$;
