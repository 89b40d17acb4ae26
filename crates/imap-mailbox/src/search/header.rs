//! A search in the fields that were kept of a message's header.

use super::facts::MessageFacts;
use super::key::{Key, Sought, TextKey};
use super::plan::{SearchPlan, Verdict};
use super::strings::{FieldKeys, Group};
use super::text::TextSearch;
use super::tree::Truth;
use crate::message::KeptHeader;
use crate::sent_date;

impl SearchPlan {
    /// Whether the header fields that a summary keeps may spare a look at the text of messages.
    pub fn may_need_header(&self) -> bool {
        !self.strings.fields.is_empty()
    }

    /// Whether a message matches, by what is known of it and the header fields that were kept. The verdict is open only where other fields or
    /// the body count; keys that the fields have answered are not asked of the text again.
    ///
    /// ```
    /// use imap_mailbox::message::{KeptHeader, Summary};
    /// use imap_mailbox::{MessageFacts, SearchContext, SearchPlan};
    /// use imap_proto::{Date, DateTime, SearchProgram};
    ///
    /// let program = SearchProgram::parse(b"SUBJECT lunch OR SENTON 1-Jul-2003 BODY noon")?;
    /// let plan = SearchPlan::compile(&program, None, &SearchContext::new(1, 7.try_into().ok(), 0))?;
    /// let kept = Summary::of(b"Subject: =?utf-8?q?L=75nch=3F?=\r\nDate: 1 Jul 2003 10:52:37 +0200\r\n\r\n").to_bytes();
    ///
    /// let date = DateTime::new(Date::new(2003, 7, 1)?, 10, 52, 37, 120)?;
    /// let facts = MessageFacts::new(1.try_into()?, 7.try_into()?, date, 60);
    /// let header = KeptHeader::from_bytes(&kept)?.expect("a short header");
    /// assert_eq!(plan.judge_with_header(&facts, header).known(), Some(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn judge_with_header(&self, facts: &MessageFacts<'_>, header: KeptHeader<'_>) -> Verdict<'_> {
        let mut truths = self.truths(facts);
        let mut text = Vec::new();
        for (name, keys) in &self.strings.fields {
            let Some(values) = header.named(name) else { continue };
            let mut judge = Judge {
                plan: self,
                truths: &mut truths,
                text: &mut text,
            };
            judge.field(keys, values);
        }
        match self.tree.evaluate(|leaf| truths[leaf as usize]).known() {
            Some(true) => Verdict::Matches,
            Some(false) => Verdict::Differs,
            None => Verdict::Open(Box::new(TextSearch::new(self, truths))),
        }
    }

    /// What facts say of each key.
    pub(super) fn truths(&self, facts: &MessageFacts<'_>) -> Vec<Truth> {
        (0..self.keys.len() as u32)
            .map(|leaf| self.truth(leaf, facts))
            .collect()
    }
}

/// Answers the keys about one field.
struct Judge<'j> {
    plan: &'j SearchPlan,
    truths: &'j mut [Truth],
    text: &'j mut Vec<u8>,
}

impl Judge<'_> {
    /// All values of the field are there: what is not found is not in it.
    fn field<'v>(&mut self, keys: &FieldKeys, values: impl Iterator<Item = &'v [u8]> + Clone) {
        let is_there = values.clone().next().is_some();
        for &key in &keys.presence {
            self.truths[key as usize] = Truth::of(is_there);
        }
        let day = match keys.sent.is_empty() {
            true => None,
            false => values.clone().next().and_then(sent_date::day),
        };
        for &key in &keys.sent {
            let matches = matches!(&self.plan.keys[key as usize],
                Key::Text(TextKey { sought: Sought::Sent(when, named), .. }) if day.is_some_and(|day| when.matches(day, *named)));
            self.truths[key as usize] = Truth::of(matches);
        }
        let collation = self.plan.collation;
        if let Some(group) = keys.text {
            self.text.clear();
            for value in values.clone() {
                collation.fold(&super::fields::field_text(value), self.text);
                self.text.push(b'\n');
            }
            self.strings(&self.plan.strings.groups[group]);
        }
        if let Some(group) = keys.addresses {
            self.text.clear();
            values.for_each(|value| collation.fold(&super::fields::address_text(value), self.text));
            self.strings(&self.plan.strings.groups[group]);
        }
    }

    fn strings(&mut self, group: &Group) {
        for (key, is_found) in group.look_in(self.text) {
            self.truths[key as usize] = Truth::of(is_found);
        }
    }
}
