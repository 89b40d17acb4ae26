//! A message in Alice's name that Alice did not write.

use std::io::{self, Write};

use rfc5322::{FieldName, Fields, RawField};

use super::arrived::{Arrived, Note, Told};
use super::checks::Checks;
use super::dialogue::Heard;
use super::hosts::{Fetched, HAMBURGER, INTRUDER};
use super::screen::Screen;

/// How it went.
pub(super) struct Forgery {
    /// What the stranger wrote.
    pub(super) written: Vec<u8>,
    /// From the stranger to Bob's server.
    pub(super) heard: Heard,
    /// What Bob's client has got.
    pub(super) fetched: Fetched,
}

impl Forgery {
    /// Shows the message as Bob has it.
    ///
    /// # Errors
    ///
    /// Those of the screen.
    pub(super) fn show_message(&self, screen: &mut Screen<impl Write>) -> io::Result<()> {
        Arrived::new(&self.fetched.message).show(&FORGED, screen)
    }

    /// Checks all of it.
    pub(super) fn checks(&self, checks: &mut Checks) {
        checks.same("replies to the forged message", REPLIES, self.heard.replies.join(" "));
        let arrived = Arrived::new(&self.fetched.message);
        let names = "Return-Path, Delivered-To, Received";
        checks.same("its trace fields, none of crepes.fr's", names, arrived.names());
        let value = |name| arrived.value(&name);
        checks.same(
            "its Return-Path",
            "<trudy@intruder.example>",
            value(FieldName::RETURN_PATH),
        );
        checks.same("its From", "Alice <alice@crepes.fr>", from(arrived.below));
        let hops = arrived.hops();
        let hop = hops.first().map_or("none", |hop| &hop.text);
        let name = self.heard.queued_as.as_deref().unwrap_or("?");
        let expected = format!("{INTRUDER} [127.0.0.1] -> {HAMBURGER}, ESMTP, {name}, <bob@hamburger.edu>");
        checks.same("its Received", expected, hop);
        checks.same_octets("below stands what Trudy wrote", &self.written, arrived.below);
    }
}

/// Who wrote a message, if one believes it.
fn from(message: &[u8]) -> String {
    let found = Fields::new(message)
        .map_while(Result::ok)
        .find(|field| field.is(&FieldName::FROM));
    found.map_or("nobody".to_owned(), |field| {
        mail_wire::Escaped(field.unfolded().trim_ascii()).to_string()
    })
}

fn about(field: &RawField<'_>, _: usize) -> Note {
    if field.is(&FieldName::RETURN_PATH) {
        return &["Of the envelope, and not Alice's. Most mail programs do not show it."];
    }
    match field.is(&FieldName::RECEIVED) {
        true => &[
            "intruder.example is what the client called itself in EHLO, which can be a lie, too. The",
            "address in brackets is where the connection came from, as hamburger.edu saw it: that is true.",
            "There is no Received of crepes.fr; had Trudy written one, it would stand below this one.",
        ],
        false => &[],
    }
}

const FORGED: Told = Told {
    author: "Trudy",
    deliverer: HAMBURGER,
    trace: about,
    lines: &[(
        "From:",
        &["This is what Bob's mail program shows, perhaps with a picture of Alice."],
    )],
};

/// Greeting, EHLO, MAIL, RCPT for Bob, RCPT for Alice, DATA, message, QUIT.
const REPLIES: &str = "220 250 250 250 550 354 250 221";

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "From: Alice <alice@crepes.fr>\r\n\r\nHi\r\n";

    const TRACE: &str = "Return-Path: <trudy@intruder.example>\r\nDelivered-To: bob@hamburger.edu\r\n\
        Received: from intruder.example ([127.0.0.1]) by hamburger.edu with ESMTP id A\r\n \
        for <bob@hamburger.edu>; Tue, 01 Jul 2003 08:52:37 +0000\r\n";

    /// How many checks fail.
    fn failures(message: &str, replies: &str) -> usize {
        let forgery = Forgery {
            written: WRITTEN.into(),
            heard: Heard {
                replies: replies.split(' ').map(str::to_owned).collect(),
                queued_as: Some("A".to_owned()),
                ..Heard::default()
            },
            fetched: Fetched {
                message: message.into(),
                listed: 0,
            },
        };
        let (mut checks, mut shown) = (Checks::default(), Vec::new());
        forgery.checks(&mut checks);
        let _ = checks.report(&mut Screen::plain(&mut shown)).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        shown.lines().filter(|line| line.starts_with("FAILED")).count()
    }

    #[test]
    fn a_forgery_that_went_another_way_fails() {
        let good = format!("{TRACE}{WRITTEN}");
        assert_eq!(failures(&good, REPLIES), 0);
        assert_eq!(failures(&good, "220 250 250 250 250 354 250 221"), 1);
        for (said, instead) in [
            ("<trudy@", "<alice@"),
            ("from intruder.example", "from crepes.fr"),
            ("[127.0.0.1]", "[127.0.0.2]"),
            ("id A", "id B"),
            ("Alice <alice@", "Trudy <trudy@"),
            ("Hi", "Ho"),
        ] {
            assert_ne!(failures(&good.replace(said, instead), REPLIES), 0, "{said}");
        }
    }
}
