//! Chapter 4: IMAP.

use std::num::NonZeroU32;

use imap_mailbox::{MessageFacts, SearchContext, SearchPlan, Verdict};
use imap_proto::{
    Access, Command, Date, DateTime, FetchAttribute, FetchSelection, Flag, Mailbox, Numbering, Parsed, Reading,
    Section, SelectParameter, SequenceSet, StoreAction, StoreChange, StoreEcho, TaggedCommand,
};

use super::Exercise;

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "4.1",
        question: "Find the messages that are not seen, come from somebody with `alice` in the address, and arrived on 1 February \
                   2026 or later.",
        answer: "a SEARCH UNSEEN FROM alice SINCE 1-Feb-2026",
        check: finds_what_alice_sent,
    },
    Exercise {
        id: "4.2",
        question: "Show the first 100 octets of the message with the UID 7, without marking it as seen.",
        answer: "a UID FETCH 7 BODY.PEEK[]<0.100>",
        check: peeks_at_the_beginning,
    },
    Exercise {
        id: "4.3",
        question: "Mark the messages with the UIDs 3, 4 and 5 as seen, without being told the outcome.",
        answer: "a UID STORE 3:5 +FLAGS.SILENT (\\Seen)",
        check: marks_in_silence,
    },
    Exercise {
        id: "4.4",
        question: "You have last seen INBOX with the UIDVALIDITY 1795 and the mod-sequence 42. Open it and hear what has changed.",
        answer: "a SELECT INBOX (QRESYNC (1795 42))",
        check: resynchronises,
    },
    Exercise {
        id: "4.5",
        question: "You read `* 4 EXPUNGE`. Your list had six messages. What is the sequence number of the one that was 6?",
        answer: "5",
        check: |answer| match answer {
            "5" => Ok(()),
            _ => Err("Whatever is behind the place of a message that goes moves up by one.".to_owned()),
        },
    },
];

/// The command, if a server understands it, handed to a check.
fn with_command(line: &str, check: impl FnOnce(Command<'_>) -> Result<(), String>) -> Result<(), String> {
    let wire = format!("{line}\r\n");
    match TaggedCommand::parse(wire.as_bytes(), Reading::STRICT) {
        Ok(Parsed::Complete { value, octets }) if octets == wire.len() => check(value.command),
        Ok(_) => Err("One line is enough.".to_owned()),
        Err(error) => Err(format!("No server understands this: {error}.")),
    }
}

/// Asks the search about messages of which one matches, and of each other one thing is different.
fn finds_what_alice_sent(answer: &str) -> Result<(), String> {
    with_command(answer, |command| {
        let Command::Search(search) = command else {
            return Err("The command is SEARCH.".to_owned());
        };
        let context = SearchContext::new(4, NonZeroU32::new(4), NOON_OF_2_FEBRUARY);
        let plan = SearchPlan::compile(&search.program, search.charset.as_ref(), &context);
        let plan = plan.map_err(|error| format!("No server can do this: {error}."))?;
        for (number, message) in (1..).zip(MAILBOX) {
            let found = message.is_found(number, &plan)?;
            if found != message.wanted {
                let but = if found {
                    "is found, and should not"
                } else {
                    "is not found, and should"
                };
                return Err(format!("A message {} {but}.", message.what));
            }
        }
        Ok(())
    })
}

/// A message to search for.
struct Sample {
    what: &'static str,
    wanted: bool,
    from: &'static str,
    day: u8,
    month: u8,
    flags: &'static [Flag<'static>],
}

impl Sample {
    fn is_found(&self, number: u32, plan: &SearchPlan) -> Result<bool, String> {
        let number = NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let date = Date::new(2026, self.month, self.day).and_then(|date| DateTime::new(date, 12, 0, 0, 0));
        let date = date.map_err(|error| error.to_string())?;
        let facts = MessageFacts::new(number, number, date, 100).with_flags(self.flags);
        let text = format!("From: {}\r\nSubject: greetings from alice\r\n\r\nalice\r\n", self.from);
        Ok(match plan.judge(&facts) {
            Verdict::Matches => true,
            Verdict::Differs => false,
            Verdict::Open(mut search) => search.push(text.as_bytes()).unwrap_or_else(|| search.finish()),
        })
    }
}

const MAILBOX: [Sample; 5] = [
    Sample {
        what: "of alice@crepes.fr, not seen, of 1 February 2026",
        wanted: true,
        from: "alice@crepes.fr",
        day: 1,
        month: 2,
        flags: &[],
    },
    Sample {
        what: "of alice@hamburger.edu, not seen and flagged, of 3 March 2026",
        wanted: true,
        from: "alice@hamburger.edu",
        day: 3,
        month: 3,
        flags: &[Flag::Flagged],
    },
    Sample {
        what: "that is seen",
        wanted: false,
        from: "alice@crepes.fr",
        day: 1,
        month: 2,
        flags: &[Flag::Seen],
    },
    Sample {
        what: "of 31 January 2026",
        wanted: false,
        from: "alice@crepes.fr",
        day: 31,
        month: 1,
        flags: &[],
    },
    Sample {
        what: "of bob@hamburger.edu with alice in its text",
        wanted: false,
        from: "bob@hamburger.edu",
        day: 1,
        month: 2,
        flags: &[],
    },
];

/// Seconds since 1970.
const NOON_OF_2_FEBRUARY: i64 = 1_770_033_600;

fn peeks_at_the_beginning(answer: &str) -> Result<(), String> {
    with_command(answer, |command| {
        let Command::Fetch(fetch) = command else {
            return Err("The command is FETCH.".to_owned());
        };
        is_uids(fetch.numbering, &fetch.set, "7")?;
        let FetchSelection::Attributes(attributes) = fetch.selection else {
            return Err("Ask for the message.".to_owned());
        };
        match &*attributes.into_vec() {
            [
                FetchAttribute::BodySection {
                    access: Access::MarkSeen,
                    ..
                },
            ] => Err("This marks it as seen.".to_owned()),
            [
                FetchAttribute::BodySection {
                    section: Section::Whole,
                    partial: Some(partial),
                    ..
                },
            ] if partial.offset == 0 && partial.length.get() == 100 => Ok(()),
            [FetchAttribute::BodySection { .. }] => {
                Err("Nothing in the square brackets is all of the message; then <OFFSET.LENGTH>.".to_owned())
            }
            _ => Err("Ask for BODY, and for nothing else.".to_owned()),
        }
    })
}

fn marks_in_silence(answer: &str) -> Result<(), String> {
    with_command(answer, |command| {
        let Command::Store(store) = command else {
            return Err("The command is STORE.".to_owned());
        };
        is_uids(store.numbering, &store.set, "3:5")?;
        match store.change {
            StoreChange::Flags {
                action: StoreAction::Replace,
                ..
            } => Err("This takes all other flags away.".to_owned()),
            StoreChange::Flags {
                echo: StoreEcho::Fetch, ..
            } => Err("The server would tell the outcome.".to_owned()),
            StoreChange::Flags {
                action: StoreAction::Add,
                flags,
                ..
            } if flags == [Flag::Seen] => Ok(()),
            _ => Err("Add the flag \\Seen.".to_owned()),
        }
    })
}

fn resynchronises(answer: &str) -> Result<(), String> {
    with_command(answer, |command| {
        let (Command::Select(select) | Command::Examine(select)) = command else {
            return Err("The command is SELECT.".to_owned());
        };
        if select.mailbox != Mailbox::Inbox {
            return Err("The mailbox is INBOX.".to_owned());
        }
        match &select.parameters[..] {
            [SelectParameter::QResync(known)] if (known.uid_validity.get(), known.mod_sequence.get()) == (1795, 42) => {
                Ok(())
            }
            [SelectParameter::QResync(_)] => Err("First the UIDVALIDITY, then the mod-sequence.".to_owned()),
            _ => Err("The parameter is QRESYNC, with two numbers in parentheses, in parentheses.".to_owned()),
        }
    })
}

/// Whether the numbers are UIDs, and these.
fn is_uids(numbering: Numbering, set: &SequenceSet, right: &str) -> Result<(), String> {
    if numbering != Numbering::Uid {
        return Err("These would be sequence numbers.".to_owned());
    }
    let right = SequenceSet::parse(right).map_err(|error| error.to_string())?;
    let contains =
        |set: &SequenceSet, number| NonZeroU32::new(number).is_some_and(|number| set.contains(number, NonZeroU32::MAX));
    match (1..20).all(|number| contains(set, number) == contains(&right, number)) {
        true => Ok(()),
        false => Err("These are others, or not all.".to_owned()),
    }
}
