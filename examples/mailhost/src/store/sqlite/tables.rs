//! The database's tables, and what leads to them from those of older versions.

use super::tables_access::ACCESS;

/// The tables.
///
/// `content` and its `chunk`s are the octets that recipients share. Content that neither a `message` nor a `queue`
/// entry refers to is an `orphan`: a spool is still filling it, or it is due to be swept.
pub(super) const SCHEMA: &str = "
    CREATE TABLE store (
        uid_validity INTEGER NOT NULL,          -- of the next mailbox that is no INBOX
        inbox        INTEGER NOT NULL DEFAULT 0, -- the UIDVALIDITY of each INBOX: it never comes anew
        next_object  INTEGER NOT NULL DEFAULT 0, -- of the next mailbox or message
        mod_seq      INTEGER NOT NULL DEFAULT 1, -- with which the next mailbox begins
        departed     INTEGER NOT NULL DEFAULT 0 -- the highest UIDVALIDITY that some name had and has no longer
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
        object_id    INTEGER NOT NULL DEFAULT 0,
        special_use  INTEGER,
        recent_uid   INTEGER NOT NULL DEFAULT 0, -- those above it were never claimed as recent
        forgotten    INTEGER NOT NULL DEFAULT 0, -- the last change whose expunges are forgotten
        tombstones   INTEGER NOT NULL DEFAULT 0, -- rows of `expunged`; from here on, kept by triggers
        recent       INTEGER NOT NULL DEFAULT 0, -- how many are above recent_uid
        messages     INTEGER NOT NULL DEFAULT 0,
        unseen       INTEGER NOT NULL DEFAULT 0,
        deleted      INTEGER NOT NULL DEFAULT 0,
        size         INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account, name)
    ) STRICT;

    CREATE TABLE message (
        mailbox       INTEGER NOT NULL REFERENCES mailbox,
        uid           INTEGER NOT NULL,
        mod_seq       INTEGER NOT NULL,
        internal_date INTEGER NOT NULL,         -- milliseconds since 1970, as all times here
        zone          INTEGER NOT NULL DEFAULT 0, -- minutes by which clocks were ahead of UTC where that was given
        size          INTEGER NOT NULL,         -- octets of prefix and content
        flags         INTEGER NOT NULL DEFAULT 0,  -- 1: answered; 2: flagged; 4: deleted; 8: draft; 16: seen
        keywords      TEXT    NOT NULL DEFAULT '', -- with a space between each two
        save_date     INTEGER NOT NULL DEFAULT 0,
        email_id      INTEGER NOT NULL DEFAULT 0,
        thread_id     INTEGER NOT NULL DEFAULT 0, -- the email_id of the message that began it
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
        prefix       BLOB    NOT NULL,
        held         INTEGER NOT NULL DEFAULT 0, -- until a person releases it
        warned       INTEGER NOT NULL DEFAULT 0, -- 1: the sender knows that it is late; 2: that it missed deliver_by
        envelope_id  TEXT,                      -- ENVID, RET, MT-PRIORITY, FUTURERELEASE, BY, REQUIRETLS
        returned     INTEGER NOT NULL DEFAULT 0, -- 1: the whole message; 2: its header section
        priority     INTEGER NOT NULL DEFAULT 0,
        hold_until   INTEGER,
        deliver_by   INTEGER,
        by_mode      INTEGER,                   -- 1: notify; 2: return
        by_trace     INTEGER NOT NULL DEFAULT 0,
        require_tls  INTEGER NOT NULL DEFAULT 0,
        content_kind INTEGER NOT NULL DEFAULT 1, -- 0: seven bits; 1: eight; 2: binary
        smtp_utf8    INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX queue_due ON queue (held, priority, due);
    CREATE INDEX queue_hop ON queue (next_hop);
    CREATE INDEX queue_content ON queue (content);

    CREATE TABLE recipient (
        entry        INTEGER NOT NULL REFERENCES queue ON DELETE CASCADE,
        number       INTEGER NOT NULL,
        forward_path TEXT    NOT NULL,
        notify       INTEGER,                   -- 1: success, 2: failure, 4: delay; 0: never; NULL: not said
        original     TEXT,                      -- ORCPT
        state        INTEGER NOT NULL DEFAULT 0, -- 0: pending; 1: delivered; 2: relayed; 3: failed; 4: expired
        code         INTEGER,                   -- of what the last attempt was told: 5001001 for 5.1.1
        diagnostic   TEXT,
        remote       TEXT,
        PRIMARY KEY (entry, number)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW orphan AS SELECT id FROM content
        WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.content = content.id)
          AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.content = content.id);
";

/// What version 3 added to the tables of version 2, beside columns.
///
/// `message_change` has all that a mailbox's list of uids needs (a table without rowids ends each index with its key), in
/// the order of changes.
pub(super) const FOLDERS: &str = "
    CREATE INDEX message_change ON message (mailbox, mod_seq);
    CREATE INDEX message_unseen ON message (mailbox, uid) WHERE flags & 16 = 0;

    CREATE TABLE expunged (
        mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
        mod_seq INTEGER NOT NULL,
        first   INTEGER NOT NULL,               -- a run of uids
        last    INTEGER NOT NULL,
        PRIMARY KEY (mailbox, mod_seq, first)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE summary (
        mailbox INTEGER NOT NULL,
        uid     INTEGER NOT NULL,
        octets  BLOB    NOT NULL,
        PRIMARY KEY (mailbox, uid),
        FOREIGN KEY (mailbox, uid) REFERENCES message ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE subscription (
        account TEXT NOT NULL,
        name    TEXT NOT NULL,
        PRIMARY KEY (account, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER mailbox_made AFTER INSERT ON mailbox BEGIN
        UPDATE store SET uid_validity = uid_validity + 1, next_object = next_object + 1;
    END;
    CREATE TRIGGER mailbox_deleted AFTER DELETE ON mailbox BEGIN
        UPDATE store SET mod_seq = max(mod_seq, old.mod_seq), departed = max(departed, old.uid_validity);
    END;
    CREATE TRIGGER message_came AFTER INSERT ON message BEGIN
        UPDATE mailbox SET messages = messages + 1, unseen = unseen + (new.flags & 16 = 0),
            deleted = deleted + (new.flags & 4 <> 0), size = size + new.size
            WHERE id = new.mailbox;
        UPDATE store SET next_object = next_object + 1 WHERE next_object = new.email_id;
    END;
    CREATE TRIGGER message_went AFTER DELETE ON message BEGIN
        UPDATE mailbox SET messages = messages - 1, unseen = unseen - (old.flags & 16 = 0),
            deleted = deleted - (old.flags & 4 <> 0), size = size - old.size
            WHERE id = old.mailbox;
    END;
    CREATE TRIGGER message_marked AFTER UPDATE OF flags ON message WHEN old.flags <> new.flags BEGIN
        UPDATE mailbox SET unseen = unseen + (new.flags & 16 = 0) - (old.flags & 16 = 0),
            deleted = deleted + (new.flags & 4 <> 0) - (old.flags & 4 <> 0)
            WHERE id = new.mailbox;
    END;
";

/// What version 4 changed in the counting: who changes flags counts by itself, since a trigger cost more than the change.
pub(super) const COUNTS: &str = "
    DROP TRIGGER message_marked;
    DROP TRIGGER message_came;
    DROP TRIGGER message_went;
    CREATE TRIGGER message_came AFTER INSERT ON message BEGIN
        UPDATE mailbox SET messages = messages + 1, unseen = unseen + (new.flags & 16 = 0),
            deleted = deleted + (new.flags & 4 <> 0), recent = recent + 1, size = size + new.size
            WHERE id = new.mailbox;
        UPDATE store SET next_object = next_object + 1 WHERE next_object = new.email_id;
    END;
    CREATE TRIGGER message_went AFTER DELETE ON message BEGIN
        UPDATE mailbox SET messages = messages - 1, unseen = unseen - (old.flags & 16 = 0),
            deleted = deleted - (old.flags & 4 <> 0), recent = recent - (old.uid > recent_uid), size = size - old.size
            WHERE id = old.mailbox;
    END;
";

const COUNTS_STEP: &str = "
    ALTER TABLE mailbox ADD COLUMN recent INTEGER NOT NULL DEFAULT 0;
    UPDATE mailbox SET recent =
        (SELECT count(*) FROM message WHERE message.mailbox = mailbox.id AND uid > recent_uid);
";

/// What version 4 added for conversations: the one to which each message identifier belongs that an account has met.
pub(super) const THREADS: &str = "
    CREATE TABLE thread (
        account TEXT    NOT NULL,
        link    INTEGER NOT NULL,               -- a hash of the identifier
        thread  INTEGER NOT NULL,
        PRIMARY KEY (account, link)
    ) STRICT, WITHOUT ROWID;
";

/// What version 5 added: by which conversations without a message are found, and forgotten.
pub(super) const THREAD_MEMBERS: &str = "
    CREATE INDEX message_thread ON message (thread_id);
    CREATE INDEX thread_thread ON thread (thread);
";

const FORGET_STEP: &str = "
    DELETE FROM thread WHERE NOT EXISTS (SELECT 1 FROM message WHERE thread_id = thread.thread);
";

/// Messages that were there before are conversations of their own: what they were given once must stay.
const THREADS_STEP: &str = "
    ALTER TABLE message ADD COLUMN thread_id INTEGER NOT NULL DEFAULT 0;
    UPDATE message SET thread_id = email_id;
";

/// What version 4 added for the keywords that a mailbox has.
pub(super) const KEYWORDS: &str = "
    CREATE INDEX message_keywords ON message (mailbox, keywords) WHERE keywords <> '';
";

/// A mailbox begins with the state 1, which is what clients are told: with 0, its first change would look like no change.
const STATES_STEP: &str = "
    UPDATE store SET mod_seq = max(mod_seq, 1);
    UPDATE mailbox SET mod_seq = max(mod_seq, 1);
";

/// Stands in the database's header and tells this program's files from others (PRAGMA application_id): `mlhs`.
pub(super) const APPLICATION_ID: i64 = 0x6d6c_6873;

/// Of [`SCHEMA`] (PRAGMA user_version). A change to the tables comes with a higher number and a step in [`MIGRATIONS`].
pub(super) const VERSION: i64 = 5;

/// What leads from each version to the next, from version 1 on.
pub(super) const MIGRATIONS: [&[&str]; VERSION as usize - 1] = [
    &[QUEUE_STEP],
    &[FOLDERS_STEP, FOLDERS],
    &[
        ACCESS,
        COUNTS_STEP,
        COUNTS,
        THREADS_STEP,
        THREADS,
        KEYWORDS,
        STATES_STEP,
    ],
    &[THREAD_MEMBERS, FORGET_STEP, ZONE_STEP],
];

/// What version 5 added: where a message's date is from.
const ZONE_STEP: &str = "
    ALTER TABLE message ADD COLUMN zone INTEGER NOT NULL DEFAULT 0;
";

const QUEUE_STEP: &str = "
    ALTER TABLE queue ADD COLUMN held         INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN warned       INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN envelope_id  TEXT;
    ALTER TABLE queue ADD COLUMN returned     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN priority     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN hold_until   INTEGER;
    ALTER TABLE queue ADD COLUMN deliver_by   INTEGER;
    ALTER TABLE queue ADD COLUMN by_mode      INTEGER;
    ALTER TABLE queue ADD COLUMN by_trace     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN require_tls  INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE queue ADD COLUMN content_kind INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE queue ADD COLUMN smtp_utf8    INTEGER NOT NULL DEFAULT 0;
    DROP INDEX queue_due;
    CREATE INDEX queue_due ON queue (held, priority, due);
    CREATE INDEX queue_hop ON queue (next_hop);

    ALTER TABLE recipient ADD COLUMN notify     INTEGER;
    ALTER TABLE recipient ADD COLUMN original   TEXT;
    ALTER TABLE recipient ADD COLUMN state      INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recipient ADD COLUMN code       INTEGER;
    ALTER TABLE recipient ADD COLUMN diagnostic TEXT;
    ALTER TABLE recipient ADD COLUMN remote     TEXT;
    UPDATE recipient SET state = 1 WHERE delivered;
    UPDATE recipient SET state = 3, code = 5000000, diagnostic = 'x-mailhost; ' || failure
        WHERE NOT delivered AND failure IS NOT NULL;
    ALTER TABLE recipient DROP COLUMN delivered;
    ALTER TABLE recipient DROP COLUMN failure;
";

/// Mailboxes that shared one UIDVALIDITY keep it: none of them was ever renamed. What was expunged before is forgotten,
/// and nobody's mail is recent again. [`FOLDERS`] follows.
const FOLDERS_STEP: &str = "
    ALTER TABLE store ADD COLUMN inbox       INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE store ADD COLUMN next_object INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE store ADD COLUMN mod_seq     INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE store ADD COLUMN departed    INTEGER NOT NULL DEFAULT 0;

    ALTER TABLE mailbox ADD COLUMN object_id   INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN special_use INTEGER;
    ALTER TABLE mailbox ADD COLUMN recent_uid  INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN forgotten   INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN tombstones  INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN messages    INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN unseen      INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN deleted     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE mailbox ADD COLUMN size        INTEGER NOT NULL DEFAULT 0;

    ALTER TABLE message ADD COLUMN flags     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN keywords  TEXT    NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN save_date INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN email_id  INTEGER NOT NULL DEFAULT 0;

    UPDATE store SET next_object = uid_validity << 24, inbox = uid_validity;
    UPDATE mailbox SET object_id = (SELECT next_object FROM store) + id, forgotten = mod_seq, recent_uid = last_uid;
    UPDATE store SET next_object = next_object + 1 + (SELECT ifnull(max(id), 0) FROM mailbox);
    UPDATE message SET save_date = internal_date, email_id = (SELECT next_object FROM store) + numbered.number
        FROM (SELECT mailbox, uid, row_number() OVER (ORDER BY mailbox, uid) AS number FROM message) AS numbered
        WHERE message.mailbox = numbered.mailbox AND message.uid = numbered.uid;
    UPDATE store SET next_object = next_object + 1 + (SELECT count(*) FROM message), uid_validity = uid_validity + 1;
    UPDATE mailbox SET (messages, unseen, size) =
        (SELECT count(*), count(*), ifnull(sum(size), 0) FROM message WHERE message.mailbox = mailbox.id);
";
