-- The tables of version 1, with an entry of which one recipient is done, one failed and one is pending.
CREATE TABLE store (
    uid_validity INTEGER NOT NULL           -- of the mailboxes made from now on
) STRICT;

CREATE TABLE content (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL                   -- octets of all chunks; 0 until the message is complete
) STRICT;

CREATE TABLE chunk (
    content INTEGER NOT NULL REFERENCES content,
    start   INTEGER NOT NULL,               -- position of its first octet
    crc32   INTEGER NOT NULL,               -- of its octets, to see what SQLite does not check
    octets  BLOB    NOT NULL,
    PRIMARY KEY (content, start)
) STRICT;

CREATE TABLE mailbox (
    id           INTEGER PRIMARY KEY,
    account      TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    uid_validity INTEGER NOT NULL,
    last_uid     INTEGER NOT NULL,          -- survives its message, so that no uid is used twice
    mod_seq      INTEGER NOT NULL,
    UNIQUE (account, name)
) STRICT;

CREATE TABLE message (
    mailbox       INTEGER NOT NULL REFERENCES mailbox,
    uid           INTEGER NOT NULL,
    mod_seq       INTEGER NOT NULL,
    internal_date INTEGER NOT NULL,         -- milliseconds since 1970, as all times here
    size          INTEGER NOT NULL,         -- octets of prefix and content
    content       INTEGER NOT NULL REFERENCES content,
    prefix        BLOB    NOT NULL,
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_content ON message (content);

CREATE TABLE queue (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    next_hop     TEXT    NOT NULL,
    reverse_path TEXT    NOT NULL,
    arrival      INTEGER NOT NULL,
    due          INTEGER NOT NULL,          -- of the next attempt, or the end of the lease
    leased       INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    last_error   TEXT,
    size         INTEGER NOT NULL,
    content      INTEGER NOT NULL REFERENCES content,
    prefix       BLOB    NOT NULL
) STRICT;
CREATE INDEX queue_due ON queue (due);
CREATE INDEX queue_content ON queue (content);

CREATE TABLE recipient (
    entry        INTEGER NOT NULL REFERENCES queue ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    forward_path TEXT    NOT NULL,
    delivered    INTEGER NOT NULL DEFAULT 0,
    failure      TEXT,
    PRIMARY KEY (entry, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW orphan AS SELECT id FROM content
    WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.content = content.id)
      AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.content = content.id);

INSERT INTO store VALUES (1057049557);
INSERT INTO content VALUES (1, 5);
INSERT INTO chunk VALUES (1, 0, 4157704578, x'48656c6c6f');
INSERT INTO mailbox VALUES (1, 'bob@hamburger.edu', 'INBOX', 1057049557, 1, 1);
INSERT INTO message VALUES (1, 1, 1, 1057049558000, 5, 1, x'');
INSERT INTO queue VALUES (7, 'crepes.fr', 'bob@hamburger.edu', 1057049558000, 1057049559000, 0, 3, '451 later', 5, 1, x'');
INSERT INTO recipient VALUES (7, 0, 'alice@crepes.fr', 1, NULL);
INSERT INTO recipient VALUES (7, 1, 'nobody@crepes.fr', 0, '550 5.1.1 no such user');
INSERT INTO recipient VALUES (7, 2, 'chef@crepes.fr', 0, NULL);
PRAGMA application_id = 1835821171;
PRAGMA user_version = 1;
