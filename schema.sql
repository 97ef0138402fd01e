-- MiniTwit's SQLite schema, version 1 (PRAGMA user_version; PRAGMA application_id is 'MTWT').
-- Tables and columns of the first three are the original program's, so that queries, dashboards
-- and flagging scripts made for it keep working.

CREATE TABLE user (
    user_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE CHECK (typeof(username) = 'text' AND username <> ''),
    email    TEXT NOT NULL CHECK (typeof(email) = 'text'),
    pw_hash  TEXT NOT NULL CHECK (typeof(pw_hash) = 'text')
);

-- Who follows whom. The primary key answers "whom does X follow".
CREATE TABLE follower (
    who_id  INTEGER NOT NULL REFERENCES user (user_id) ON DELETE CASCADE,
    whom_id INTEGER NOT NULL REFERENCES user (user_id) ON DELETE CASCADE,
    PRIMARY KEY (who_id, whom_id)
) WITHOUT ROWID;

CREATE INDEX follower_by_whom ON follower (whom_id);

CREATE TABLE message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id  INTEGER NOT NULL REFERENCES user (user_id),
    text       TEXT NOT NULL CHECK (typeof(text) = 'text'),
    pub_date   INTEGER NOT NULL CHECK (typeof(pub_date) = 'integer'), -- unix seconds
    flagged    INTEGER NOT NULL DEFAULT 0 CHECK (typeof(flagged) = 'integer')
);

-- Timelines show what is not flagged, newest first; message_id is the last column of every index.
-- That by author has the flagged ones too, so that an account can be deleted without a long look.
CREATE INDEX message_by_date ON message (pub_date) WHERE flagged = 0;
CREATE INDEX message_by_author ON message (author_id, flagged, pub_date);

-- Signed-in browsers. session_key is the SHA-256 of the cookie's token.
CREATE TABLE session (
    session_key BLOB PRIMARY KEY,
    user_id     INTEGER NOT NULL REFERENCES user (user_id) ON DELETE CASCADE,
    expires     INTEGER NOT NULL -- unix seconds
) WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_by_expiry ON session (expires);

-- The simulator's most recent `latest`; noted_at (unix microseconds) decides between processes.
CREATE TABLE latest (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    latest   INTEGER NOT NULL,
    noted_at INTEGER NOT NULL
);

-- 32 random bytes that make avatars impossible to guess from an e-mail address.
CREATE TABLE secret (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    bytes    BLOB NOT NULL CHECK (length(bytes) = 32)
);

-- What adoption of a database of the original program had to change, with what was there before.
CREATE TABLE adoption_note (
    note_id     INTEGER PRIMARY KEY,
    table_name  TEXT NOT NULL,
    row_id      INTEGER NOT NULL, -- the rowid it had in the original table
    column_name TEXT NOT NULL,
    original,                     -- the value as it was, of whatever type
    note        TEXT NOT NULL
);

-- The original stored names that look like numbers as numbers, and so found one user by several
-- spellings (00123, 123, 123.0). Those users are still found by them: value compares as it did.
CREATE TABLE numeric_username (
    user_id INTEGER PRIMARY KEY REFERENCES user (user_id) ON DELETE CASCADE,
    value   NUMERIC NOT NULL
);

CREATE INDEX numeric_username_by_value ON numeric_username (value);

-- Messages whose author was missing: the original showed them nowhere, and no page shows them now.
CREATE TABLE orphan_message (
    message_id INTEGER PRIMARY KEY,
    author_id,
    text,
    pub_date,
    flagged
);
