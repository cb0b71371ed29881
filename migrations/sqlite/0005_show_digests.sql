-- SHA-256 of a show's text, so that a list of shows reads none of them; and the name that a version had.

ALTER TABLE shows ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE show_versions ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE show_versions ADD COLUMN name TEXT NOT NULL DEFAULT '';
