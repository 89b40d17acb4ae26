//! What a client does while nobody else acts, and what must come of it.

use std::collections::BTreeMap;
use std::io;

use imap_proto::{Code, Data, FetchItem, Numbering, StatusValue};

use super::client::Set;
use super::truth::{Action, Message, Truth, subject};
use super::view::{During, Slot};
use super::{Flags, MAILBOXES, Model, list, text};
use crate::wire::Outcome;

impl Model {
    pub(super) fn append(&mut self, who: usize) -> io::Result<()> {
        let mailbox = self.any_mailbox();
        let mut expected = self.truths.clone();
        let mut command = format!("APPEND {mailbox}");
        let mut appended = Vec::new();
        for _ in 0..=self.random.below(2) {
            let flags = self.any_flags();
            self.messages += 1;
            let subject = format!("message {}", self.messages);
            let text = text(self.messages);
            command += &format!(" {} {{{}+}}\r\n{text}", list(&flags), text.len());
            appended.push((subject, flags));
        }
        let outcome = self.clients[who].command(command, During::Other)?;
        let Some(Code::AppendUid { validity, uids }) = outcome.status.code else {
            panic!("no APPENDUID: {:?}", outcome.status)
        };
        let truth = expected.get_mut(mailbox).expect("there are two");
        assert_eq!(validity.get(), truth.uid_validity);
        assert_eq!(uids.count(), appended.len() as u64);
        for (uid, (subject, flags)) in uids.numbers().zip(appended) {
            let message = Message {
                flags,
                mod_seq: 0,
                subject,
            };
            assert!(
                truth.messages.insert(uid.get(), message).is_none(),
                "{uid} is used again"
            );
        }
        self.conclude(&expected)
    }

    /// Puts a message in the place of another (RFC 8508).
    pub(super) fn replace(&mut self, who: usize) -> io::Result<()> {
        let Some(set) = self.clients[who].choose(&mut self.random) else {
            return Ok(());
        };
        let (from, to) = (self.selected(who), self.any_mailbox());
        let uid = set.uids[0];
        let number = match set.by_uid {
            true => uid,
            false => {
                let slots = &self.clients[who].view.slots;
                slots.iter().take_while(|slot| slot.uid != Some(uid)).count() as u32 + 1
            }
        };
        let flags = self.any_flags();
        self.messages += 1;
        let text = text(self.messages);
        let command = format!(
            "{}REPLACE {number} {to} {} {{{}+}}\r\n{text}",
            set.prefix(),
            list(&flags),
            text.len()
        );
        let outcome = self.clients[who].command(command, During::Other)?;
        let mut expected = self.truths.clone();
        let is_there = expected
            .get_mut(from)
            .expect("there are two")
            .messages
            .remove(&uid)
            .is_some();
        assert_eq!(outcome.is_ok(), is_there, "{:?}", outcome.status);
        if is_there {
            let new = append_uid(&outcome).expect("APPENDUID");
            let message = Message {
                flags,
                mod_seq: 0,
                subject: format!("message {}", self.messages),
            };
            let target = expected.get_mut(to).expect("there are two");
            assert!(target.messages.insert(new, message).is_none(), "{new} is used again");
        }
        self.conclude(&expected)
    }

    pub(super) fn store(&mut self, who: usize) -> io::Result<()> {
        let Some(set) = self.clients[who].choose(&mut self.random) else {
            return Ok(());
        };
        let mailbox = self.selected(who);
        let changed = self.any_flags();
        let action = Action::ALL[self.random.below(3)];
        let silent = self.random.below(3) == 0;
        let since = self.any_condition(who);
        let condition = since.map_or_else(String::new, |since| format!(" (UNCHANGEDSINCE {since})"));
        let command = format!(
            "{}STORE {}{condition} {}{} {}",
            set.prefix(),
            set.text,
            action.item(),
            if silent { ".SILENT" } else { "" },
            list(&changed)
        );
        let slots = self.clients[who].view.slots.clone();
        let outcome = self.clients[who].command(command, set.during())?;

        let mut expected = self.truths.clone();
        let truth = expected.get_mut(mailbox).expect("there are two");
        let (there, gone): (Vec<u32>, Vec<u32>) = set.uids.iter().partition(|uid| truth.messages.contains_key(uid));
        let stays = |uid: &u32| since.is_some_and(|since| truth.messages[uid].mod_seq > since);
        let (failed, stored): (Vec<u32>, Vec<u32>) = there.iter().partition(|uid| stays(uid));
        assert!(
            outcome.is_ok() || !gone.is_empty() || !failed.is_empty(),
            "{:?}",
            outcome.status
        );
        if gone.is_empty() {
            assert_eq!(modified(&outcome, &set, &slots), failed, "MODIFIED");
        }
        truth.store(&stored, action, &changed);
        if silent {
            self.client_applies(who, &stored, action, &changed);
        }
        self.conclude(&expected)
    }

    /// Only a client that knows mod-sequences sets conditions.
    fn any_condition(&mut self, who: usize) -> Option<u64> {
        let knows = self.clients[who].view.kind.hears_mod_sequences();
        if !knows || self.random.below(2) == 0 {
            return None;
        }
        let highest = self.truths[self.selected(who)].highest;
        Some(match self.random.below(4) {
            0 => 0,
            1 => highest,
            _ => self.random.below(highest as usize + 1) as u64,
        })
    }

    /// A client that says .SILENT knows what it did.
    fn client_applies(&mut self, who: usize, uids: &[u32], action: Action, changed: &Flags) {
        for slot in &mut self.clients[who].view.slots {
            let stored = slot.uid.is_some_and(|uid| uids.contains(&uid));
            if let (true, Some(flags)) = (stored, &mut slot.flags) {
                action.apply(flags, changed);
            }
        }
    }

    pub(super) fn expunge(&mut self, who: usize, crowded: bool) -> io::Result<()> {
        let known = self.clients[who].view.uids();
        if let Some(last) = known.get(known.len() / 2).filter(|_| crowded) {
            self.clients[who].command(format!("UID STORE 1:{last} +FLAGS (\\Deleted)"), During::Other)?;
            self.truths = self.look()?;
        }
        let outcome = self.clients[who].command("EXPUNGE", During::Other)?;
        assert!(outcome.is_ok());
        self.deleted_ones_went(who, &known)
    }

    /// All with `\Deleted` are gone; of those that came while the client did not listen, the RFC says nothing.
    fn deleted_ones_went(&mut self, who: usize, known: &[u32]) -> io::Result<()> {
        let mailbox = self.selected(who);
        let now = self.look()?;
        let mut expected = self.truths.clone();
        let truth = expected.get_mut(mailbox).expect("there are two");
        truth.messages.retain(|uid, message| {
            let may_stay = !known.contains(uid) && now[mailbox].messages.contains_key(uid);
            !message.flags.contains("\\deleted") || may_stay
        });
        self.conclude(&expected)
    }

    pub(super) fn uid_expunge(&mut self, who: usize) -> io::Result<()> {
        let set = self.clients[who].choose(&mut self.random);
        let Some(set) = set.filter(|set| set.by_uid) else {
            return self.expunge(who, false);
        };
        assert!(
            self.clients[who]
                .command(format!("UID EXPUNGE {}", set.text), During::Other)?
                .is_ok()
        );
        let mut expected = self.truths.clone();
        let truth = expected.get_mut(self.selected(who)).expect("there are two");
        truth
            .messages
            .retain(|uid, message| !(set.uids.contains(uid) && message.flags.contains("\\deleted")));
        self.conclude(&expected)
    }

    pub(super) fn copy(&mut self, who: usize) -> io::Result<()> {
        let Some(set) = self.clients[who].choose(&mut self.random) else {
            return Ok(());
        };
        let mailbox = self.any_mailbox();
        let outcome =
            self.clients[who].command(format!("{}COPY {} {mailbox}", set.prefix(), set.text), During::Other)?;
        let mut expected = self.truths.clone();
        self.copies(&mut expected, who, &set, mailbox, &outcome);
        self.conclude(&expected)
    }

    pub(super) fn move_messages(&mut self, who: usize) -> io::Result<()> {
        let Some(set) = self.clients[who].choose(&mut self.random) else {
            return Ok(());
        };
        let (from, to) = (self.selected(who), self.any_mailbox());
        let outcome = self.clients[who].command(format!("{}MOVE {} {to}", set.prefix(), set.text), During::Other)?;
        let mut expected = self.truths.clone();
        let moved = self.copies(&mut expected, who, &set, to, &outcome);
        for uid in moved {
            expected.get_mut(from).expect("there are two").messages.remove(&uid);
        }
        self.conclude(&expected)
    }

    /// Does in `expected` what COPYUID says, and checks that it says the right thing; which messages it was.
    fn copies(
        &self,
        expected: &mut BTreeMap<&'static str, Truth>,
        who: usize,
        set: &Set,
        to: &str,
        outcome: &Outcome,
    ) -> Vec<u32> {
        let from = &self.truths[self.selected(who)].messages;
        let there: Vec<u32> = set.uids.iter().copied().filter(|uid| from.contains_key(uid)).collect();
        let Some((validity, source, destination)) = copy_uid(outcome) else {
            // Nothing was done, since something was gone.
            assert!(there.len() < set.uids.len(), "no COPYUID: {:?}", outcome.status);
            return Vec::new();
        };
        assert_eq!(source, there, "COPYUID names what was copied");
        assert_eq!(source.len(), destination.len());
        let target = expected.get_mut(to).expect("there are two");
        assert_eq!(validity, target.uid_validity);
        for (uid, copy) in source.iter().zip(destination) {
            assert!(
                copy >= target.uid_next,
                "COPYUID {copy} below UIDNEXT {}",
                target.uid_next
            );
            assert!(target.messages.insert(copy, from[uid].clone()).is_none());
        }
        there
    }

    pub(super) fn fetch(&mut self, who: usize) -> io::Result<()> {
        let Some(set) = self.clients[who].choose(&mut self.random) else {
            return Ok(());
        };
        let mailbox = self.selected(who);
        let (items, sees) = match self.random.below(4) {
            0 => ("(FLAGS)", false),
            1 => ("(UID FLAGS RFC822.SIZE)", false),
            2 => ("(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])", false),
            _ => ("(UID BODY[HEADER.FIELDS (SUBJECT)])", true),
        };
        let outcome = self.clients[who].command(format!("{}FETCH {} {items}", set.prefix(), set.text), set.during())?;
        let mut expected = self.truths.clone();
        let truth = expected.get_mut(mailbox).expect("there are two");
        let there: Vec<u32> = set
            .uids
            .iter()
            .copied()
            .filter(|uid| truth.messages.contains_key(uid))
            .collect();
        assert!(outcome.is_ok() || there.len() < set.uids.len(), "{:?}", outcome.status);
        if items.contains("SUBJECT") {
            let told = subjects(&outcome);
            for uid in &there {
                let subject = told.get(uid).unwrap_or_else(|| panic!("nothing is told of {uid}"));
                assert_eq!(*subject, truth.messages[uid].subject);
            }
        }
        if sees {
            truth.store(&there, Action::Add, &Flags::from(["\\seen".to_owned()]));
        }
        self.conclude(&expected)
    }

    pub(super) fn status(&mut self, who: usize) -> io::Result<()> {
        let mailbox = self.any_mailbox();
        let command = format!("STATUS {mailbox} (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)");
        let outcome = self.clients[who].command(command, During::Other)?;
        let truth = &self.truths[mailbox];
        let told = outcome.data.iter().find_map(|data| match data {
            Data::MailboxStatus(status) => Some(&status.values),
            _ => None,
        });
        let unseen = truth
            .messages
            .values()
            .filter(|message| !message.flags.contains("\\seen"));
        for value in [
            StatusValue::Messages(truth.messages.len() as u32),
            StatusValue::UidNext(truth.uid_next.try_into().expect("it is not 0")),
            StatusValue::UidValidity(truth.uid_validity.try_into().expect("it is not 0")),
            StatusValue::Unseen(unseen.count() as u32),
            StatusValue::HighestModSeq(truth.highest),
        ] {
            let told = told.expect("STATUS");
            assert!(told.contains(&value), "{value:?}, but {told:?}");
        }
        Ok(())
    }

    /// CLOSE, which expunges, or UNSELECT, which does not.
    pub(super) fn leave(&mut self, who: usize) -> io::Result<()> {
        if self.random.below(2) == 0 {
            return self.clients[who].leave("UNSELECT");
        }
        let known = self.clients[who].view.uids();
        let mailbox = self.selected(who);
        self.clients[who].leave("CLOSE")?;
        self.clients[who].mailbox = Some(mailbox);
        self.deleted_ones_went(who, &known)?;
        self.clients[who].mailbox = None;
        Ok(())
    }

    pub(super) fn reconnect(&mut self, who: usize) -> io::Result<()> {
        match self.random.below(3) {
            0 => {
                let mailbox = self.any_mailbox();
                self.clients[who].select(mailbox)?;
            }
            _ => self.clients[who].reconnect()?,
        }
        self.check_selected(who)
    }

    /// Whoever has just selected a mailbox knows all of it.
    pub(super) fn check_selected(&mut self, who: usize) -> io::Result<()> {
        let mailbox = self.selected(who);
        let difference = self.clients[who].view.difference(&self.truths[mailbox]);
        assert!(difference.is_none(), "client {who} after SELECT: {difference:?}");
        assert_eq!(self.clients[who].view.late, 0, "nobody else did anything");
        self.clients[who].view.is_settled();
        Ok(())
    }

    pub(super) fn selected(&self, who: usize) -> &'static str {
        self.clients[who].mailbox.unwrap_or(MAILBOXES[0])
    }
}

/// The UIDs in MODIFIED.
fn modified(outcome: &Outcome, set: &Set, slots: &[Slot]) -> Vec<u32> {
    let Some(Code::Modified(modified)) = &outcome.status.code else {
        return Vec::new();
    };
    let largest = slots.len().try_into().map_or(u32::MAX, |len: u32| len.max(1));
    let largest = if set.by_uid { u32::MAX } else { largest };
    let largest = largest.try_into().expect("it is not 0");
    let imap_proto::SequenceSet::Ranges(ranges) = modified else {
        panic!("{modified:?}")
    };
    let mut uids = Vec::new();
    for range in ranges.iter() {
        let (first, last) = range.resolve(largest);
        for (index, slot) in slots.iter().enumerate() {
            let Some(uid) = slot.uid else { continue };
            let number = if set.by_uid { uid } else { index as u32 + 1 };
            if (first.get()..=last.get()).contains(&number) {
                uids.push(uid);
            }
        }
    }
    uids.sort_unstable();
    uids
}

/// The one UID of APPENDUID, in front of the result (RFC 8508 §4.3).
fn append_uid(outcome: &Outcome) -> Option<u32> {
    outcome.data.iter().find_map(|data| match data {
        Data::Status(status) => match &status.code {
            Some(Code::AppendUid { uids, .. }) => uids.numbers().next().map(u32::from),
            _ => None,
        },
        _ => None,
    })
}

fn copy_uid(outcome: &Outcome) -> Option<(u32, Vec<u32>, Vec<u32>)> {
    let untagged = outcome.data.iter().filter_map(|data| match data {
        Data::Status(status) => status.code.as_ref(),
        _ => None,
    });
    untagged.chain(&outcome.status.code).find_map(|code| match code {
        Code::CopyUid {
            validity,
            source,
            destination,
        } => {
            let numbers = |set: &imap_proto::NumberSet| set.numbers().map(u32::from).collect();
            Some((validity.get(), numbers(source), numbers(destination)))
        }
        _ => None,
    })
}

/// Subjects by UID.
fn subjects(outcome: &Outcome) -> BTreeMap<u32, String> {
    let mut subjects = BTreeMap::new();
    for data in &outcome.data {
        let Data::Fetch(fetch) = data else { continue };
        let uid = fetch.items().iter().find_map(|item| match item {
            FetchItem::Uid(uid) => Some(uid.get()),
            _ => None,
        });
        let uid = uid.or((fetch.numbering == Numbering::Uid).then_some(fetch.number.get()));
        let text = fetch
            .items()
            .iter()
            .find(|item| matches!(item, FetchItem::BodySection { .. }));
        if let (Some(uid), Some(text)) = (uid, text) {
            subjects.insert(uid, subject(text));
        }
    }
    subjects
}
