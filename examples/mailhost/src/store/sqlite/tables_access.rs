//! What version 4 added to the tables of version 3: who may do what, and what is known beside messages.

/// The tables.
///
/// Lists of rights, annotations and keys go with their mailbox; a new mailbox has the list of the nearest one above it.
pub(super) const ACCESS: &str = "
    CREATE INDEX message_deleted ON message (mailbox, uid) WHERE flags & 4 <> 0;

    CREATE TABLE acl (
        mailbox  INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
        account  TEXT    NOT NULL,              -- of the user; empty: anyone
        negative INTEGER NOT NULL,
        name     TEXT    NOT NULL,              -- how the identifier was spelled
        rights   TEXT    NOT NULL,              -- their letters
        PRIMARY KEY (mailbox, account, negative)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX acl_account ON acl (account);

    CREATE TABLE annotation (
        mailbox INTEGER NOT NULL,               -- 0: the server
        account TEXT    NOT NULL,               -- of the user whose private one it is; empty: shared
        entry   TEXT    NOT NULL,
        value   BLOB    NOT NULL,
        PRIMARY KEY (mailbox, account, entry)
    ) STRICT;

    CREATE TABLE quota (
        account   TEXT NOT NULL PRIMARY KEY,    -- empty: those that have no row of their own
        octets    INTEGER,
        messages  INTEGER,
        mailboxes INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE url_key (
        mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
        account TEXT    NOT NULL,
        key     BLOB    NOT NULL,
        PRIMARY KEY (mailbox, account)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER mailbox_inherits AFTER INSERT ON mailbox WHEN EXISTS (SELECT 1 FROM acl) BEGIN
        INSERT INTO acl (mailbox, account, negative, name, rights)
        SELECT new.id, account, negative, name, rights FROM acl WHERE mailbox = (
            SELECT id FROM mailbox WHERE account = new.account
                AND substr(new.name, 1, length(name) + 1) = name || '/'
            ORDER BY length(name) DESC LIMIT 1);
    END;
    CREATE TRIGGER mailbox_unnoted AFTER DELETE ON mailbox BEGIN
        DELETE FROM annotation WHERE mailbox = old.id;
    END;
";
