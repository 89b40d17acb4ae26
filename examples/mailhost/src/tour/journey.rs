//! What the tour has seen, and whether it is what should have been.

use rfc5322::{DateTime, FieldName};

use super::arrived::{Arrived, Hop};
use super::checks::Checks;
use super::dialogue::Heard;
use super::hosts::{CREPES, Fetched, HAMBURGER, LAPTOP};

/// One message from Alice to Bob.
pub(super) struct Journey {
    /// When it began.
    pub(super) began: DateTime,
    /// What Alice wrote.
    pub(super) written: Vec<u8>,
    /// From Alice's client to her server.
    pub(super) submission: Heard,
    /// From her server to Bob's.
    pub(super) relay: Heard,
    /// From Bob's server to his client.
    pub(super) retrieval: Heard,
    /// What his client has got.
    pub(super) fetched: Fetched,
}

impl Journey {
    /// Checks all of it. `ended` is when the hosts had stopped.
    pub(super) fn checks(&self, ended: DateTime, checks: &mut Checks) {
        self.dialogues(checks);
        self.trace(checks, ended);
        let below = Arrived::new(&self.fetched.message).below;
        checks.same_octets(
            "below the trace fields Bob has what Alice wrote, octet for octet",
            &self.written,
            below,
        );
    }

    fn dialogues(&self, checks: &mut Checks) {
        let replies = |heard: &Heard| heard.replies.join(" ");
        checks.same("replies in dialogue 1", SUBMISSION_REPLIES, replies(&self.submission));
        checks.same("replies in dialogue 2", SMTP_REPLIES, replies(&self.relay));
        checks.same("replies in dialogue 3", POP3_REPLIES, replies(&self.retrieval));
        let said = "the message in dialogue 1 is what Alice wrote";
        checks.same_octets(said, &self.written, &self.submission.message);
        let relayed = Arrived::new(&self.relay.message);
        checks.same("trace fields of the message in dialogue 2", "Received", relayed.names());
        checks.same_octets("below that field stands what Alice wrote", &self.written, relayed.below);
        let said = "the message in dialogue 3 is what Bob's client has got";
        checks.same_octets(said, &self.retrieval.message, &self.fetched.message);
        let octets = |number: u64| format!("{number} octets");
        let length = self.fetched.message.len() as u64;
        checks.same("its size as LIST told it", octets(length), octets(self.fetched.listed));
    }

    fn trace(&self, checks: &mut Checks, ended: DateTime) {
        let arrived = Arrived::new(&self.fetched.message);
        let names = "Return-Path, Delivered-To, Received, Received";
        checks.same("trace fields of Bob's message", names, arrived.names());
        let value = |name| arrived.value(&name);
        checks.same("Return-Path", "<alice@crepes.fr>", value(FieldName::RETURN_PATH));
        checks.same("Delivered-To", "bob@hamburger.edu", value(FieldName::DELIVERED_TO));
        let hops = arrived.hops();
        let text = |number: usize| hops.get(number).map_or("none", |hop| &hop.text).to_owned();
        let first = hop(LAPTOP, CREPES, "ESMTPSA", &self.submission);
        checks.same("the lower Received", first, text(1));
        let second = hop(CREPES, HAMBURGER, "ESMTP", &self.relay);
        checks.same("the upper Received", second, text(0));
        checks.same("their dates", IN_ORDER, self.dates(&hops, ended));
    }

    /// Whether the hops happened one after the other, while the tour lasted.
    fn dates(&self, hops: &[Hop], ended: DateTime) -> String {
        let hops = hops.iter().rev().map(|hop| hop.date);
        let dates: Vec<_> = [Some(self.began)]
            .into_iter()
            .chain(hops)
            .chain([Some(ended)])
            .collect();
        let seconds = |date: &Option<DateTime>| date.as_ref().map(DateTime::unix_seconds);
        if dates.iter().all(Option::is_some) && dates.is_sorted_by_key(seconds) {
            return IN_ORDER.to_owned();
        }
        let dates = dates
            .iter()
            .map(|date| date.map_or("no date".to_owned(), |date| date.to_string()));
        dates.collect::<Vec<_>>().join(" / ")
    }
}

/// A hop in short. The name in its `Received` is the one in the reply to the message.
fn hop(from: &str, by: &str, with: &str, heard: &Heard) -> String {
    let name = heard.queued_as.as_deref().unwrap_or("?");
    format!("{from} [127.0.0.1] -> {by}, {with}, {name}, <bob@hamburger.edu>")
}

/// Greeting, EHLO, STARTTLS, EHLO, AUTH, two challenges, its end, MAIL, RCPT, DATA, message, QUIT.
const SUBMISSION_REPLIES: &str = "220 250 220 250 334 334 235 250 250 354 250 221";

/// Greeting, EHLO, MAIL, RCPT, DATA, message, QUIT.
const SMTP_REPLIES: &str = "220 250 250 250 354 250 221";

/// Greeting, CAPA, USER, PASS, STAT, LIST, UIDL, RETR, DELE, QUIT.
const POP3_REPLIES: &str = "+OK +OK +OK +OK +OK +OK +OK +OK +OK +OK";

const IN_ORDER: &str = "in order, and while the tour lasted";

#[cfg(test)]
mod tests {
    use super::super::screen::Screen;
    use super::*;
    use rfc5322::Zone;

    const WRITTEN: &str = "From: alice@crepes.fr\r\n\r\nDo you like ketchup?\r\n";
    const FIRST: &str = "Received: from laptop.crepes.fr ([127.0.0.1]) by crepes.fr with ESMTPSA id A\r\n \
                         for <bob@hamburger.edu>; Tue, 01 Jul 2003 08:52:37 +0000\r\n";
    const SECOND: &str = "Return-Path: <alice@crepes.fr>\r\nDelivered-To: bob@hamburger.edu\r\n\
                          Received: from crepes.fr ([127.0.0.1]) by hamburger.edu with ESMTP id B\r\n \
                          for <bob@hamburger.edu>; Tue, 01 Jul 2003 08:52:38 +0000\r\n";

    fn at(seconds: i64) -> DateTime {
        DateTime::from_unix(1_057_049_557 + seconds, Zone::UTC).unwrap()
    }

    fn heard(replies: &str, message: &str, name: Option<&str>) -> Heard {
        Heard {
            replies: replies.split(' ').map(str::to_owned).collect(),
            message: message.into(),
            queued_as: name.map(str::to_owned),
            ..Heard::default()
        }
    }

    /// A journey on which Bob got `message`.
    fn journey(message: &str) -> Journey {
        Journey {
            began: at(0),
            written: WRITTEN.into(),
            submission: heard(SUBMISSION_REPLIES, WRITTEN, Some("A")),
            relay: heard(SMTP_REPLIES, &format!("{FIRST}{WRITTEN}"), Some("B")),
            retrieval: heard(POP3_REPLIES, message, None),
            fetched: Fetched {
                message: message.into(),
                listed: message.len() as u64,
            },
        }
    }

    /// The names of the checks that fail.
    fn failures(journey: &Journey) -> Vec<String> {
        let (mut shown, mut checks) = (Vec::new(), Checks::default());
        journey.checks(at(2), &mut checks);
        let result = checks.report(&mut Screen::plain(&mut shown)).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        let failures: Vec<_> = shown.lines().filter_map(|line| line.strip_prefix("FAILED  ")).collect();
        assert_eq!(result.is_err(), !failures.is_empty(), "{shown}");
        failures.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_good_journey_passes() {
        let message = format!("{SECOND}{FIRST}{WRITTEN}");
        assert_eq!(failures(&journey(&message)), [""; 0]);
    }

    /// White space between the words of a trace field may change; nothing else may.
    #[test]
    fn no_octet_of_the_message_can_change() {
        let trace = format!("{SECOND}{FIRST}");
        let message = format!("{trace}{WRITTEN}");
        for (offset, octet) in message.bytes().enumerate() {
            if offset < trace.len() && octet.is_ascii_whitespace() {
                continue;
            }
            let mut tampered = message.clone().into_bytes();
            tampered[offset] ^= 2;
            let tampered = String::from_utf8(tampered).unwrap();
            assert_ne!(failures(&journey(&tampered)), [""; 0], "{offset}: {tampered}");
        }
    }

    #[test]
    fn nothing_else_can_change() {
        let good = || journey(&format!("{SECOND}{FIRST}{WRITTEN}"));
        let fails = |change: &dyn Fn(&mut Journey), what: &str| {
            let mut journey = good();
            change(&mut journey);
            let failures = failures(&journey);
            assert!(
                failures.len() == 1 && failures[0].contains(what),
                "{what}: {failures:?}"
            );
        };
        fails(
            &|journey| journey.submission.replies[3] = "251".to_owned(),
            "replies in dialogue 1",
        );
        fails(&|journey| journey.relay.replies.swap(3, 4), "replies in dialogue 2");
        fails(
            &|journey| drop(journey.retrieval.replies.pop()),
            "replies in dialogue 3",
        );
        fails(
            &|journey| journey.submission.message.truncate(9),
            "message in dialogue 1",
        );
        fails(&|journey| journey.relay.message.push(b'.'), "below that field");
        fails(
            &|journey| journey.relay.message = WRITTEN.into(),
            "fields of the message in dialogue 2",
        );
        fails(&|journey| journey.retrieval.message.push(b'.'), "message in dialogue 3");
        fails(&|journey| journey.fetched.listed += 1, "size");
        fails(&|journey| journey.relay.queued_as = None, "upper Received");
        fails(
            &|journey| journey.submission.queued_as = Some("C".to_owned()),
            "lower Received",
        );
        fails(&|journey| journey.began = at(1), "dates");
    }
}
