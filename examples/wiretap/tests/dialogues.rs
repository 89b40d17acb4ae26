//! Each protocol, as it should be read.

use wiretap::item::{Kind, Side};
use wiretap::protocol::Protocol;

use crate::support::{MESSAGE, Read, Talk, mail, read};

fn script(port: u16, lines: &str) -> Read {
    read(&Talk::new(port).script(lines).close().pcap())
}

#[test]
fn smtp_is_read_with_its_message() {
    let read = read(&mail().pcap());
    assert_eq!(
        read.commands(),
        [
            "EHLO client.example",
            "MAIL FROM:<alice@client.example>",
            "RCPT TO:<bob@mx.example>",
            "RCPT TO:<eve@mx.example>",
            "DATA",
            "QUIT"
        ]
    );
    let messages = read.messages();
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message.octets, MESSAGE);
    assert_eq!(message.sender.as_deref(), Some("<alice@client.example>"));
    assert_eq!(message.recipients, ["<bob@mx.example>"]);
    assert_eq!(message.outcome, "250 queued as 17");
    assert!(message.header.contains(&("Subject", "Lunch".into())));
    assert_eq!(read.warnings(), [""; 0]);
    let phases: Vec<_> = phases(&read);
    assert_eq!(
        phases,
        [
            "greeted",
            "ready for a message",
            "a message has a sender",
            "a message has recipients",
            "the message is sent",
            "ready for a message",
            "closed"
        ]
    );
    assert_eq!(read.stats[0].said.commands, 6);
    assert_eq!(read.stats[0].said.replies, 8);
}

fn phases(read: &Read) -> Vec<&'static str> {
    let phases = read.items.iter().filter_map(|item| match item.kind {
        Kind::Phase(phase) => Some(phase),
        _ => None,
    });
    phases.collect()
}

#[test]
fn pipelined_commands_stand_where_they_were_sent() {
    let read = script(
        25,
        "S: 220 mx\nC: EHLO c\nS: 250-mx\\250 PIPELINING
         C: MAIL FROM:<a@c>\\RCPT TO:<b@mx>\\DATA
         S: 250 ok\\250 ok\\354 go
         C: Hello\\.\\QUIT
         S: 250 ok\\221 bye",
    );
    let lines = read.lines();
    let place = |line: &str| lines.iter().position(|other| other == line).expect(line);
    assert!(place("C: DATA") < place("S: 354 go"));
    assert_eq!(read.messages()[0].octets, b"Hello\r\n");
    assert!(lines.contains(&"C: QUIT".into()));
}

#[test]
fn chunks_are_read_by_their_length() {
    let mut talk = Talk::new(25).script(
        "S: 220 mx\nC: EHLO c\nS: 250-mx\\250 CHUNKING\nC: MAIL FROM:<a@c>\nS: 250 ok\nC: RCPT TO:<b@mx>\nS: 250 ok",
    );
    // The second ends without a line end, and QUIT follows at once.
    talk.client(b"BDAT 7\r\nHello\r\nBDAT 8 LAST\r\n.\r\nworldQUIT\r\n");
    let talk = talk.script("S: 250 ok\nS: 250 ok\nS: 221 bye").close();
    let read = read(&talk.pcap());
    assert_eq!(read.messages()[0].octets, b"Hello\r\n.\r\nworld");
    assert_eq!(read.commands().last().map(String::as_str), Some("QUIT"));
}

#[test]
fn lmtp_has_a_reply_for_each_recipient() {
    let read = script(
        24,
        "S: 220 mx\nC: LHLO c\nS: 250 mx\nC: MAIL FROM:<a@c>\nS: 250 ok\nC: RCPT TO:<b@mx>\nS: 250 ok\nC: RCPT TO:<d@mx>\nS: 250 ok
         C: DATA\nS: 354 go\nC: Hello\\.\nS: 250 for b\nS: 452 full\nC: QUIT\nS: 221 bye",
    );
    assert_eq!(read.messages().len(), 1);
    assert_eq!(read.messages()[0].recipients, ["<b@mx>", "<d@mx>"]);
    assert_eq!(read.commands().last().map(String::as_str), Some("QUIT"));
}

#[test]
fn what_our_server_would_refuse_is_followed_all_the_same() {
    let read = script(
        25,
        "S: 220 mx\nC: MAIL FROM:<a@c>\nS: 250 ok\nC: RCPT TO:<b@mx>\nS: 250 ok\nC: DATA\nS: 354 go\nC: Hello\\.\nS: 250 ok
         C: MAIL FROM: <a@c> FOO=BAR\nS: 250 ok\nC: RCPT TO:<b@mx>\nS: 250 ok\nC: DATA\nS: 354 go\nC: World\\.\nS: 250 ok\nC: QUIT\nS: 221 bye",
    );
    let messages: Vec<_> = read.messages().into_iter().map(|found| found.octets).collect();
    assert_eq!(messages, [b"Hello\r\n".to_vec(), b"World\r\n".to_vec()]);
    assert!(read.shown().contains("would have said 503"), "{}", read.shown());
}

#[test]
fn logins_are_decoded() {
    let plain = script(
        587,
        "S: 220 mx\nC: EHLO c\nS: 250-mx\\250 AUTH PLAIN\nC: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: 235 ok\nC: QUIT\nS: 221 bye",
    );
    assert_eq!(plain.decoded(), ["user=alice", "password=secret"]);
    let login = script(
        587,
        "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535 no\nC: QUIT\nS: 221 bye",
    );
    assert_eq!(
        login.decoded(),
        ["asks=Username:", "user=alice", "asks=Password:", "password=secret"]
    );
    let bearer = script(
        587,
        "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2tlbgEB\nS: 235 ok",
    );
    assert_eq!(bearer.decoded(), ["user=alice", "token=Bearer token"]);
    let unknown = script(
        587,
        "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: AUTH X-OWN\nS: 334 \nC: AAAA\nS: 235 ok\nC: QUIT\nS: 221 bye",
    );
    assert_eq!(unknown.commands().last().map(String::as_str), Some("QUIT"));
}

#[test]
fn scram_is_taken_apart() {
    // The example of RFC 5802 §5.
    let read = script(
        143,
        "S: * OK ready
         C: a AUTHENTICATE SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM
         S: + cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==
         C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRzPQ==
         S: + dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9
         C:\x20
         S: a OK in
         C: b LOGOUT\nS: * BYE bye\\b OK bye",
    );
    let decoded = read.decoded();
    for fact in [
        "user=user",
        "salt=QSXCR+Q6sek8bf92",
        "iterations=4096",
        "proof=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "server's proof=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ] {
        assert!(decoded.iter().any(|other| other == fact), "{fact} in {decoded:?}");
    }
    assert!(phases(&read).contains(&"AUTHENTICATED: no mailbox is open"));
}

#[test]
fn starttls_makes_it_opaque_and_a_refusal_does_not() {
    let refused = script(
        25,
        "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: STARTTLS\nS: 454 not now\nC: QUIT\nS: 221 bye",
    );
    assert_eq!(refused.commands(), ["EHLO c", "STARTTLS", "QUIT"]);
    let mut talk = Talk::new(25).script("S: 220 mx\nC: EHLO c\nS: 250-mx\\250 STARTTLS\nC: STARTTLS\nS: 220 go");
    talk.client(&client_hello("mx.example"));
    talk.server(b"\x16\x03\x03\x00\x02\x02\x00");
    let accepted = read(&talk.close().pcap());
    let shown = accepted.shown();
    assert!(
        shown.contains("STARTTLS: from here on, nobody can read along"),
        "{shown}"
    );
    assert!(
        shown.contains("the client offers up to TLS 1.3, for mx.example, ALPN imap"),
        "{shown}"
    );
    assert!(
        shown.contains(" octets of the client and 7 of the server cannot be read"),
        "{shown}"
    );
}

/// docs/threats.md row 4
#[test]
fn what_was_slipped_in_behind_starttls_is_told() {
    let read = script(25, "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: STARTTLS\\RSET\nS: 220 go");
    assert!(
        read.warnings()[0].contains("6 octets behind STARTTLS were sent in plaintext"),
        "{:?}",
        read.warnings()
    );
    let read = script(110, "S: +OK\nC: STLS\\CAPA\nS: +OK go");
    assert!(
        read.warnings()[0].contains("6 octets behind STLS"),
        "{:?}",
        read.warnings()
    );
}

/// A ClientHello with these extensions: server_name, ALPN, supported_versions.
fn client_hello(name: &str) -> Vec<u8> {
    let length = |octets: usize| (octets as u16).to_be_bytes();
    let name = name.as_bytes();
    let mut extensions = Vec::new();
    extensions.extend([[0, 0], length(name.len() + 5), length(name.len() + 3)].concat());
    extensions.push(0);
    extensions.extend(length(name.len()));
    extensions.extend(name);
    extensions.extend(b"\0\x10\0\x07\0\x05\x04imap\0\x2b\0\x05\x04\x7f\x1c\x03\x04");
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend(b"\0\0\x02\x13\x01\x01\0");
    body.extend(length(extensions.len()));
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend(length(body.len() + 4));
    record.extend([1, 0]);
    record.extend(length(body.len()));
    record.extend(body);
    record
}

#[test]
fn pop3_is_read_with_its_messages() {
    let read = script(
        110,
        "S: +OK ready\nC: USER bob\nS: +OK\nC: PASS hungry\nS: +OK in\nC: STAT\nS: +OK 1 20\nC: LIST\nS: +OK\\1 20\\.
         C: RETR 1\nS: +OK\\Subject: x\\\\..dot\\.\nC: RETR 2\nS: -ERR none\nC: XTND XMIT\nS: -ERR what\nC: QUIT\nS: +OK bye",
    );
    assert_eq!(
        read.commands(),
        [
            "USER bob",
            "PASS hungry",
            "STAT",
            "LIST",
            "RETR 1",
            "RETR 2",
            "XTND XMIT",
            "QUIT"
        ]
    );
    assert_eq!(read.messages().len(), 1);
    assert_eq!(read.messages()[0].octets, b"Subject: x\r\n\r\n.dot\r\n");
    assert_eq!(read.messages()[0].carrier, "RETR 1");
    assert_eq!(read.decoded(), ["password=hungry"]);
    assert!(phases(&read).contains(&"TRANSACTION: the mailbox is open"));
}

#[test]
fn pipelined_pop3_is_read_in_order() {
    let read = script(
        110,
        "S: +OK ready\nC: USER bob\nS: +OK\nC: PASS hungry\nS: +OK in\nC: RETR 1\\RETR 2\\DELE 1\\QUIT
         S: +OK\\a\\.\\+OK\\b\\.\\+OK\\+OK bye",
    );
    let messages: Vec<_> = read.messages().into_iter().map(|found| found.octets).collect();
    assert_eq!(messages, [b"a\r\n".to_vec(), b"b\r\n".to_vec()]);
    assert!(!read.shown().contains("no command was seen"), "{}", read.shown());
}

#[test]
fn imap_is_read_with_its_messages() {
    let read = script(
        143,
        "S: * OK ready\nC: a LOGIN bob hungry\nS: a OK in\nC: b SELECT INBOX\nS: * 1 EXISTS\\b OK [READ-WRITE] open
         C: c FETCH 1 (FLAGS BODY[])\nS: * 1 FETCH (FLAGS () BODY[] {14}\\Subject: x\\\\)\\c OK done
         C: d APPEND INBOX {14}\nS: + go\nC: Subject: y\\\\\nS: d OK stored\nC: e IDLE\nS: + idling\nS: * 2 EXISTS\nC: DONE\nS: e OK
         C: f LOGOUT\nS: * BYE bye\\f OK",
    );
    let messages: Vec<_> = read
        .messages()
        .into_iter()
        .map(|found| (found.carrier, found.octets))
        .collect();
    assert_eq!(
        messages,
        [
            ("FETCH BODY[]".to_owned(), b"Subject: x\r\n\r\n".to_vec()),
            ("APPEND".to_owned(), b"Subject: y\r\n\r\n".to_vec())
        ]
    );
    assert_eq!(read.decoded(), ["user=bob", "password=hungry"]);
    let commands = read.commands();
    assert_eq!(commands[0], "a LOGIN bob hungry");
    assert_eq!(commands[commands.len() - 2..], ["DONE", "f LOGOUT"]);
    assert_eq!(read.warnings(), [""; 0]);
}

#[test]
fn a_literal_that_is_refused_never_comes() {
    let read = script(
        143,
        "S: * PREAUTH ready\nC: a APPEND INBOX {1000}\nS: a NO [OVERQUOTA] full\nC: b SELECT INBOX\nS: b OK open\nC: c LOGOUT\nS: * BYE bye\\c OK",
    );
    assert_eq!(read.commands(), ["a APPEND INBOX {1000}", "b SELECT INBOX", "c LOGOUT"]);
    assert_eq!(read.messages().len(), 0);
    assert!(phases(&read).contains(&"SELECTED: a mailbox is open"));
}

#[test]
fn protocols_are_recognised_by_what_is_said() {
    let by_content = |lines: &str| {
        let read = script(40, lines);
        read.items.iter().find_map(|item| match item.kind {
            Kind::Recognised(protocol, _) => Some(protocol),
            _ => None,
        })
    };
    assert_eq!(
        by_content("S: 220 mx ESMTP\nC: EHLO c\nS: 250 mx"),
        Some(Protocol::Smtp)
    );
    assert_eq!(by_content("S: 220 mx LMTP\nC: LHLO c\nS: 250 mx"), Some(Protocol::Lmtp));
    assert_eq!(by_content("S: +OK ready\nC: QUIT\nS: +OK"), Some(Protocol::Pop3));
    assert_eq!(
        by_content("S: * OK ready\nC: a LOGOUT\nS: * BYE bye"),
        Some(Protocol::Imap)
    );
    // FTP greets as SMTP does.
    assert_eq!(
        by_content("S: 220 ftp ready\nC: USER anonymous\nS: 331 password?"),
        None
    );
    assert_eq!(by_content("C: GET / HTTP/1.1\nS: HTTP/1.1 200 OK"), None);
}

#[test]
fn compressed_dialogues_are_inflated() {
    let mut talk = Talk::new(143).script("S: * PREAUTH ready\nC: a COMPRESS DEFLATE\nS: a OK active");
    let compress = |plain: &[u8]| {
        let mut deflate = mail_wire::Deflate::new(&[]);
        deflate.write(plain);
        deflate.flush();
        deflate.transmit().to_vec()
    };
    talk.client(&compress(b"b SELECT INBOX\r\n"));
    talk.server(&compress(b"* 1 EXISTS\r\nb OK open\r\n"));
    let read = read(&talk.close().pcap());
    assert_eq!(
        read.lines()[3..],
        ["C: b SELECT INBOX", "S: * 1 EXISTS", "S: b OK open"]
    );
}

/// docs/threats.md row 30: nothing that a terminal would act upon.
#[test]
fn what_is_shown_is_harmless() {
    let read = script(
        25,
        "S: 220 \x1b[2J\x1b]0;owned\x07\nC: EHLO \x1b[31mc\u{202e}\nS: 250 \r\x08mx\nC: QUIT\nS: 221 bye",
    );
    let shown = read.shown();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    assert!(shown.contains(r"\x1b[2J"), "{shown}");
}

#[test]
fn lines_have_their_side_and_time() {
    let read = read(&mail().pcap());
    let line = read
        .items
        .iter()
        .find(|item| matches!(&item.kind, Kind::Line(line) if line.text == b"DATA"));
    let line = line.expect("DATA is there");
    assert_eq!((line.side, line.stream, line.stamp.packet), (Some(Side::Client), 1, 13));
}
