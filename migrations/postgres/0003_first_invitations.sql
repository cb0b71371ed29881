-- The two codes of a session that was made before there were invitations become its first two, so that links that were
-- sent go on opening. Their ids are the session's with one digit of its random part changed: no two are the same.

INSERT INTO invites (id, session_id, role, code, created_by, created_at, updated_at)
    SELECT substr(id, 1, 24) || 'c' || substr(id, 26), id, 'camera', camera_code, created_by, created_at, updated_at
    FROM sessions;
INSERT INTO invites (id, session_id, role, code, created_by, created_at, updated_at)
    SELECT substr(id, 1, 24) || 'd' || substr(id, 26), id, 'viewer', viewer_code, created_by, created_at, updated_at
    FROM sessions;
