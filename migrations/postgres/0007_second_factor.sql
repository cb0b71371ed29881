-- A second factor at a login by password: codes by time, and codes to recover by where they are lost.

ALTER TABLE users ADD COLUMN factor_secret TEXT;                            -- sealed; without factor_at: begun
ALTER TABLE users ADD COLUMN factor_at BIGINT;                             -- when its first code was shown
ALTER TABLE users ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;         -- of the newest code taken: none again

CREATE TABLE recovery_codes (
    code_hash TEXT   NOT NULL PRIMARY KEY,                                 -- SHA-256 of 120 random bits
    user_id   TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at   BIGINT
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);
