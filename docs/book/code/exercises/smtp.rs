//! Chapter 2: SMTP.

use mail_wire::{BareLineEnds, DotReader, Dots};
use smtp_proto::Command;

use super::{Exercise, on_the_wire};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "2.1",
        question: "Write the line that begins a message from alice@crepes.fr and announces a size of 2000 octets.",
        answer: "MAIL FROM:<alice@crepes.fr> SIZE=2000",
        check: announces_a_size,
    },
    Exercise {
        id: "2.2",
        question: "Write the line that begins a report, to which nobody must ever be answered with another report.",
        answer: "MAIL FROM:<>",
        check: |answer| match command(answer)? {
            Command::Mail(mail) if mail.reverse_path().is_null() => Ok(()),
            Command::Mail(_) => Err("Then a report could come back. The path must be empty.".to_owned()),
            _ => Err("A message begins with MAIL.".to_owned()),
        },
    },
    Exercise {
        id: "2.3",
        question: "The local part of a mailbox at example.org is `fish & chips`, with its two spaces. Write the line that names it \
                   as a recipient.",
        answer: "RCPT TO:<\"fish & chips\"@example.org>",
        check: |answer| match command(answer)? {
            Command::Rcpt(rcpt) if rcpt.forward_path().to_string() == "<\"fish & chips\"@example.org>" => Ok(()),
            Command::Rcpt(rcpt) => Err(format!("This names {}.", rcpt.forward_path())),
            _ => Err("A recipient is named with RCPT.".to_owned()),
        },
    },
    Exercise {
        id: "2.4",
        question: "A message has three lines: `Three dots:`, `...` and `.`. Write all that is sent behind the reply 354.",
        answer: "Three dots:\n....\n..\n.",
        check: is_stuffed,
    },
    Exercise {
        id: "2.5",
        question: "Write one reply with the code 250 and two lines of text, `left` and `right`.",
        answer: "250-left\n250 right",
        check: |answer| match answer {
            "250-left\n250 right" => Ok(()),
            _ => Err("Each line has the code; all lines but the last have a hyphen behind it.".to_owned()),
        },
    },
];

fn command(line: &str) -> Result<Command, String> {
    Command::parse(line.as_bytes()).map_err(|error| format!("No server understands this: {error}."))
}

fn announces_a_size(answer: &str) -> Result<(), String> {
    let Command::Mail(mail) = command(answer)? else {
        return Err("A message begins with MAIL.".to_owned());
    };
    match (mail.reverse_path().to_string().as_str(), mail.size()) {
        ("<alice@crepes.fr>", Some(2000)) => Ok(()),
        ("<alice@crepes.fr>", _) => Err("The size is a parameter: a space, SIZE=, the number.".to_owned()),
        (path, _) => Err(format!("This is from {path}.")),
    }
}

/// Reads it as a server does.
fn is_stuffed(answer: &str) -> Result<(), String> {
    let (wire, mut reader) = (on_the_wire(answer), DotReader::new(BareLineEnds::Refuse));
    let (mut rest, mut message) = (&wire[..], Vec::new());
    loop {
        let used = match reader.next(rest) {
            Dots::Body(n) => {
                message.extend_from_slice(&rest[..n]);
                reader.consumed(n);
                n
            }
            Dots::Drop(n) => n,
            Dots::End(n) => {
                rest = &rest[n..];
                break;
            }
            Dots::Incomplete | Dots::Bare => return Err("The server goes on waiting for the end.".to_owned()),
        };
        rest = &rest[used..];
    }
    let read = String::from_utf8_lossy(&message);
    match (&*read, rest) {
        ("Three dots:\r\n...\r\n.\r\n", []) => Ok(()),
        (_, [_, ..]) => Err("The message ends too early: what is behind its end would be read as commands.".to_owned()),
        _ => Err(format!("The server reads:\n{read}")),
    }
}
