//! The THREAD response (RFC 5256 §4): a forest, kept flat.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::InvalidValue;
use crate::syntax::number_set::Digits;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// THREAD: messages by thread. Each message follows the one that it answers, 8 octets each, however deep it is.
///
/// ```
/// # use imap_proto::{Data, Parsed, Reading, Response};
/// let wire = b"* THREAD (2)(3 6 (4 23)(44 7 96))\r\n";
/// let Parsed::Complete { value: Response::Untagged(Data::Thread(threads)), .. } =
///     Response::parse(wire, Reading::STRICT)?
/// else { panic!() };
/// let depths: Vec<_> = threads.messages().iter().map(|message| message.depth).collect();
/// assert_eq!(depths, [0, 0, 1, 2, 3, 2, 3, 4]);
/// # Ok::<(), imap_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default, ToStatic)]
pub struct Threads(Vec<ThreadMessage>);

/// A message and its place in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct ThreadMessage {
    /// 0 begins a thread; each other one answers the nearest before it that is one less deep.
    pub depth: u32,
    /// The message; `None` is a place without one: those that follow it are siblings whose parent was not found.
    pub number: Option<NonZeroU32>,
}

impl Threads {
    /// Threads of messages, each behind the one that it answers.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] with the index of a message that is more than one deeper than the one before it, or of a place without a message
    /// that has fewer than two messages right below, or is an only child: none of them can be written.
    pub fn new(messages: Vec<ThreadMessage>) -> Result<Self, InvalidValue> {
        let children = Children::of(&messages)?;
        for (i, message) in messages.iter().enumerate() {
            let can_be_written = children.below[i] > 1 && (message.depth == 0 || !children.is_only[i]);
            if message.number.is_none() && !can_be_written {
                return Err(InvalidValue::new(i, "a place with two or more siblings below"));
            }
        }
        Ok(Self(messages))
    }

    /// All messages, those of a thread together, each behind the one that it answers.
    pub fn messages(&self) -> &[ThreadMessage] {
        &self.0
    }

    /// The threads, each with its messages.
    pub fn iter(&self) -> impl Iterator<Item = &[ThreadMessage]> {
        self.0.chunk_by(|_, next| next.depth > 0)
    }

    /// What follows `THREAD`.
    ///
    /// ```text
    /// thread-data    = "THREAD" [SP 1*thread-list]
    /// thread-list    = "(" (thread-members / thread-nested) ")"
    /// thread-members = nz-number *(SP nz-number) [SP thread-nested]
    /// thread-nested  = 2*thread-list
    /// ```
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let behind = reader.offset();
        let mut messages = Vec::new();
        if reader.accept_space() && reader.peek() == Some(b'(') {
            let mut lists = Lists::default();
            while lists.read(reader, &mut messages)? {}
        } else {
            reader.rewind(behind);
        }
        Ok(Self(messages))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("THREAD");
        // What was checked has children that can be told.
        let Ok(children) = Children::of(&self.0) else { return };
        let mut pen = Digits::new(writer);
        // For each message from the top down to the last one written, whether a parenthesis is open for it.
        let mut open = Vec::<bool>::new();
        for (i, message) in self.0.iter().enumerate() {
            let was_closed = close(message.depth as usize, &mut open, &mut pen);
            let opens = message.depth == 0 || !children.is_only[i];
            let follows_number = !was_closed && i > 0 && self.0[i - 1].number.is_some();
            if i == 0 || follows_number {
                pen.mark(b' ');
            }
            if opens {
                pen.mark(b'(');
            }
            if let Some(number) = message.number {
                pen.number(number);
            }
            open.push(opens);
        }
        close(0, &mut open, &mut pen);
        pen.finish();
    }
}

/// Closes what is not above `depth`. Whether there was a parenthesis.
fn close(depth: usize, open: &mut Vec<bool>, pen: &mut Digits<'_, '_>) -> bool {
    let mut was_closed = false;
    while open.len() > depth {
        if open.pop() == Some(true) {
            pen.mark(b')');
            was_closed = true;
        }
    }
    was_closed
}

/// What is right below each message.
struct Children {
    /// How many.
    below: Vec<u32>,
    /// Whether it is the only one below its parent.
    is_only: Vec<bool>,
}

impl Children {
    /// Fails where a message is more than one deeper than the one before it.
    fn of(messages: &[ThreadMessage]) -> Result<Self, InvalidValue> {
        let mut below = alloc::vec![0u32; messages.len()];
        let mut parents = alloc::vec![None; messages.len()];
        // The messages from the top down to the last one.
        let mut path = Vec::<usize>::new();
        for (i, message) in messages.iter().enumerate() {
            let depth = message.depth as usize;
            if depth > path.len() {
                return Err(InvalidValue::new(i, "a message at most one deeper than the one before"));
            }
            path.truncate(depth);
            if let Some(&parent) = path.last() {
                below[parent] += 1;
                parents[i] = Some(parent);
            }
            path.push(i);
        }
        let is_only = parents
            .iter()
            .map(|parent| parent.is_some_and(|parent| below[parent] == 1));
        let is_only = is_only.collect();
        Ok(Self { below, is_only })
    }
}

/// The lists that are open while a response is read.
#[derive(Default)]
struct Lists {
    open: Vec<List>,
    /// Depth of what comes next.
    depth: u32,
}

struct List {
    /// Where it begins.
    depth: u32,
    /// Lists inside.
    nested: u32,
}

impl Lists {
    /// From a parenthesis to behind the numbers that follow it. Whether the next parenthesis belongs to the data.
    fn read(&mut self, reader: &mut Reader<'_>, messages: &mut Vec<ThreadMessage>) -> Parse<bool> {
        reader.open()?;
        if let Some(outer) = self.open.last_mut() {
            outer.nested += 1;
        }
        self.open.push(List {
            depth: self.depth,
            nested: 0,
        });
        match reader.peek() {
            Some(b'(') => self.push(None, messages),
            _ => self.read_numbers(reader, messages)?,
        }
        while !self.open.is_empty() && reader.accept_close() {
            self.close(reader)?;
        }
        if reader.leniency().extra_spaces {
            let behind = reader.offset();
            if reader.accept_space() && reader.peek() != Some(b'(') {
                reader.rewind(behind);
            }
        }
        match reader.peek() {
            Some(b'(') => Ok(true),
            _ if self.open.is_empty() => Ok(false),
            _ => reader.expected("\"(\" or \")\""),
        }
    }

    /// `nz-number *(SP nz-number)`, and the space in front of a list that follows.
    fn read_numbers(&mut self, reader: &mut Reader<'_>, messages: &mut Vec<ThreadMessage>) -> Parse<()> {
        loop {
            let number = reader.nz_number()?;
            self.push(Some(number), messages);
            match (reader.accept_separator(), reader.peek()) {
                (true, Some(b'(')) => return Ok(()),
                (true, _) => {}
                (false, Some(b'(')) => return reader.expected("a space or \")\""),
                (false, _) => return Ok(()),
            }
        }
    }

    fn push(&mut self, number: Option<NonZeroU32>, messages: &mut Vec<ThreadMessage>) {
        let depth = self.depth;
        messages.push(ThreadMessage { depth, number });
        self.depth += 1;
    }

    fn close(&mut self, reader: &Reader<'_>) -> Parse<()> {
        let Some(list) = self.open.pop() else { return Ok(()) };
        // One list inside would say nothing that a number in its place does not.
        if list.nested == 1 {
            let parenthesis = reader.offset() - 1;
            return Err(crate::SyntaxError::new(parenthesis, "a second list inside"));
        }
        self.depth = list.depth;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, data_returns, respelled_data};
    use crate::{Data, IntoBoundedStatic, Parsed, Reading, Response, Spelling};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;
    use proptest::prelude::*;

    fn threads(text: &str) -> Threads {
        let Data::Thread(threads) = canonical_data(text) else {
            panic!()
        };
        threads
    }

    /// `depth:number`, with `-` for a place without a message.
    fn told(threads: &Threads) -> String {
        let told = threads.messages().iter().map(|message| match message.number {
            Some(number) => format!("{}:{number}", message.depth),
            None => format!("{}:-", message.depth),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn threads_are_written_as_they_came() {
        assert_eq!(told(&threads("THREAD")), "");
        assert_eq!(
            told(&threads("THREAD (2)(3 6 (4 23)(44 7 96))")),
            "0:2 0:3 1:6 2:4 3:23 2:44 3:7 4:96"
        );
        assert_eq!(told(&threads("THREAD ((3)(5))")), "0:- 1:3 1:5");
        assert_eq!(
            told(&threads("THREAD (1 ((2)(3))(4))((5 (6)(7))(8)(((9)(10))(11)))(12)")),
            "0:1 1:- 2:2 2:3 1:4 0:- 1:5 2:6 2:7 1:8 1:- 2:- 3:9 3:10 2:11 0:12"
        );
        assert_eq!(threads("THREAD (1 2)((3)(5))(4)").iter().count(), 3);
        respelled_data("thread (1)", "THREAD (1)");
    }

    #[test]
    fn what_is_no_forest_is_told_where() {
        for (bad, offset) in [
            ("THREAD ", 8),
            ("THREAD 1", 8),
            ("THREAD ()", 10),
            ("THREAD (0)", 10),
            ("THREAD (1", 11),
            ("THREAD (1))", 12),
            ("THREAD (1 )", 12),
            ("THREAD (1 (2))", 15),
            ("THREAD ((1))", 13),
            ("THREAD (1 (2)(3) 4)", 18),
            ("THREAD (1(2)(3))", 11),
            ("THREAD (1) (2)", 12),
            ("THREAD (1,2)", 11),
            ("THREAD (1 2", 13),
            ("THREAD (1 (2)(3)", 18),
            ("THREAD (1) x", 12),
        ] {
            let read = data(bad, Reading::STRICT).map_err(|error| error.offset);
            assert_eq!(read, Err(offset), "{bad:?}");
        }
    }

    #[test]
    fn spaces_next_to_parentheses_are_a_leniency() {
        let read = data("THREAD ( 1 ( 2 ) (3)  ) (4 5 ) ", Reading::LENIENT);
        let Ok(Data::Thread(threads)) = read else {
            panic!("{read:?}")
        };
        assert_eq!(told(&threads), "0:1 1:2 1:3 0:4 1:5");
        assert_eq!(data("THREAD ", Reading::LENIENT), Ok(Data::Thread(Threads::default())));
    }

    #[test]
    fn only_what_can_be_written_is_made() {
        let number = NonZeroU32::new(7);
        let at = |depth, number| ThreadMessage { depth, number };
        for (messages, fault) in [
            (vec![at(1, number)], Some(0)),
            (vec![at(0, number), at(2, number)], Some(1)),
            (vec![at(0, None)], Some(0)),
            (vec![at(0, None), at(1, number)], Some(0)),
            (vec![at(0, None), at(1, number), at(1, number)], None),
            (vec![at(0, number), at(1, None), at(2, number), at(2, number)], Some(1)),
            (
                vec![at(0, number), at(1, None), at(2, number), at(2, number), at(1, number)],
                None,
            ),
        ] {
            assert_eq!(
                Threads::new(messages.clone()).map_err(|error| error.offset).err(),
                fault,
                "{messages:?}"
            );
        }
    }

    /// docs/threats.md row 13
    #[test]
    fn depth_costs_no_stack() {
        let shallow = std::thread::Builder::new().stack_size(64 * 1024);
        let test = shallow.spawn(|| {
            let depth = 1_000_000;
            for (open, close) in [("(1 (2)", ")"), ("((2)", ")")] {
                let wire = format!("* THREAD {}(3){}\r\n", open.repeat(depth), close.repeat(depth));
                let Ok(Parsed::Complete { value, .. }) = Response::parse(wire.as_bytes(), Reading::STRICT) else {
                    panic!()
                };
                let copy = value.clone().into_static();
                assert!(copy == value);
                let mut out = Vec::new();
                copy.encode(Spelling::SERVER, &mut out);
                assert!(out == wire.as_bytes());
            }
            for bad in ["(", "(1 ", "(1 (2)"] {
                let wire = format!("* THREAD {}\r\n", bad.repeat(depth));
                assert!(Response::parse(wire.as_bytes(), Reading::STRICT).is_err());
            }
        });
        test.unwrap().join().unwrap();
    }

    /// All strings of up to seven pieces: what is read is what the grammar, read aloud, says.
    #[test]
    fn the_reader_knows_what_the_grammar_knows() {
        for length in 0..=7u32 {
            for code in 0..5u32.pow(length) {
                let pieces = (0..length).map(|i| ["(", "(1", ")", "1", " "][(code / 5u32.pow(i) % 5) as usize]);
                let text: String = pieces.collect();
                let expected = naive_forest(text.as_bytes()) && !text.is_empty();
                let read = data(&format!("THREAD {text}"), Reading::STRICT);
                assert_eq!(read.is_ok(), expected, "{text:?}");
                if read.is_ok() {
                    canonical_data(&format!("THREAD {text}"));
                }
            }
        }
    }

    /// `1*thread-list`
    fn naive_forest(mut text: &[u8]) -> bool {
        while let Some(rest) = naive_list(text) {
            text = rest;
        }
        text.is_empty()
    }

    /// `thread-list`, and what is behind it. The strings have no number but 1 and 11 and so on.
    fn naive_list(text: &[u8]) -> Option<&[u8]> {
        let mut rest = text.strip_prefix(b"(")?;
        let mut wants_nested = rest.first() == Some(&b'(');
        if !wants_nested {
            loop {
                let behind = rest.iter().position(|octet| *octet != b'1').unwrap_or(rest.len());
                if behind == 0 {
                    return None;
                }
                rest = &rest[behind..];
                match rest {
                    [b' ', b'(', ..] => {
                        rest = &rest[1..];
                        wants_nested = true;
                        break;
                    }
                    [b' ', ..] => rest = &rest[1..],
                    _ => break,
                }
            }
        }
        if wants_nested {
            rest = naive_list(naive_list(rest)?)?;
            while let Some(behind) = naive_list(rest) {
                rest = behind;
            }
        }
        rest.strip_prefix(b")")
    }

    proptest! {
        /// Any walk through a forest either cannot be written, or returns.
        #[test]
        fn each_forest_returns(steps in proptest::collection::vec((0u32..6, 0u32..12), 0..30)) {
            let mut depth = 0;
            let messages = steps.into_iter().enumerate().map(|(i, (wish, number))| {
                depth = if i == 0 { 0 } else { wish.min(depth + 1) };
                ThreadMessage { depth, number: NonZeroU32::new(number) }
            });
            if let Ok(threads) = Threads::new(messages.collect()) {
                data_returns(&Data::Thread(threads))?;
            }
        }
    }
}
