-- Logins, one-time links, invitations, shows and the audit; users by issuer and subject.

ALTER TABLE users DROP CONSTRAINT users_google_id_key;
ALTER TABLE users ADD COLUMN google_issuer TEXT;
ALTER TABLE users ADD COLUMN email_verified SMALLINT NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1));
ALTER TABLE users ADD COLUMN host SMALLINT NOT NULL DEFAULT 0 CHECK (host IN (0, 1));
ALTER TABLE users ADD COLUMN disabled_at BIGINT;
UPDATE users SET google_issuer = 'https://accounts.google.com' WHERE google_id IS NOT NULL;
UPDATE users SET host = 1 WHERE id = (SELECT id FROM users ORDER BY created_at, id LIMIT 1);
ALTER TABLE users ADD UNIQUE (google_issuer, google_id);
ALTER TABLE users ADD CHECK ((google_issuer IS NULL) = (google_id IS NULL));

CREATE TABLE logins (                                   -- one row: one login, one family of refresh tokens
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash  TEXT   NOT NULL UNIQUE,               -- SHA-256 of the newest token
    previous_hash TEXT,                                 -- of the one before: good for a short grace, then a theft
    rotated_at    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    revoked_at    BIGINT,
    address       TEXT   NOT NULL DEFAULT '',
    agent         TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX logins_by_user ON logins (user_id);
CREATE UNIQUE INDEX logins_by_previous ON logins (previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE one_time (                                 -- links that work once
    token_hash TEXT   NOT NULL PRIMARY KEY,             -- SHA-256
    kind       TEXT   NOT NULL CHECK (kind IN ('reset', 'verify', 'register')),
    user_id    TEXT   REFERENCES users (id) ON DELETE CASCADE,
    email      TEXT,
    created_by TEXT   REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX one_time_by_user ON one_time (user_id);

CREATE TABLE invites (
    id          TEXT     NOT NULL PRIMARY KEY,
    session_id  TEXT     NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    role        TEXT     NOT NULL CHECK (role IN ('camera', 'viewer')),
    camera      SMALLINT CHECK (camera BETWEEN 1 AND 99),
    code        TEXT     NOT NULL UNIQUE,
    secret_hash TEXT     UNIQUE,
    label       TEXT     NOT NULL DEFAULT '',
    max_layer   TEXT     CHECK (max_layer IN ('high', 'low')),
    max_uses    BIGINT   CHECK (max_uses > 0),
    uses        BIGINT   NOT NULL DEFAULT 0 CHECK (uses >= 0),
    expires_at  BIGINT,
    revoked_at  BIGINT,
    created_by  TEXT     NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  BIGINT   NOT NULL,
    updated_at  BIGINT   NOT NULL
);
CREATE INDEX invites_by_session ON invites (session_id);

ALTER TABLE session_participants ADD COLUMN camera SMALLINT CHECK (camera BETWEEN 1 AND 99);
ALTER TABLE session_participants ADD COLUMN invite_id TEXT REFERENCES invites (id) ON DELETE SET NULL;
ALTER TABLE session_participants ADD COLUMN left_at BIGINT;                 -- removed by the director
ALTER TABLE session_participants ADD COLUMN max_layer TEXT CHECK (max_layer IN ('high', 'low'));

CREATE TABLE shows (                                    -- a director's documents
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    version    BIGINT NOT NULL CHECK (version >= 1),
    document   TEXT   NOT NULL,                         -- JSON of core/protocol; no secrets
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX shows_by_user ON shows (user_id);

CREATE TABLE show_versions (
    show_id  TEXT   NOT NULL REFERENCES shows (id) ON DELETE CASCADE,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL,
    machine  TEXT   NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (show_id, version)
);

CREATE TABLE audit (                                    -- who did what, when, from where; outlives what it names
    id                TEXT   NOT NULL PRIMARY KEY,
    at                BIGINT NOT NULL,
    actor_user        TEXT,
    actor_participant TEXT,
    actor_name        TEXT   NOT NULL,
    session_id        TEXT,
    what              TEXT   NOT NULL,                  -- a stable word
    detail            TEXT   NOT NULL,                  -- JSON, no secrets
    address           TEXT
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_session ON audit (session_id, at);
