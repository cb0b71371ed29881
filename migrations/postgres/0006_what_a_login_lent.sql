-- Who an account is in a session, it is there by one login: so the end of that login ends it. '': by none, as what the
-- command line made, or what was there before this was kept.

ALTER TABLE session_participants ADD COLUMN login_id TEXT NOT NULL DEFAULT '';
DROP INDEX session_participants_once;
CREATE UNIQUE INDEX session_participants_once ON session_participants (session_id, user_id, login_id)
    WHERE user_id IS NOT NULL;
