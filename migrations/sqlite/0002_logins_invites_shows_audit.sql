-- Logins, one-time links, invitations, shows and the audit; users by issuer and subject.
-- Migrations run with foreign keys unwatched and are checked after (https://www.sqlite.org/lang_altertable.html, 7):
-- a table whose constraints change is made anew.

CREATE TABLE new_users (
    id             TEXT    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL UNIQUE CHECK (email = lower(email)),
    password       TEXT,                                -- bcrypt; NULL: signs in elsewhere
    google_issuer  TEXT,
    google_id      TEXT,                                -- the subject, at that issuer
    name           TEXT    NOT NULL,
    email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
    host           INTEGER NOT NULL DEFAULT 0 CHECK (host IN (0, 1)),
    disabled_at    INTEGER,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (google_issuer, google_id),
    CHECK ((google_issuer IS NULL) = (google_id IS NULL))
) STRICT;
INSERT INTO new_users (id, email, password, google_issuer, google_id, name, host, created_at, updated_at)
    SELECT id, email, password, CASE WHEN google_id IS NOT NULL THEN 'https://accounts.google.com' END, google_id, name,
           id = (SELECT id FROM users ORDER BY created_at, id LIMIT 1), created_at, updated_at
    FROM users;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;

CREATE TABLE logins (                                   -- one row: one login, one family of refresh tokens
    id            TEXT    NOT NULL PRIMARY KEY,
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash  TEXT    NOT NULL UNIQUE,               -- SHA-256 of the newest token
    previous_hash TEXT,                                 -- of the one before: good for a short grace, then a theft
    rotated_at    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    address       TEXT    NOT NULL DEFAULT '',
    agent         TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX logins_by_user ON logins (user_id);
CREATE UNIQUE INDEX logins_by_previous ON logins (previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE one_time (                                 -- links that work once
    token_hash TEXT    NOT NULL PRIMARY KEY,             -- SHA-256
    kind       TEXT    NOT NULL CHECK (kind IN ('reset', 'verify', 'register')),
    user_id    TEXT    REFERENCES users (id) ON DELETE CASCADE,
    email      TEXT,
    created_by TEXT    REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX one_time_by_user ON one_time (user_id);

CREATE TABLE invites (
    id          TEXT    NOT NULL PRIMARY KEY,
    session_id  TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    role        TEXT    NOT NULL CHECK (role IN ('camera', 'viewer')),
    camera      INTEGER CHECK (camera BETWEEN 1 AND 99),
    code        TEXT    NOT NULL UNIQUE,
    secret_hash TEXT    UNIQUE,
    label       TEXT    NOT NULL DEFAULT '',
    max_layer   TEXT    CHECK (max_layer IN ('high', 'low')),
    max_uses    INTEGER CHECK (max_uses > 0),
    uses        INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0),
    expires_at  INTEGER,
    revoked_at  INTEGER,
    created_by  TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_by_session ON invites (session_id);

ALTER TABLE session_participants ADD COLUMN camera INTEGER CHECK (camera BETWEEN 1 AND 99);
ALTER TABLE session_participants ADD COLUMN invite_id TEXT REFERENCES invites (id) ON DELETE SET NULL;
ALTER TABLE session_participants ADD COLUMN left_at INTEGER;                 -- removed by the director
ALTER TABLE session_participants ADD COLUMN max_layer TEXT CHECK (max_layer IN ('high', 'low'));

CREATE TABLE shows (                                    -- a director's documents
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version >= 1),
    document   TEXT    NOT NULL,                         -- JSON of core/protocol; no secrets
    deleted_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX shows_by_user ON shows (user_id);

CREATE TABLE show_versions (
    show_id  TEXT    NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    document TEXT    NOT NULL,
    machine  TEXT    NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (show_id, version)
) STRICT;

CREATE TABLE audit (                                    -- who did what, when, from where; outlives what it names
    id                TEXT    NOT NULL PRIMARY KEY,
    at                INTEGER NOT NULL,
    actor_user        TEXT,
    actor_participant TEXT,
    actor_name        TEXT    NOT NULL,
    session_id        TEXT,
    what              TEXT    NOT NULL,                  -- a stable word
    detail            TEXT    NOT NULL,                  -- JSON, no secrets
    address           TEXT
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_session ON audit (session_id, at);
