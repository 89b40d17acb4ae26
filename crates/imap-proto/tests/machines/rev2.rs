//! What changes behind ENABLE IMAP4rev2 (RFC 9051 §E), and does not before it.

use crate::caller::Caller;
use crate::host::{Host, plain};

fn host(enabled: &str) -> Host {
    let mut host = Host::logged_in(plain(&["IMAP4rev2", "ENABLE", "UTF8=ACCEPT", "CONDSTORE", "QRESYNC"]));
    if !enabled.is_empty() {
        let said = host.hear(&format!("e ENABLE {enabled}\r\n"));
        assert_eq!(said, format!("* ENABLED {enabled}\r\ne OK ENABLE completed\r\n"));
    }
    host.hear("s SELECT INBOX\r\n");
    host.defers = &["SELECT", "SEARCH", "FETCH", "LIST"];
    host
}

#[test]
fn recent_and_unseen_are_not_said() {
    let said = |enabled: &str| {
        let mut host = host(enabled);
        host.hear("a SELECT INBOX\r\n");
        for data in [
            "3 EXISTS",
            "1 RECENT",
            "OK [UNSEEN 2] first",
            "FLAGS (\\Seen \\Recent)",
            "OK [PERMANENTFLAGS (\\Seen \\Recent)] kept",
            "OK [UIDVALIDITY 7] valid",
        ] {
            host.send(data);
        }
        host.complete()
    };
    let rest = "* OK [UIDVALIDITY 7] valid\r\na OK SELECT completed\r\n";
    assert_eq!(
        said("IMAP4rev2"),
        format!("* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen)] kept\r\n{rest}")
    );
    assert_eq!(
        said(""),
        format!("* 3 EXISTS\r\n* 1 RECENT\r\n* OK [UNSEEN 2] first\r\n* FLAGS (\\Seen \\Recent)\r\n* OK [PERMANENTFLAGS (\\Seen \\Recent)] kept\r\n{rest}")
    );
}

#[test]
fn recent_is_not_said_of_messages() {
    let mut host = host("IMAP4rev2");
    host.hear("a FETCH 1 FLAGS\r\n");
    host.send("1 FETCH (FLAGS (\\Recent \\Seen) UID 4)");
    host.update("2 FETCH (FLAGS (\\Recent))");
    host.update("3 RECENT");
    assert_eq!(
        host.complete(),
        "* 1 FETCH (FLAGS (\\Seen) UID 4)\r\n* 2 FETCH (FLAGS ())\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn search_is_answered_with_esearch() {
    let answer = |enabled: &str, search: &str, found: &str| {
        let mut host = host(enabled);
        host.hear(&format!("a {search}\r\n"));
        host.send(found);
        host.complete()
    };
    let done = "a OK SEARCH completed\r\n";
    assert_eq!(answer("", "SEARCH ALL", "SEARCH 1 2 5"), format!("* SEARCH 1 2 5\r\n{done}"));
    assert_eq!(
        answer("IMAP4rev2", "SEARCH ALL", "SEARCH 1 2 5"),
        format!("* ESEARCH (TAG \"a\") ALL 1:2,5\r\n{done}")
    );
    assert_eq!(
        answer("", "UID SEARCH RETURN (MIN COUNT) ALL", "SEARCH 1 2 5"),
        format!("* ESEARCH (TAG \"a\") UID MIN 1 COUNT 3\r\n{done}")
    );
    // RFC 9051 §7.3.4: nothing is found, and the answer comes all the same.
    assert_eq!(
        answer("IMAP4rev2", "SEARCH ALL", "SEARCH"),
        format!("* ESEARCH (TAG \"a\")\r\n{done}")
    );
    assert_eq!(
        answer("IMAP4rev2", "SEARCH RETURN (COUNT) ALL", "SEARCH"),
        format!("* ESEARCH (TAG \"a\") COUNT 0\r\n{done}")
    );
}

/// RFC 9051 §7.1: between the data of the old mailbox and those of the new one.
#[test]
fn closed_is_said_where_another_mailbox_was_selected() {
    for enabled in ["IMAP4rev2", "QRESYNC"] {
        let mut host = host(enabled);
        assert_eq!(host.hear("a SELECT x\r\n"), "* OK [CLOSED] the mailbox is closed\r\n", "{enabled}");
        host.complete();
        host.hear("b CLOSE\r\n");
        assert_eq!(host.hear("c SELECT x\r\n"), "", "none is selected");
    }
    let mut host = Host::selected(plain(&[]));
    assert_eq!(host.hear("a SELECT x\r\n"), "a OK SELECT completed\r\n", "to a server of RFC 3501 it is unknown");
}

#[test]
fn names_are_utf8() {
    for (enabled, command, asked, listed) in [
        ("IMAP4rev2", "a CREATE \"\u{e4}\"\r\n", "CREATE &AOQ-", "* LIST () \"/\" \"\u{e4}\"\r\n"),
        ("UTF8=ACCEPT", "a CREATE \"\u{e4}\"\r\n", "CREATE &AOQ-", "* LIST () \"/\" \"\u{e4}\"\r\n"),
        ("", "a CREATE &AOQ-\r\n", "CREATE &AOQ-", "* LIST () \"/\" &AOQ-\r\n"),
    ] {
        let mut host = host(enabled);
        host.take_asked();
        host.hear(command);
        let told = host.take_asked();
        assert_eq!(told.len(), 1, "{enabled}");
        let same = told[0] == asked || told[0] == "CREATE \u{e4}" || told[0] == "CREATE \\xc3\\xa4";
        assert!(same, "{told:?}");
        host.hear("b LIST \"\" *\r\n");
        let name = imap_proto::Mailbox::new("\u{e4}").expect("a name");
        host.list(name);
        assert_eq!(host.complete(), format!("{listed}b OK LIST completed\r\n"));
    }
}

/// The client writes names as was agreed, whenever the command was given.
#[test]
fn the_client_spells_as_agreed() {
    let mut caller = Caller::logged_in("IMAP4rev2 ENABLE");
    caller.give("ENABLE IMAP4rev2");
    let create = imap_proto::Command::Create(imap_proto::Create {
        mailbox: imap_proto::Mailbox::new("\u{e4}").expect("a name"),
        parameters: Vec::new(),
    });
    caller.client.submit(create.clone()).expect("it is legal");
    assert_eq!(caller.take_sent(), "A1 ENABLE IMAP4rev2\r\n");
    caller.hear("* ENABLED IMAP4rev2\r\nA1 OK\r\n");
    assert_eq!(caller.take_sent(), "A2 CREATE \"\u{e4}\"\r\n");
    caller.hear("A2 OK\r\n* LIST () \"/\" \"\u{f6}\"\r\n");
    let mut caller = Caller::logged_in("IMAP4rev2 ENABLE");
    caller.client.submit(create).expect("it is legal");
    assert_eq!(caller.take_sent(), "A1 CREATE &AOQ-\r\n");
}
