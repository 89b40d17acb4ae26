//! Search keys put together: a flat tree, in the order of the wire.

use alloc::vec::Vec;
use core::convert::Infallible;

use bounded_static::ToStatic;

use crate::searching::search_key::SearchKey;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{IntoBoundedStatic, Reading, SyntaxError};

/// One search key or more, of which all must match (RFC 9051 §6.4.4).
///
/// It is built from [`SearchKey`]s by [`and`](Self::and), [`or`](Self::or), [`not`](Self::not) and [`fuzzy`](Self::fuzzy), which set
/// parentheses where the grammar needs them. It is kept flat, operators in front of their operands, so that no depth can exhaust the
/// stack.
///
/// ```
/// use imap_proto::{AString, SearchKey, SearchProgram};
///
/// let from = |name| AString::try_from(name).map(SearchKey::From);
/// let friends = SearchProgram::or(from("alice")?, from("bob")?);
/// let search = SearchProgram::from(SearchKey::Unseen).and(friends);
/// assert_eq!(search, SearchProgram::parse(b"UNSEEN OR FROM alice FROM bob")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SearchProgram<'a> {
    nodes: Vec<SearchNode<'a>>,
    /// Keys that are in no other.
    keys: usize,
}

/// A piece of a [`SearchProgram`], as on the wire.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum SearchNode<'a> {
    /// OR: the two keys that follow.
    Or,
    /// NOT: the key that follows.
    Not,
    /// FUZZY: the key that follows, and what is about the same (RFC 6203 §3).
    Fuzzy,
    /// `(`: all keys up to [`Close`](Self::Close) are one.
    Open,
    /// `)`
    Close,
    /// A key that has no others inside.
    Key(SearchKey<'a>),
}

/// How a key is to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matching {
    /// As it says.
    Exact,
    /// Also what is about the same: it stands behind FUZZY (RFC 6203 §3).
    Fuzzy,
}

impl<'a> SearchProgram<'a> {
    /// Each message: `ALL`.
    pub fn all() -> Self {
        SearchKey::All.into()
    }

    /// What matches both.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        let other = other.into();
        self.nodes.extend(other.nodes);
        self.keys += other.keys;
        self
    }

    /// What matches one of them, or both.
    pub fn or(one: impl Into<Self>, other: impl Into<Self>) -> Self {
        let mut nodes = alloc::vec![SearchNode::Or];
        one.into().push_as_one(&mut nodes);
        other.into().push_as_one(&mut nodes);
        Self { nodes, keys: 1 }
    }

    /// What matches one of many; `None` when there is none.
    pub fn any(programs: impl IntoIterator<Item = impl Into<Self>>) -> Option<Self> {
        let mut programs = programs.into_iter().map(Into::into);
        let mut last: Self = programs.next()?;
        let mut nodes = Vec::new();
        for program in programs {
            nodes.push(SearchNode::Or);
            last.push_as_one(&mut nodes);
            last = program;
        }
        if nodes.is_empty() {
            return Some(last);
        }
        last.push_as_one(&mut nodes);
        Some(Self { nodes, keys: 1 })
    }

    /// What does not match.
    #[allow(clippy::should_implement_trait, reason = "NOT is its name in the protocol")]
    pub fn not(program: impl Into<Self>) -> Self {
        Self::prefixed(SearchNode::Not, program.into())
    }

    /// What matches, and what is about the same (RFC 6203 §3).
    pub fn fuzzy(program: impl Into<Self>) -> Self {
        Self::prefixed(SearchNode::Fuzzy, program.into())
    }

    fn prefixed(operator: SearchNode<'a>, operand: Self) -> Self {
        let mut nodes = alloc::vec![operator];
        operand.push_as_one(&mut nodes);
        Self { nodes, keys: 1 }
    }

    /// As one key: in parentheses, when it has more.
    fn push_as_one(self, nodes: &mut Vec<SearchNode<'a>>) {
        if self.keys == 1 {
            return nodes.extend(self.nodes);
        }
        nodes.push(SearchNode::Open);
        nodes.extend(self.nodes);
        nodes.push(SearchNode::Close);
    }

    /// Keys in the spelling of the wire, which is also how a filter is stored (RFC 5466 §3.2).
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when they are none.
    pub fn parse(wire: &'a [u8]) -> Result<Self, SyntaxError> {
        Self::parse_as(wire, Reading::STRICT)
    }

    fn parse_as(wire: &'a [u8], reading: Reading) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(wire, reading);
        let program = Self::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("a space and a search key");
        }
        Ok(program)
    }

    /// Whether all strings that are looked for are ASCII: no charset need be named.
    pub fn is_ascii(&self) -> bool {
        self.keys().all(SearchKey::is_ascii)
    }

    /// Its pieces, in the order of the wire: each operator stands in front of its operands.
    pub fn nodes(&self) -> &[SearchNode<'a>] {
        &self.nodes
    }

    /// The keys that have no others inside, in order.
    pub fn keys(&self) -> impl Iterator<Item = &SearchKey<'a>> {
        self.nodes.iter().filter_map(|node| match node {
            SearchNode::Key(key) => Some(key),
            _ => None,
        })
    }

    /// Whether a message matches, of which `matches` tells for a key. It is not asked for keys that cannot matter any more.
    ///
    /// ```
    /// # use imap_proto::{SearchKey, SearchProgram};
    /// let search = SearchProgram::parse(b"OR SEEN (NOT FLAGGED DRAFT)")?;
    /// let flags = [SearchKey::Draft];
    /// assert!(search.evaluate(|key, _| flags.contains(key)));
    /// # Ok::<(), imap_proto::SyntaxError>(())
    /// ```
    pub fn evaluate(&self, mut matches: impl FnMut(&SearchKey<'a>, Matching) -> bool) -> bool {
        match self.try_evaluate(|key, matching| Ok::<bool, Infallible>(matches(key, matching))) {
            Ok(value) => value,
        }
    }

    /// The same with a `matches` that can fail.
    ///
    /// # Errors
    ///
    /// What `matches` returns.
    pub fn try_evaluate<E>(
        &self,
        mut matches: impl FnMut(&SearchKey<'a>, Matching) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let mut open = alloc::vec![Frame::BOTTOM];
        for node in &self.nodes {
            let (is_live, matching) = Frame::around(&open);
            let shape = match node {
                SearchNode::Or => Shape::First,
                SearchNode::Not => Shape::Not,
                SearchNode::Fuzzy => Shape::Fuzzy,
                SearchNode::Open => Shape::All(true),
                SearchNode::Close => {
                    let value = open.pop().is_some_and(|frame| frame.shape == Shape::All(true));
                    deliver(value, &mut open);
                    continue;
                }
                SearchNode::Key(key) => {
                    let value = is_live && matches(key, matching)?;
                    deliver(value, &mut open);
                    continue;
                }
            };
            let matching = match shape {
                Shape::Fuzzy => Matching::Fuzzy,
                _ => matching,
            };
            open.push(Frame {
                shape,
                is_live,
                matching,
            });
        }
        Ok(open.pop().is_some_and(|frame| frame.shape == Shape::All(true)))
    }

    /// ```text
    /// search-key  = … / "NOT" SP search-key / "OR" SP search-key SP search-key /
    ///               "(" search-key *(SP search-key) ")"
    /// search-key  =/ "FUZZY" SP search-key
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let mut nodes = Vec::with_capacity(8);
        // For each open parenthesis, the operands that are missing in front of it.
        let mut outside = Vec::<usize>::new();
        let (mut missing, mut keys) = (0usize, 0usize);
        loop {
            if missing == 0 {
                missing = 1;
                keys += usize::from(outside.is_empty());
            }
            nodes.push(read_node(reader)?);
            match nodes.last() {
                Some(SearchNode::Open) => {
                    outside.push(missing);
                    missing = 0;
                    continue;
                }
                Some(SearchNode::Key(_)) | None => missing -= 1,
                Some(operator) => {
                    missing += usize::from(*operator == SearchNode::Or);
                    reader.space()?;
                    continue;
                }
            }
            while missing == 0 && !outside.is_empty() && reader.accept_close() {
                nodes.push(SearchNode::Close);
                missing = outside.pop().unwrap_or(1) - 1;
            }
            if reader.accept_separator() {
                continue;
            }
            return match (missing, outside.is_empty()) {
                (0, true) => Ok(Self { nodes, keys }),
                (0, false) => reader.expected("a space and a search key, or \")\""),
                _ => reader.expected("a space and a search key"),
            };
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let mut is_first = true;
        for node in &self.nodes {
            if !is_first && *node != SearchNode::Close {
                writer.space();
            }
            match node {
                SearchNode::Or => writer.text("OR"),
                SearchNode::Not => writer.text("NOT"),
                SearchNode::Fuzzy => writer.text("FUZZY"),
                SearchNode::Open => writer.text("("),
                SearchNode::Close => writer.text(")"),
                SearchNode::Key(key) => key.write(writer),
            }
            is_first = *node == SearchNode::Open;
        }
    }
}

/// What begins a key: an operator, a parenthesis, or a whole key.
fn read_node<'a>(reader: &mut Reader<'a>) -> Parse<SearchNode<'a>> {
    let start = reader.offset();
    Ok(match reader.peek() {
        Some(b'(') => {
            reader.open()?;
            SearchNode::Open
        }
        Some(b'N' | b'n' | b'O' | b'o' | b'F' | b'f') => match reader.keyword().as_slice() {
            b"OR" => SearchNode::Or,
            b"NOT" => SearchNode::Not,
            b"FUZZY" => SearchNode::Fuzzy,
            _ => {
                reader.rewind(start);
                SearchNode::Key(SearchKey::read(reader)?)
            }
        },
        _ => SearchNode::Key(SearchKey::read(reader)?),
    })
}

/// What is open while a program is evaluated.
struct Frame {
    shape: Shape,
    /// Whether its value matters.
    is_live: bool,
    matching: Matching,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A group, and whether all of its keys have matched so far.
    All(bool),
    /// OR waits for its first operand.
    First,
    /// OR waits for its second operand; the first was this.
    Second(bool),
    Not,
    Fuzzy,
}

impl Frame {
    const BOTTOM: Self = Self {
        shape: Shape::All(true),
        is_live: true,
        matching: Matching::Exact,
    };

    /// Whether the next key matters, and how it is to match.
    fn around(open: &[Self]) -> (bool, Matching) {
        let Some(frame) = open.last() else {
            return (false, Matching::Exact);
        };
        let is_open = !matches!(frame.shape, Shape::All(false) | Shape::Second(true));
        (frame.is_live && is_open, frame.matching)
    }
}

/// Hands a key's value to what it is a part of, and that one's on, while they are complete.
fn deliver(mut value: bool, open: &mut Vec<Frame>) {
    while let Some(frame) = open.last_mut() {
        match frame.shape {
            Shape::All(so_far) => {
                frame.shape = Shape::All(so_far && value);
                return;
            }
            Shape::First => {
                frame.shape = Shape::Second(value);
                return;
            }
            Shape::Second(first) => value = first || value,
            Shape::Not => value = !value,
            Shape::Fuzzy => {}
        }
        open.pop();
    }
}

/// Keys in the spelling of the wire; strings in quotes may hold any text.
impl TryFrom<&str> for SearchProgram<'static> {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        let reading = Reading {
            utf8: true,
            ..Reading::STRICT
        };
        SearchProgram::parse_as(text.as_bytes(), reading).map(IntoBoundedStatic::into_static)
    }
}

impl<'a> From<SearchKey<'a>> for SearchProgram<'a> {
    fn from(key: SearchKey<'a>) -> Self {
        Self {
            nodes: alloc::vec![SearchNode::Key(key)],
            keys: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::searching::search_key::tests::key;
    use crate::trips::{canonical_command, command, command_returns, respelled_command};
    use crate::{Command, IntoBoundedStatic, Numbering, Parsed, Search, Spelling, TaggedCommand};
    use alloc::boxed::Box;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    #[test]
    fn keys_are_read_from_text() {
        let lunch = SearchProgram::try_from("UNSEEN NOT SUBJECT \"d\u{e9}jeuner\"").unwrap();
        assert!(!lunch.is_ascii());
        assert_eq!(lunch.keys().count(), 2);
        assert!(SearchProgram::try_from("UNSEEN SUBJECT lunch").unwrap().is_ascii());
        assert_eq!(SearchProgram::try_from("UNSEEN\r\nx LOGOUT").unwrap_err().offset, 6);
    }

    #[test]
    fn trees_are_written_as_they_came() {
        for keys in [
            "SEEN FLAGGED",
            "NOT SEEN",
            "NOT NOT SEEN",
            "OR SEEN FLAGGED DRAFT",
            "OR (SEEN FLAGGED) NOT DRAFT",
            "OR OR SEEN DRAFT OR OLD NEW",
            "(SEEN)",
            "((1:4 (SEEN)) (OR (NOT 5) (6)))",
            "FUZZY (SUBJECT x FUZZY FROM y) NOT FUZZY TO z",
            "OR NOT MODSEQ 720162338 LARGER 50000",
        ] {
            canonical_command(&format!("SEARCH {keys}"));
        }
        respelled_command("search (not seen) or 1 (2)", "SEARCH (NOT SEEN) OR 1 (2)");
    }

    #[test]
    fn trees_that_are_none_are_told_where() {
        for (bad, offset) in [
            ("NOT", 12),
            ("NOT ", 13),
            ("OR SEEN", 16),
            ("OR SEEN ", 17),
            ("OR", 11),
            ("()", 10),
            ("(SEEN", 14),
            ("(SEEN))", 15),
            ("SEEN)", 13),
            ("(NOT)", 13),
            ("(OR SEEN)", 17),
            ("(SEEN)FLAGGED", 15),
            ("( SEEN)", 10),
            ("(SEEN )", 15),
            ("FUZZY", 14),
            ("ORSEEN FLAGGED", 9),
            ("NOT(SEEN)", 12),
        ] {
            assert_eq!(
                command(&format!("SEARCH {bad}")).map_err(|error| error.offset),
                Err(offset),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn spaces_next_to_parentheses_are_a_leniency() {
        let wire = b"a SEARCH ( SEEN  ( 1 ) ) \r\n";
        assert!(TaggedCommand::parse(wire, crate::Reading::STRICT).is_err());
        let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(wire, crate::Reading::LENIENT) else {
            panic!()
        };
        let mut out = Vec::new();
        value.encode(Spelling::CLIENT, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "a SEARCH (SEEN (1))\r\n");
    }

    #[test]
    fn builders_set_parentheses_where_they_are_needed() {
        let two = || SearchProgram::from(SearchKey::Seen).and(SearchKey::Draft);
        let written = |program: SearchProgram<'_>| {
            let mut out = Vec::new();
            program.write(&mut Writer::new(&mut out, Spelling::CLIENT));
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(SearchProgram::all()), "ALL");
        assert_eq!(written(SearchProgram::not(two())), "NOT (SEEN DRAFT)");
        assert_eq!(written(SearchProgram::or(two(), SearchKey::New)), "OR (SEEN DRAFT) NEW");
        assert_eq!(
            written(SearchProgram::fuzzy(SearchProgram::or(SearchKey::New, two())).and(two())),
            "FUZZY OR NEW (SEEN DRAFT) SEEN DRAFT"
        );
        let keys = [SearchKey::Seen, SearchKey::Draft, SearchKey::Old];
        assert_eq!(written(SearchProgram::any(keys).unwrap()), "OR SEEN OR DRAFT OLD");
        assert_eq!(written(SearchProgram::any([two()]).unwrap()), "SEEN DRAFT");
        assert_eq!(
            written(SearchProgram::any([two(), two()]).unwrap()),
            "OR (SEEN DRAFT) (SEEN DRAFT)"
        );
        assert_eq!(SearchProgram::any(Vec::<SearchKey<'_>>::new()), None);
    }

    /// docs/threats.md row 13
    #[test]
    fn depth_costs_no_stack() {
        let shallow = std::thread::Builder::new().stack_size(64 * 1024);
        let test = shallow.spawn(|| {
            let depth = 1_000_000;
            for (open, close) in [
                ("(", ")"),
                ("NOT ", ""),
                ("OR 1 ", ""),
                ("FUZZY (", ")"),
                ("OR (", ") 1"),
            ] {
                let wire = format!("{}SEEN{}", open.repeat(depth), close.repeat(depth));
                let program = SearchProgram::parse(wire.as_bytes()).unwrap();
                let copy = program.clone().into_static();
                assert!(copy == program);
                assert!(format!("{copy:?}").len() > depth);
                assert!(copy.evaluate(|key, _| *key == SearchKey::Seen));
                let mut out = Vec::new();
                copy.write(&mut Writer::new(&mut out, Spelling::CLIENT));
                assert!(out == wire.as_bytes());
            }
            for bad in ["(", "NOT ", "OR ", "OR (", "(NOT "] {
                assert!(SearchProgram::parse(bad.repeat(depth).as_bytes()).is_err());
            }
        });
        test.unwrap().join().unwrap();
    }

    /// docs/threats.md row 14
    #[test]
    fn depth_of_fifty_parses() {
        let wire = format!("{}SEEN{}", "NOT (".repeat(50), ")".repeat(50));
        assert!(SearchProgram::parse(wire.as_bytes()).unwrap().evaluate(|_, _| true));
    }

    #[test]
    fn keys_that_cannot_matter_are_not_asked_for() {
        let asked = |wire: &'static str| {
            let mut asked = Vec::new();
            let program = SearchProgram::parse(wire.as_bytes()).unwrap();
            let value = program.evaluate(|key, matching| {
                asked.push((key.clone(), matching));
                *key == SearchKey::Seen
            });
            (value, asked)
        };
        use Matching::{Exact, Fuzzy};
        assert_eq!(asked("DRAFT SEEN OLD"), (false, alloc::vec![(SearchKey::Draft, Exact)]));
        assert_eq!(
            asked("OR SEEN (DRAFT NOT OLD)"),
            (true, alloc::vec![(SearchKey::Seen, Exact)])
        );
        assert_eq!(
            asked("NOT FUZZY (SEEN DRAFT) SEEN"),
            (
                true,
                alloc::vec![
                    (SearchKey::Seen, Fuzzy),
                    (SearchKey::Draft, Fuzzy),
                    (SearchKey::Seen, Exact)
                ]
            )
        );
        let program = SearchProgram::parse(b"OR DRAFT SEEN").unwrap();
        assert_eq!(program.try_evaluate(|_, _| Err::<bool, _>("no")), Err("no"));
    }

    /// The tree as one would write it who has stack to spare.
    #[derive(Clone, Debug)]
    enum Tree {
        Key(SearchKey<'static>),
        And(Box<Tree>, Box<Tree>),
        Or(Box<Tree>, Box<Tree>),
        Not(Box<Tree>),
        Fuzzy(Box<Tree>),
    }

    impl Tree {
        fn program(&self) -> SearchProgram<'static> {
            match self {
                Self::Key(key) => key.clone().into(),
                Self::And(a, b) => a.program().and(b.program()),
                Self::Or(a, b) => SearchProgram::or(a.program(), b.program()),
                Self::Not(a) => SearchProgram::not(a.program()),
                Self::Fuzzy(a) => SearchProgram::fuzzy(a.program()),
            }
        }

        fn value(&self, matches: &dyn Fn(&SearchKey<'_>) -> bool) -> bool {
            match self {
                Self::Key(key) => matches(key),
                Self::And(a, b) => a.value(matches) && b.value(matches),
                Self::Or(a, b) => a.value(matches) || b.value(matches),
                Self::Not(a) => !a.value(matches),
                Self::Fuzzy(a) => a.value(matches),
            }
        }
    }

    fn tree(key: impl Strategy<Value = SearchKey<'static>> + 'static) -> impl Strategy<Value = Tree> {
        key.prop_map(Tree::Key).prop_recursive(6, 40, 2, |inner| {
            let boxed = move || inner.clone().prop_map(Box::new);
            prop_oneof![
                (boxed(), boxed()).prop_map(|(a, b)| Tree::And(a, b)),
                (boxed(), boxed()).prop_map(|(a, b)| Tree::Or(a, b)),
                boxed().prop_map(Tree::Not),
                boxed().prop_map(Tree::Fuzzy),
            ]
        })
    }

    proptest! {
        #[test]
        fn each_program_returns(tree in tree(key())) {
            command_returns(&Command::Search(Search::new(Numbering::Uid, tree.program())))?;
        }

        #[test]
        fn each_program_means_what_its_tree_means(
            tree in tree((1u64..9).prop_map(SearchKey::Larger)),
            mask in any::<u16>(),
        ) {
            let matches = |key: &SearchKey<'_>| matches!(key, SearchKey::Larger(n) if mask >> n & 1 == 1);
            prop_assert_eq!(tree.program().evaluate(|key, _| matches(key)), tree.value(&matches));
        }
    }
}
