//! A search that is ready to be asked about messages.

use std::collections::HashMap;
use std::num::NonZeroU32;

use imap_proto::{Charset, SearchKey, SearchProgram};

use super::context::SearchContext;
use super::error::SearchError;
use super::facts::MessageFacts;
use super::key::{FactKey, Key, TextKey};
use super::strings::Strings;
use super::text::TextSearch;
use super::tree::{Tree, Truth};
use crate::Collation;

/// A search, compiled once and asked about each message: first by what the store knows of it, then, if that leaves the answer open, by its
/// text.
///
/// ```
/// use imap_mailbox::{MessageFacts, SearchContext, SearchPlan, Verdict};
/// use imap_proto::{Date, DateTime, Flag, SearchProgram};
///
/// let program = SearchProgram::parse(b"UNSEEN OR FROM alice BODY ketchup")?;
/// let context = SearchContext::new(2, 7.try_into().ok(), 1_057_049_557);
/// let plan = SearchPlan::compile(&program, None, &context)?;
///
/// let date = DateTime::new(Date::new(2003, 7, 1)?, 10, 52, 37, 120)?;
/// let first = MessageFacts::new(1.try_into()?, 4.try_into()?, date, 321).with_flags(&[Flag::Seen]);
/// assert!(matches!(plan.judge(&first), Verdict::Differs), "that it is seen is enough");
///
/// let second = MessageFacts::new(2.try_into()?, 7.try_into()?, date, 654);
/// let Verdict::Open(mut text) = plan.judge(&second) else { panic!() };
/// let mut chunks = [&b"From: Alice <alice@crepes"[..], b".fr>\r\n\r\nHow are", b" you?\r\n"].into_iter();
/// let matches = loop {
///     match chunks.next() {
///         Some(chunk) => if let Some(matches) = text.push(chunk) { break matches },
///         None => break text.finish(),
///     }
/// };
/// assert!(matches);
/// assert_eq!(chunks.count(), 1, "the header was enough");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SearchPlan {
    pub(crate) tree: Tree,
    pub(crate) keys: Vec<Key>,
    pub(crate) strings: Strings,
    pub(crate) collation: Collation,
    now: i64,
    messages: u32,
    asks_mod_sequence: bool,
}

/// What a [`SearchPlan`] says of a message.
#[derive(Debug)]
pub enum Verdict<'p> {
    /// It matches.
    Matches,
    /// It does not.
    Differs,
    /// It depends on the message's text.
    Open(Box<TextSearch<'p>>),
}

impl Verdict<'_> {
    /// Whether the message matches, if that is known without its text.
    pub const fn known(&self) -> Option<bool> {
        match self {
            Self::Matches => Some(true),
            Self::Differs => Some(false),
            Self::Open(_) => None,
        }
    }
}

impl SearchPlan {
    /// How many different strings, in different places, one search may look for: 1,000. It bounds the time that a text takes.
    pub const MAX_STRINGS: usize = 1_000;

    /// Compiles a program whose strings are in a charset; without one they are in UTF-8 (RFC 9051 §6.4.4), which holds the US-ASCII that
    /// IMAP4rev1 has in that case. Strings are compared by [`Collation::UnicodeCasemap`].
    ///
    /// Takes time in proportion to the program, whatever its depth.
    ///
    /// # Errors
    ///
    /// [`SearchError`] for a charset that is not known, a string that is not in it, too many strings, or a key that only the server can
    /// answer and [`SearchContext::answered`] does not.
    pub fn compile(
        program: &SearchProgram<'_>,
        charset: Option<&Charset<'_>>,
        context: &SearchContext<'_>,
    ) -> Result<Self, SearchError> {
        Self::compile_as(Collation::UnicodeCasemap, program, charset, context)
    }

    /// The same with another collation.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub fn compile_as(
        collation: Collation,
        program: &SearchProgram<'_>,
        charset: Option<&Charset<'_>>,
        context: &SearchContext<'_>,
    ) -> Result<Self, SearchError> {
        let charset = match charset {
            Some(name) => mime_codec::Charset::for_label(name.as_str().as_bytes()).ok_or(SearchError::BadCharset)?,
            None => mime_codec::Charset::UTF_8,
        };
        let decode = |octets: &[u8]| {
            let decoded = charset.decode(octets);
            match decoded.replaced {
                0 => Ok(decoded.text.into()),
                _ => Err(SearchError::NotInCharset),
            }
        };
        let mut keys = Keys {
            collation,
            ..Keys::default()
        };
        let tree = Tree::build(program, |key| keys.push(Key::of(key, context, decode)?))?;
        let asks_mod_sequence = program.keys().any(|key| matches!(key, SearchKey::ModSequence(_)));
        Ok(Self {
            tree,
            keys: keys.keys,
            strings: keys.strings,
            collation,
            now: context.now,
            messages: context.messages,
            asks_mod_sequence,
        })
    }

    /// Whether a message matches, by what is known of it. Texts are to be looked at only where the answer depends on them.
    pub fn judge(&self, facts: &MessageFacts<'_>) -> Verdict<'_> {
        match self.glance(facts) {
            Some(true) => Verdict::Matches,
            Some(false) => Verdict::Differs,
            None => Verdict::Open(Box::new(TextSearch::new(self, self.truths(facts)))),
        }
    }

    /// Whether a message matches, if that is known without its text.
    pub fn glance(&self, facts: &MessageFacts<'_>) -> Option<bool> {
        self.tree.evaluate(|leaf| self.truth(leaf, facts)).known()
    }

    pub(super) fn truth(&self, leaf: u32, facts: &MessageFacts<'_>) -> Truth {
        match &self.keys[leaf as usize] {
            Key::Fact(fact) => Truth::of(fact.matches(facts, self.now)),
            Key::Text(_) => Truth::Unknown,
        }
    }

    /// Whether the text of messages may be needed at all.
    pub fn may_need_text(&self) -> bool {
        self.keys.iter().any(|key| matches!(key, Key::Text(_)))
    }

    /// Whether a message's EMAILID or THREADID counts: without them, facts need not have any.
    pub fn needs_object_ids(&self) -> bool {
        let is_id = |key: &Key| matches!(key, Key::Fact(FactKey::EmailId(_) | FactKey::ThreadId(_)));
        self.keys.iter().any(is_id)
    }

    /// The lowest and the highest unique identifier that can match, where the program says so: a store need not look at other messages.
    /// `None` where it does not. UIDs of messages that are no more may be among them.
    pub fn uid_bounds(&self) -> Option<(NonZeroU32, NonZeroU32)> {
        let conjuncts = self
            .tree
            .conjuncts()
            .filter_map(|leaf| match &self.keys[leaf as usize] {
                Key::Fact(FactKey::Uid(ranges)) => Some(ranges.bounds()),
                _ => None,
            });
        let bounds = conjuncts.reduce(|(low, high), (lower, higher)| (low.max(lower), high.min(higher)))?;
        // Where nothing can match, bounds of one message do no harm.
        Some((bounds.0, bounds.1.max(bounds.0)))
    }

    /// Whether MODSEQ is among the keys, so that the answer tells modification sequences (RFC 7162 §3.1.5).
    pub const fn asks_mod_sequence(&self) -> bool {
        self.asks_mod_sequence
    }

    /// The same with sequence numbers replaced by the unique identifiers that they stand for now. A search that is kept goes on with the
    /// messages that were meant when it was asked for (RFC 5267 §4.3).
    #[must_use]
    pub fn pinned(mut self, uid: impl Fn(NonZeroU32) -> Option<NonZeroU32>) -> Self {
        for key in &mut self.keys {
            if let Key::Fact(fact) = key
                && let FactKey::Sequence(ranges) = fact
            {
                *fact = FactKey::Uid(ranges.mapped(self.messages, &uid));
            }
        }
        self
    }

    /// Lets OLDER and YOUNGER be about another moment, in seconds since 1970-01-01T00:00:00Z.
    pub const fn set_now(&mut self, now: i64) {
        self.now = now;
    }
}

/// Keys, each text key once.
#[derive(Default)]
struct Keys {
    keys: Vec<Key>,
    strings: Strings,
    known: HashMap<TextKey, u32>,
    collation: Collation,
}

impl Keys {
    fn push(&mut self, key: Key) -> Result<u32, SearchError> {
        // A command has fewer than 4 Gi keys.
        let index = self.keys.len() as u32;
        if let Key::Text(text) = &key {
            if let Some(&index) = self.known.get(text) {
                return Ok(index);
            }
            if self.known.len() == SearchPlan::MAX_STRINGS {
                return Err(SearchError::TooManyStrings);
            }
            self.strings.push(index, text, self.collation);
            self.known.insert(text.clone(), index);
        }
        self.keys.push(key);
        Ok(index)
    }
}
