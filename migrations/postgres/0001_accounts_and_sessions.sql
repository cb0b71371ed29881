-- Accounts, sessions and who is in them. Ids are UUIDv7 as text, times Unix ms, words those of core/protocol.
-- Forward only: a migration that was released is never edited. The same tables, by the same names, as in ../sqlite.

CREATE TABLE users (
    id         TEXT   NOT NULL PRIMARY KEY,
    email      TEXT   NOT NULL UNIQUE CHECK (email = lower(email COLLATE "C")),
    password   TEXT,                                    -- bcrypt; NULL: signs in elsewhere
    google_id  TEXT   UNIQUE,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id             TEXT   NOT NULL PRIMARY KEY,
    name           TEXT   NOT NULL,
    created_by     TEXT   NOT NULL REFERENCES users (id),
    state          TEXT   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'rehearsal', 'live', 'ended')),
    public_layer   TEXT   NOT NULL DEFAULT 'low' CHECK (public_layer IN ('high', 'low')),
    camera_code    TEXT   NOT NULL UNIQUE,
    viewer_code    TEXT   NOT NULL UNIQUE,
    passphrase     TEXT   NOT NULL,                     -- of SRT, AES-256
    epoch_granted  BIGINT NOT NULL DEFAULT 0,           -- director runs, counted
    epoch_heard    BIGINT NOT NULL DEFAULT 0,           -- the newest that said hello
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX sessions_by_creator ON sessions (created_by, created_at);

CREATE TABLE session_participants (
    id         TEXT   NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id),
    user_id    TEXT   REFERENCES users (id),            -- NULL: a guest
    role       TEXT   NOT NULL CHECK (role IN ('director', 'camera', 'viewer')),
    name       TEXT   NOT NULL,
    joined_at  BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX session_participants_once ON session_participants (session_id, user_id)
    WHERE user_id IS NOT NULL;
CREATE INDEX session_participants_by_session ON session_participants (session_id);

CREATE TABLE publish_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id),
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX publish_keys_by_session ON publish_keys (session_id);

-- Written by GET /readyz: whether the disk takes a write is known by writing.
CREATE TABLE health (
    one        BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    checked_at BIGINT NOT NULL
);
