//! FETCH: the command, and the response that tells of one message.

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::fetch_item::mod_sequence;
use crate::reader::{Parse, Reader};
use crate::writer::Writer;
use crate::{Extension, FetchAttribute, FetchItem, Numbering, OneOrMore, PartialRange, SequenceSet};

/// FETCH and UID FETCH: what the client wants to know of messages (RFC 9051 §6.4.5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct FetchCommand<'a> {
    /// What the set holds.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// What of them.
    pub selection: FetchSelection<'a>,
    /// Which of them, and how (RFC 4466 §2.4).
    pub modifiers: Vec<FetchModifier<'a>>,
}

/// What a [`FetchCommand`] asks for.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum FetchSelection<'a> {
    /// `ALL`: FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE
    All,
    /// `FAST`: FLAGS, INTERNALDATE, RFC822.SIZE
    Fast,
    /// `FULL`: FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY
    Full,
    /// These.
    Attributes(OneOrMore<FetchAttribute<'a>>),
}

/// A modifier of a [`FetchCommand`].
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum FetchModifier<'a> {
    /// `CHANGEDSINCE`: only messages with a higher mod-sequence (RFC 7162 §3.1.4.1).
    ChangedSince(NonZeroU64),
    /// `VANISHED`: also which messages are gone since; with CHANGEDSINCE and UID FETCH only (RFC 7162 §3.2.6).
    Vanished,
    /// `PARTIAL`: only these of them (RFC 9394 §3.3).
    Partial(PartialRange),
    /// A modifier that this crate does not know.
    Other(Extension<'a>),
}

/// FETCH and UIDFETCH: what a message is (RFC 9051 §7.5.2, RFC 9586 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Fetch<'a> {
    /// Whether the number is a sequence number (`FETCH`) or a UID (`UIDFETCH`).
    pub numbering: Numbering,
    /// The message.
    pub number: NonZeroU32,
    /// Empty only where a server sent `()`.
    items: Vec<FetchItem<'a>>,
}

impl<'a> FetchCommand<'a> {
    /// What follows `FETCH`.
    ///
    /// ```text
    /// fetch           = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
    ///                   "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
    /// fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")"
    /// ```
    /// (RFC 4466 §3.)
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let set = SequenceSet::read(reader)?;
        reader.space()?;
        let selection = FetchSelection::read(reader)?;
        let modifiers = match reader.rest() {
            [b' ', b'(', ..] => {
                reader.space()?;
                reader.list1(FetchModifier::read)?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            numbering,
            set,
            selection,
            modifiers,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if self.numbering == Numbering::Uid {
            writer.text("UID ");
        }
        writer.text("FETCH ");
        self.set.write(writer);
        writer.space();
        self.selection.write(writer);
        if !self.modifiers.is_empty() {
            writer.space();
            writer.list(&self.modifiers, |writer, modifier| modifier.write(writer));
        }
    }
}

impl<'a> FetchSelection<'a> {
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.accept_word("ALL") {
            return Ok(Self::All);
        }
        if reader.accept_word("FAST") {
            return Ok(Self::Fast);
        }
        if reader.accept_word("FULL") {
            return Ok(Self::Full);
        }
        let attributes = match reader.peek() {
            Some(b'(') => OneOrMore::checked(reader.list1(FetchAttribute::read_listed)?),
            _ => OneOrMore::from(FetchAttribute::read_alone(reader)?),
        };
        Ok(Self::Attributes(attributes))
    }

    /// One attribute goes without parentheses, unless it ends with some.
    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::All => writer.text("ALL"),
            Self::Fast => writer.text("FAST"),
            Self::Full => writer.text("FULL"),
            Self::Attributes(attributes) => match &**attributes {
                [attribute] if !attribute.ends_with_list() => attribute.write(writer),
                attributes => writer.list(attributes, |writer, attribute| attribute.write(writer)),
            },
        }
    }
}

impl<'a, T: Into<OneOrMore<FetchAttribute<'a>>>> From<T> for FetchSelection<'a> {
    fn from(attributes: T) -> Self {
        Self::Attributes(attributes.into())
    }
}

impl<'a> FetchModifier<'a> {
    /// ```text
    /// fetch-modifier      = fetch-modifier-name [SP fetch-modif-params]
    /// chgsince-fetch-mod  = "CHANGEDSINCE" SP mod-sequence-value
    /// rexpunges-fetch-mod = "VANISHED"
    /// modifier-partial    = "PARTIAL" SP partial-range
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"CHANGEDSINCE" => {
                reader.space()?;
                mod_sequence(reader).map(Self::ChangedSince)
            }
            b"VANISHED" => Ok(Self::Vanished),
            b"PARTIAL" => {
                reader.space()?;
                PartialRange::read(reader).map(Self::Partial)
            }
            _ => {
                reader.rewind(start);
                Extension::read(reader).map(Self::Other)
            }
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::ChangedSince(number) => {
                writer.text("CHANGEDSINCE ");
                writer.number64(number.get());
            }
            Self::Vanished => writer.text("VANISHED"),
            Self::Partial(range) => {
                writer.text("PARTIAL ");
                range.write(writer);
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl<'a> Fetch<'a> {
    /// What is known of a message.
    pub fn new(numbering: Numbering, number: NonZeroU32, items: OneOrMore<FetchItem<'a>>) -> Self {
        Self {
            numbering,
            number,
            items: items.into_vec(),
        }
    }

    /// The items, in order; none only where a server sent `()`.
    pub fn items(&self) -> &[FetchItem<'a>] {
        &self.items
    }

    /// The items.
    pub fn into_items(self) -> Vec<FetchItem<'a>> {
        self.items
    }

    /// The UID, whether it is the number or an item.
    pub fn uid(&self) -> Option<NonZeroU32> {
        if self.numbering == Numbering::Uid {
            return Some(self.number);
        }
        self.items.iter().find_map(|item| match item {
            FetchItem::Uid(uid) => Some(*uid),
            _ => None,
        })
    }

    /// What follows `FETCH` or `UIDFETCH`.
    ///
    /// ```text
    /// message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
    /// uidfetch-resp = uniqueid SP "UIDFETCH" SP msg-att
    /// msg-att      = "(" (msg-att-dynamic / msg-att-static)
    ///                 *(SP (msg-att-dynamic / msg-att-static)) ")"
    /// ```
    pub(crate) fn read(numbering: Numbering, number: NonZeroU32, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let items = match reader.leniency().empty_lists {
            true => reader.list(FetchItem::read)?,
            false => reader.list1(FetchItem::read)?,
        };
        Ok(Self {
            numbering,
            number,
            items,
        })
    }

    /// `nz-number SP ("FETCH" / "UIDFETCH") SP "("`: what stands in front of the items when they are read one at a time.
    pub(crate) fn read_begin(reader: &mut Reader<'_>) -> Parse<(Numbering, NonZeroU32)> {
        let number = reader.nz_number()?;
        reader.space()?;
        let numbering = if reader.accept_word("FETCH") {
            Numbering::Sequence
        } else if reader.accept_word("UIDFETCH") {
            Numbering::Uid
        } else {
            return reader.expected("FETCH");
        };
        reader.space()?;
        reader.open()?;
        Ok((numbering, number))
    }

    /// The counterpart of [`read_begin`](Self::read_begin).
    pub(crate) fn write_begin(numbering: Numbering, number: NonZeroU32, writer: &mut Writer<'_>) {
        writer.number(number.get());
        writer.text(match numbering {
            Numbering::Sequence => " FETCH (",
            Numbering::Uid => " UIDFETCH (",
        });
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        Self::write_begin(self.numbering, self.number, writer);
        writer.separated(&self.items, |writer, item| item.write(writer));
        writer.text(")");
    }
}
