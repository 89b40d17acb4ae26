//! APPEND and REPLACE: messages that a client hands to a server.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::messages::append_state::{Messages, read_messages};
use crate::syntax::class::is_atom_char;
use crate::syntax::extension_value::ExtensionValue;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::sequence::SequenceNumber;
use crate::syntax::writer::Writer;
use crate::{AString, Atom, DateTime, Flag, InvalidValue, Mailbox, Numbering, OneOrMore, Payload};

/// APPEND (RFC 9051 §6.3.12).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Append<'a> {
    /// Where the messages go.
    pub mailbox: Mailbox<'a>,
    /// The messages; more than one with MULTIAPPEND (RFC 3502).
    pub messages: OneOrMore<AppendMessage<'a>>,
}

/// REPLACE and UID REPLACE (RFC 8508 §3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Replace<'a> {
    /// What the number is.
    pub numbering: Numbering,
    /// The message that goes.
    pub number: SequenceNumber,
    /// Where the new one comes.
    pub mailbox: Mailbox<'a>,
    /// The new message.
    pub message: AppendMessage<'a>,
}

/// A message of APPEND.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct AppendMessage<'a> {
    /// Its flags.
    pub flags: Vec<Flag<'a>>,
    /// Its internal date; none is now.
    pub date: Option<DateTime>,
    /// What extensions add, such as ANNOTATION (RFC 5257 §4.7).
    pub extensions: Vec<AppendExtension<'a>>,
    /// The message.
    pub data: AppendData<'a>,
}

/// Where a message's octets come from.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum AppendData<'a> {
    /// A literal. Where it is held and has a NUL, it is written as a literal8, which a server with BINARY takes.
    Literal(Payload<'a>),
    /// A literal8: a message that may have NULs (RFC 3516 §4.4).
    Literal8(Payload<'a>),
    /// `UTF8 (…)`: a message with UTF-8 in its header (RFC 6855 §4); RFC 9755 sends it as the others.
    Utf8(Payload<'a>),
    /// CATENATE: parts that the server joins (RFC 4469).
    Catenate(OneOrMore<CatenatePart<'a>>),
    /// Data of another extension (RFC 4466 §2.7).
    Extension(AppendExtension<'a>),
}

/// A part of a message that the server joins.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum CatenatePart<'a> {
    /// The octets that an IMAP URL refers to (RFC 5092).
    Url(AString<'a>),
    /// Octets.
    Text(Payload<'a>),
    /// Octets with UTF-8 in a header (RFC 6855 §4).
    Utf8(Payload<'a>),
}

/// A name with its value: a number, a set or a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct AppendExtension<'a> {
    name: Atom<'a>,
    value: ExtensionValue<'a>,
}

impl<'a> Append<'a> {
    /// A single message.
    pub fn new(mailbox: Mailbox<'a>, message: AppendMessage<'a>) -> Self {
        Self {
            mailbox,
            messages: message.into(),
        }
    }

    /// `append = "APPEND" SP mailbox 1*append-message`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let mailbox = Self::read_head(reader)?;
        let messages = read_messages(Messages::Many, reader)?;
        Ok(Self { mailbox, messages })
    }

    /// `SP mailbox`
    pub(crate) fn read_head(reader: &mut Reader<'a>) -> Parse<Mailbox<'a>> {
        reader.space()?;
        Mailbox::read(reader)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("APPEND ");
        self.mailbox.write(writer);
        let mut before = None;
        for message in &self.messages {
            message.write(before, writer);
            before = Some(&message.data);
        }
    }
}

impl<'a> Replace<'a> {
    /// ```text
    /// replace =  "REPLACE" SP seq-number SP mailbox append-message
    /// uid     =/ "UID" SP replace
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        let (number, mailbox) = Self::read_head(reader)?;
        let start = reader.offset();
        let messages = read_messages(Messages::One, reader)?;
        let Some(message) = messages.into_iter().next() else {
            reader.rewind(start);
            return reader.expected("a message");
        };
        Ok(Self {
            numbering,
            number,
            mailbox,
            message,
        })
    }

    /// `SP seq-number SP mailbox`
    pub(crate) fn read_head(reader: &mut Reader<'a>) -> Parse<(SequenceNumber, Mailbox<'a>)> {
        reader.space()?;
        let number = SequenceNumber::read(reader)?;
        reader.space()?;
        Ok((number, Mailbox::read(reader)?))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(match self.numbering {
            Numbering::Sequence => "REPLACE ",
            Numbering::Uid => "UID REPLACE ",
        });
        self.number.write(writer);
        writer.space();
        self.mailbox.write(writer);
        self.message.write(None, writer);
    }
}

impl<'a> AppendMessage<'a> {
    /// A message as it is, without flags.
    pub const fn new(data: AppendData<'a>) -> Self {
        Self {
            flags: Vec::new(),
            date: None,
            extensions: Vec::new(),
            data,
        }
    }

    fn write(&self, before: Option<&AppendData<'_>>, writer: &mut Writer<'_>) {
        // Behind data of an extension, only flags or a date say that another message begins.
        let is_unmarked = matches!(before, Some(AppendData::Extension(_))) && self.date.is_none();
        if !self.flags.is_empty() || is_unmarked {
            writer.space();
            Flag::write_list(&self.flags, writer);
        }
        if let Some(date) = self.date {
            writer.space();
            date.write(writer);
        }
        for extension in &self.extensions {
            writer.space();
            extension.write(writer);
        }
        writer.space();
        self.data.write(writer);
    }
}

impl AppendData<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Literal(payload) => writer.payload(payload),
            Self::Literal8(payload) => writer.payload8(payload),
            Self::Utf8(payload) => write_utf8(payload, writer),
            Self::Catenate(parts) => {
                writer.text("CATENATE ");
                writer.list(parts, |writer, part| part.write(writer));
            }
            Self::Extension(extension) => extension.write(writer),
        }
    }
}

impl CatenatePart<'_> {
    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Url(url) => {
                writer.text("URL ");
                // URLs are quoted (RFC 4466 §3).
                writer.string(url.as_bytes());
            }
            Self::Text(payload) => {
                writer.text("TEXT ");
                writer.payload(payload);
            }
            Self::Utf8(payload) => write_utf8(payload, writer),
        }
    }
}

/// `utf8-literal = "UTF8" SP "(" literal8 ")"`
fn write_utf8(payload: &Payload<'_>, writer: &mut Writer<'_>) {
    writer.text("UTF8 (");
    writer.payload8(payload);
    writer.text(")");
}

impl<'a> AppendExtension<'a> {
    /// ```
    /// # use imap_proto::{AppendExtension, Atom, ExtensionValue, Tokens};
    /// let comment = Tokens::new(b"(/comment (value.priv \"not yet\"))".as_slice())?;
    /// let annotation = AppendExtension::new(Atom::fixed("ANNOTATION"), ExtensionValue::new(comment)?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name is no label or that of data which this crate knows, or the value is a word or a string.
    pub fn new(name: Atom<'a>, value: ExtensionValue<'a>) -> Result<Self, InvalidValue> {
        let known = ["CATENATE", "UTF8"];
        let is_known = known.iter().any(|known| name.as_str().eq_ignore_ascii_case(known));
        if is_known || !name.as_str().bytes().next().is_some_and(begins_label) {
            return Err(InvalidValue::new(0, "the name of an extension"));
        }
        if !value.tokens().as_bytes().first().copied().is_some_and(begins_value) {
            return Err(InvalidValue::new(0, VALUE));
        }
        Ok(Self { name, value })
    }

    /// Its name.
    pub const fn name(&self) -> &Atom<'a> {
        &self.name
    }

    /// Its value.
    pub const fn value(&self) -> &ExtensionValue<'a> {
        &self.value
    }

    /// ```text
    /// append-ext       = append-ext-name SP append-ext-value
    /// append-ext-name  = tagged-ext-label
    /// append-ext-value = tagged-ext-val
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if !reader.peek().is_some_and(begins_label) {
            return reader.expected("flags, a date, an extension or a literal");
        }
        let name = reader.atom()?;
        reader.space()?;
        if !reader.peek().is_some_and(begins_value) {
            return reader.expected(VALUE);
        }
        let value = ExtensionValue::read(reader)?;
        Ok(Self { name, value })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.name.as_str());
        writer.space();
        self.value.write(writer);
    }
}

const fn begins_label(octet: u8) -> bool {
    is_atom_char(octet) && !octet.is_ascii_digit() && !matches!(octet, b'$' | b'~')
}

/// `tagged-ext-val`: no string, which here would be a date or a message.
const fn begins_value(octet: u8) -> bool {
    matches!(octet, b'0'..=b'9' | b'*' | b'$' | b'(')
}

const VALUE: &str = "a number, a set or a list";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::append_state::{AppendPiece, AppendStart, AppendState};
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{Command, Literals, Reading, Spelling, Tag, TaggedCommand, Tokens, Until};
    use proptest::prelude::*;

    #[test]
    fn messages_in_every_form() {
        for canonical in [
            "APPEND INBOX {3}\r\nabc",
            "APPEND saved {0}\r\n",
            "APPEND saved (\\Seen $Junk) \"17-Jul-1996 02:44:25 -0700\" {5}\r\na\r\nb)",
            "APPEND saved \" 1-Feb-2024 00:00:00 +0000\" ~{3}\r\na\0b",
            "APPEND saved UTF8 (~{4}\r\n\u{e9}\r\n)",
            "APPEND saved (\\Seen) {1}\r\na (\\Draft) {1}\r\nb {1}\r\nc \"17-Jul-1996 02:44:25 -0700\" {1}\r\nd",
            "APPEND saved CATENATE (URL \"/Drafts;UID=20/;section=1\" TEXT {3}\r\na)( UTF8 (~{1}\r\nx))",
            "APPEND saved CATENATE (TEXT {1}\r\na) {2}\r\nbc CATENATE (URL \"x\")",
            "APPEND saved ANNOTATION (/comment (value.priv \"x\")) X-N 5 {1}\r\na",
            "APPEND saved ANNOTATION (/c (v ~{1}\r\n\0)) CATENATE (URL \"x\")",
            "APPEND saved X-FROM (1:3)",
            "APPEND saved X-A 1 X-FROM 5 (\\Seen) X-FROM 6 \"17-Jul-1996 02:44:25 -0700\" {1}\r\na",
            "APPEND saved X-FROM 5 () X-A 1 {1}\r\na",
            "REPLACE 4 Drafts (\\Seen) {1}\r\na",
            "REPLACE * Drafts X-FROM (1)",
            "UID REPLACE 2000 Drafts CATENATE (TEXT {1}\r\na URL \"x\")",
        ] {
            canonical_command(canonical);
        }
        respelled_command("append inbox () {1+}\r\na", "APPEND INBOX {1}\r\na");
        respelled_command("append {1+}\r\nx utf8 (~{1+}\r\na)", "APPEND x UTF8 (~{1}\r\na)");
        respelled_command(
            "append x catenate (text ~{1}\r\n\0 url x)",
            "APPEND x CATENATE (TEXT ~{1}\r\n\0 URL \"x\")",
        );
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("APPEND", 8),
            ("APPEND x", 10),
            ("APPEND x (\\Seen)", 18),
            ("APPEND x \"a\"", 12),
            ("APPEND x \"17-Jul-1996 02:44:25 -0700\"", 39),
            ("APPEND x abc", 14),
            ("APPEND x X-A \"v\"", 15),
            ("APPEND x {1}\r\nab", 17),
            ("APPEND x {1}\r\na ", 18),
            ("APPEND x {1}\r\na (\\Seen)", 25),
            ("APPEND x CATENATE ()", 21),
            ("APPEND x CATENATE (TEXT \"a\")", 26),
            ("APPEND x CATENATE (BLOB {1}\r\na)", 21),
            ("APPEND x CATENATE (TEXT {1}\r\na", 32),
            ("APPEND x UTF8 ({1}\r\na)", 17),
            ("APPEND x UTF8 (~{1}\r\na", 24),
            ("REPLACE x {1}\r\na", 10),
            ("REPLACE 0 x {1}\r\na", 10),
            ("REPLACE 1 x {1}\r\na {1}\r\nb", 20),
            ("UID REPLACE 1:2 x {1}\r\na", 15),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn extensions_are_no_messages() {
        let value = |text: &'static str| ExtensionValue::new(Tokens::new(text.as_bytes()).unwrap()).unwrap();
        assert!(AppendExtension::new(Atom::fixed("X"), value("(a)")).is_ok());
        for (name, bad) in [
            ("CATENATE", "(a)"),
            ("utf8", "(a)"),
            ("5", "5"),
            ("X", "\"a\""),
            ("X", "{1}\r\na"),
            ("X", "a"),
        ] {
            assert!(
                AppendExtension::new(Atom::new(name).unwrap(), value(bad)).is_err(),
                "{name} {bad}"
            );
        }
    }

    /// Reads fragments as a machine does that lets each message literal stream.
    fn pieces(fragments: &[&str]) -> Vec<alloc::string::String> {
        let mut state = None;
        let mut seen = Vec::new();
        for fragment in fragments {
            let mut reader = Reader::new(fragment.as_bytes(), Reading::STRICT);
            let state = state.get_or_insert_with(|| {
                seen.push(alloc::format!("{:?}", Append::read_head(&mut reader).unwrap()));
                AppendState::new(Messages::Many)
            });
            while !reader.is_at_end() {
                let piece = state.next(&mut reader).unwrap();
                seen.push(alloc::format!("{piece:?}"));
                if piece == AppendPiece::End {
                    break;
                }
            }
        }
        seen
    }

    #[test]
    fn messages_stream_piece_by_piece() {
        let seen = pieces(&[
            " saved (\\Seen) {5}\r\n",
            " CATENATE (URL \"x\" TEXT {6}\r\n",
            " UTF8 (~{7}\r\n",
            ") TEXT {2}\r\nab UTF8 (~{1}\r\n)) TEXT {9}\r\n",
            ") UTF8 (~{8}\r\n",
            ") X-FROM 5 (\\Draft) {0}\r\n ~{4}\r\n",
            "\r\n",
        ]);
        let kinds: Vec<_> = seen
            .iter()
            .map(|piece| piece.split(['(', ' ']).next().unwrap())
            .collect();
        let expected =
            "\"saved\" Message Message Part Part Part Part Part Part CatenateEnd Message Message Message Message End";
        assert_eq!(kinds.join(" "), expected, "{seen:#?}");
        assert!(
            seen[1].contains("Literal({5})") && seen[4].contains("Text({6})"),
            "{seen:#?}"
        );
        assert!(seen[13].contains("Literal8({4})"), "{seen:#?}");
    }

    /// A literal that cannot stream fails where it stands, and is read again when it is there.
    #[test]
    fn a_failed_piece_leaves_the_state() {
        let mut state = AppendState::new(Messages::Many);
        let mut reader = Reader::new(b" CATENATE (URL {1}\r\n", Reading::STRICT);
        assert!(
            matches!(state.next(&mut reader), Ok(AppendPiece::Message(head)) if head.data == AppendStart::Catenate)
        );
        let before = state;
        assert!(state.next(&mut reader).is_err());
        assert_eq!(state, before);
        let mut reader = Reader::new(b"URL {1}\r\nx)\r\n", Reading::STRICT);
        assert!(matches!(
            state.next(&mut reader),
            Ok(AppendPiece::Part(CatenatePart::Url(_)))
        ));
        assert_eq!(state.next(&mut reader), Ok(AppendPiece::CatenateEnd));
        assert_eq!(state.next(&mut reader), Ok(AppendPiece::End));
        assert_eq!(state.next(&mut reader), Ok(AppendPiece::End));
    }

    #[test]
    fn writing_pauses_for_each_body() {
        let message = |len| AppendMessage::new(AppendData::Literal(Payload::Announced(len)));
        let mut append = Append::new(Mailbox::Inbox, message(5));
        append.messages.push(message(6));
        let tagged = TaggedCommand {
            tag: Tag::new("a").unwrap(),
            command: Command::Append(append),
        };
        let mut out = Vec::new();
        let spelling = Spelling {
            literals: Literals::Plus,
            ..Spelling::CLIENT
        };
        let pauses = tagged.encode(spelling, &mut out);
        assert_eq!(out, b"a APPEND INBOX {5+}\r\n {6+}\r\n\r\n");
        let until: Vec<_> = pauses.iter().map(|pause| (pause.offset, pause.until)).collect();
        assert_eq!(until, [(21, Until::Body(5)), (28, Until::Body(6))]);
    }

    fn octets() -> impl Strategy<Value = Payload<'static>> {
        proptest::collection::vec(1u8..=255, 0..6).prop_map(|octets| Payload::Held(octets.into()))
    }

    fn extension() -> impl Strategy<Value = AppendExtension<'static>> {
        ("X-[A-Z]{0,3}", crate::syntax::extension_value::strategies::value())
            .prop_filter_map("no string", |(name, value)| {
                AppendExtension::new(Atom::new(name).unwrap(), value).ok()
            })
    }

    fn message() -> impl Strategy<Value = AppendMessage<'static>> {
        let part = prop_oneof![
            "\\PC{0,5}".prop_map(|url| CatenatePart::Url(AString::try_from(url).unwrap())),
            octets().prop_map(CatenatePart::Text),
            octets().prop_map(CatenatePart::Utf8),
        ];
        let data = prop_oneof![
            octets().prop_map(AppendData::Literal),
            proptest::collection::vec(any::<u8>(), 0..6)
                .prop_map(|octets| AppendData::Literal8(Payload::Held(octets.into()))),
            octets().prop_map(AppendData::Utf8),
            proptest::collection::vec(part, 1..4)
                .prop_map(|parts| AppendData::Catenate(OneOrMore::new(parts).unwrap())),
            extension().prop_map(AppendData::Extension),
        ];
        let date = crate::Date::new(2024, 2, 29).unwrap();
        let date = DateTime::new(date, 1, 2, 3, -90).unwrap();
        let flags = proptest::sample::subsequence(alloc::vec![Flag::Seen, Flag::new("$x").unwrap()], 0..=2);
        let date = proptest::option::of(Just(date));
        (flags, date, proptest::collection::vec(extension(), 0..2), data).prop_map(|(flags, date, extensions, data)| {
            AppendMessage {
                flags,
                date,
                extensions,
                data,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(messages in proptest::collection::vec(message(), 1..4), number in 1u32..) {
            let mailbox = Mailbox::new("Entwürfe").unwrap();
            let number = SequenceNumber::Number(number.try_into().unwrap());
            let message = messages[0].clone();
            let replace = Replace { numbering: Numbering::Uid, number, mailbox: mailbox.clone(), message };
            crate::trips::command_returns(&Command::Replace(replace))?;
            let messages = OneOrMore::new(messages).unwrap();
            crate::trips::command_returns(&Command::Append(Append { mailbox, messages }))?;
        }
    }
}
