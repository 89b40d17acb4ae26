//! A message to nobody: the host that had taken it tells Alice.

use std::io::{self, Write};

use mime_codec::Message;
use mime_codec::report::{DeliveryStatus, RecipientStatus};
use rfc5322::{FieldName, RawField};

use super::arrived::{Arrived, Note, Told};
use super::checks::Checks;
use super::dialogue::Heard;
use super::hosts::Fetched;
use super::screen::Screen;

/// What became of it.
pub(super) struct Undelivered {
    /// What Alice wrote.
    pub(super) written: Vec<u8>,
    /// From her client to her server.
    pub(super) submission: Heard,
    /// From her server to Bob's.
    pub(super) refusal: Heard,
    /// What her client has got.
    pub(super) report: Fetched,
}

impl Undelivered {
    /// Shows the report, its parts, and what a program reads in it.
    ///
    /// # Errors
    ///
    /// Those of the screen.
    pub(super) fn show_report(&self, screen: &mut Screen<impl Write>) -> io::Result<()> {
        Arrived::new(&self.report.message).show(&REPORT, screen)?;
        screen.text("")?;
        screen.mark("its parts, as a parser sees them")?;
        let parts = Message::parse(&self.report.message).outline().to_string();
        screen.text(parts.trim_end())
    }

    /// Checks all of it.
    pub(super) fn checks(&self, checks: &mut Checks) {
        let replies = |heard: &Heard| heard.replies.join(" ");
        checks.same("replies to the message for nobody", TAKEN, replies(&self.submission));
        checks.same("replies of Bob's server to it", REFUSED, replies(&self.refusal));
        let arrived = Arrived::new(&self.report.message);
        checks.same(
            "trace fields of the report",
            "Return-Path, Delivered-To",
            arrived.names(),
        );
        checks.same("its Return-Path", "<>", arrived.value(&FieldName::RETURN_PATH));
        checks.same(
            "its Delivered-To",
            "alice@crepes.fr",
            arrived.value(&FieldName::DELIVERED_TO),
        );
        let report = Message::parse(&self.report.message);
        let parts: Vec<_> = report.root().children().collect();
        let types: Vec<_> = parts
            .iter()
            .map(|part| part.content_type().essence().to_string())
            .collect();
        let expected = "text/plain, message/delivery-status, message/rfc822";
        checks.same("its parts", expected, types.join(", "));
        let status = parts.get(1).and_then(|part| part.delivery_status()).unwrap_or_default();
        checks.same("what it tells a program", STATUS, told(&status));
        let returned = parts.get(2).map(|part| part.decode()).unwrap_or_default();
        let returned = Arrived::new(&returned);
        checks.same("trace fields of the message in it", "Received", returned.names());
        checks.same_octets(
            "below that field stands what Alice wrote",
            &self.written,
            returned.below,
        );
    }
}

/// The fields that say what happened to whom.
fn told(status: &DeliveryStatus) -> String {
    let recipient = |recipient: &RecipientStatus| {
        let typed = |typed: &Option<mime_codec::report::Typed>| {
            typed.as_ref().map_or("?".to_owned(), |typed| typed.value.clone())
        };
        let status = recipient.status.map_or("?".to_owned(), |status| status.to_string());
        let action = recipient
            .action
            .as_ref()
            .map_or("?".to_owned(), |action| format!("{action:?}").to_lowercase());
        let code = typed(&recipient.diagnostic_code);
        let code = code.split(' ').next().unwrap_or_default();
        format!(
            "{} {action} {status} {code} from {}",
            typed(&recipient.final_recipient),
            typed(&recipient.remote_mta)
        )
    };
    let recipients: Vec<_> = status.recipients.iter().map(recipient).collect();
    recipients.join(" / ")
}

fn about(field: &RawField<'_>, _: usize) -> Note {
    match field.is(&FieldName::RETURN_PATH) {
        true => &[
            "Empty: if this report cannot be delivered either, nobody is told. Otherwise two hosts could",
            "report to each other for ever (RFC 5321 §4.5.5).",
        ],
        false => &["It came from no other host: crepes.fr wrote it and put it into Alice's maildrop itself."],
    }
}

const REPORT: Told = Told {
    author: "crepes.fr",
    deliverer: "crepes.fr",
    trace: about,
    lines: LINES,
};

const LINES: &[(&str, Note)] = &[
    (
        "Auto-Submitted:",
        &["Written by a program: programs that answer mail must not answer this (RFC 3834)."],
    ),
    (
        " boundary=",
        &[
            "A report is for people and programs: words, the same for a program, and the message that it is",
            "about (RFC 6522 §3).",
        ],
    ),
    (
        "Content-Type: message/delivery-status",
        &["The part for programs (RFC 3464 §2). A mailing list, say, strikes off who has bounced often."],
    ),
    (
        "Reporting-MTA:",
        &["The first fields are about the message; then, for each recipient, some about that one."],
    ),
    (
        "Action:",
        &["failed is for good. Others hear of delayed, delivered, relayed, expanded (RFC 3464 §2.3.3)."],
    ),
    (
        "Remote-MTA:",
        &["The host that refused, as crepes.fr was told of it here: by its address."],
    ),
    (
        "Diagnostic-Code:",
        &["What that host said, word for word (RFC 3464 §2.3.6)."],
    ),
    (
        "Content-Type: message/rfc822",
        &["What Alice wrote, so that she need not guess which message this is about."],
    ),
];

/// Greeting, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, message, QUIT.
const TAKEN: &str = "220 250 220 250 235 250 250 354 250 221";

/// Greeting, EHLO, MAIL, RCPT, DATA, QUIT.
const REFUSED: &str = "220 250 250 550 554 221";

const STATUS: &str = "bbo@hamburger.edu failed 5.1.1 550 from 127.0.0.1";

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "From: alice@crepes.fr\r\n\r\nHi\r\n";

    const REPORT: &str = "Return-Path: <>\r\nDelivered-To: alice@crepes.fr\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n\
        Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; crepes.fr\r\n\r\n\
        Final-Recipient: rfc822; bbo@hamburger.edu\r\nAction: failed\r\nStatus: 5.1.1\r\n\
        Remote-MTA: dns; 127.0.0.1\r\nDiagnostic-Code: smtp; 550 5.1.1 Who?\r\n--b\r\n\
        Content-Type: message/rfc822\r\n\r\nReceived: from a by b; x\r\n";

    fn heard(replies: &str) -> Heard {
        Heard {
            replies: replies.split(' ').map(str::to_owned).collect(),
            ..Heard::default()
        }
    }

    /// The names of the checks that fail where the report is `report`.
    fn failures(report: &str, refused: &str) -> Vec<String> {
        let undelivered = Undelivered {
            written: WRITTEN.into(),
            submission: heard(TAKEN),
            refusal: heard(refused),
            report: Fetched {
                message: report.into(),
                listed: 0,
            },
        };
        let (mut checks, mut shown) = (Checks::default(), Vec::new());
        undelivered.checks(&mut checks);
        let _ = checks.report(&mut Screen::plain(&mut shown)).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let failed = shown.lines().filter_map(|line| line.strip_prefix("FAILED  "));
        failed.map(str::to_owned).collect()
    }

    #[test]
    fn a_report_that_says_something_else_fails() {
        let good = format!("{REPORT}{WRITTEN}\r\n--b--\r\n");
        assert_eq!(failures(&good, REFUSED), [""; 0]);
        assert_eq!(failures(&good, "220 250 250 250 354 250 221").len(), 1);
        for (said, instead) in [
            ("Path: <>", "Path: <alice@crepes.fr>"),
            ("To: alice", "To: bob"),
            ("message/delivery-status", "text/plain"),
            ("Recipient: rfc822; bbo", "Recipient: rfc822; bob"),
            ("Action: failed", "Action: delayed"),
            ("Status: 5.1.1", "Status: 5.1.2"),
            ("MTA: dns; 127", "MTA: dns; 128"),
            ("smtp; 550", "smtp; 551"),
            ("message/rfc822", "text/plain"),
            ("Received: ", "X-Received: "),
            ("Hi", "Ho"),
        ] {
            assert_ne!(failures(&good.replace(said, instead), REFUSED), [""; 0], "{said}");
        }
    }
}
