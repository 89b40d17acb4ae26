//! What a search is to return: `RETURN (…)` (RFC 4731 §3.1, RFC 9051 §6.4.4 and the extensions).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::extension::Extension;
use crate::syntax::partial_range::PartialRange;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{FetchAttribute, OneOrMore};

/// `search-return-opt` (RFC 9051 §9)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ReturnOption<'a> {
    /// MIN: the lowest number that was found, or the first in the order of a SORT.
    Min,
    /// MAX: the highest, or the last.
    Max,
    /// ALL: what was found.
    All,
    /// COUNT: how many were found.
    Count,
    /// SAVE: what was found is `$` from now on (RFC 5182, RFC 9051 §6.4.4.1).
    Save,
    /// RELEVANCY: a score for each (RFC 6203 §4).
    Relevancy,
    /// PARTIAL: a window on what was found (RFC 9394 §3.1).
    Partial(PartialRange),
    /// CONTEXT: the search will be repeated (RFC 5267 §4.2).
    Context,
    /// UPDATE: tell when the result changes (RFC 5267 §4.3), and fetch these of new messages (RFC 5465 §7).
    Update(Option<OneOrMore<FetchAttribute<'a>>>),
    /// An option that this crate does not know.
    Other(Extension<'a>),
}

impl<'a> ReturnOption<'a> {
    /// ```text
    /// search-return-opts = SP "RETURN" SP "(" [search-return-opt
    ///                      *(SP search-return-opt)] ")"
    /// ```
    /// From `RETURN` on, and the space behind it. `None` where something else stands.
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<Option<Vec<Self>>> {
        if !reader.accept_word("RETURN") {
            return Ok(None);
        }
        reader.space()?;
        let options = reader.list(Self::read)?;
        reader.space()?;
        Ok(Some(options))
    }

    /// ```text
    /// search-return-opt =  "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE" / search-ret-opt-ext
    /// search-return-opt =/ "RELEVANCY" / modifier-context / modifier-partial / modifier-update
    /// modifier-update   =  "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]
    /// ```
    /// The example of RFC 5465 §7 has a space behind `UPDATE`, and that is how it is written.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"MIN" => Self::Min,
            b"MAX" => Self::Max,
            b"ALL" => Self::All,
            b"COUNT" => Self::Count,
            b"SAVE" => Self::Save,
            b"RELEVANCY" => Self::Relevancy,
            b"CONTEXT" => Self::Context,
            b"PARTIAL" => {
                reader.space()?;
                Self::Partial(PartialRange::read(reader)?)
            }
            b"UPDATE" => Self::read_update(reader)?,
            _ => {
                reader.rewind(start);
                Self::Other(Extension::read(reader)?)
            }
        })
    }

    fn read_update(reader: &mut Reader<'a>) -> Parse<Self> {
        let behind = reader.offset();
        reader.accept_space();
        if reader.peek() == Some(b'(') {
            return FetchAttribute::read_list(reader).map(|attributes| Self::Update(Some(attributes)));
        }
        reader.rewind(behind);
        Ok(Self::Update(None))
    }

    /// With a space in front.
    pub(crate) fn write_list(options: Option<&[Self]>, writer: &mut Writer<'_>) {
        if let Some(options) = options {
            writer.text(" RETURN ");
            writer.list(options, |writer, option| option.write(writer));
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Min => writer.text("MIN"),
            Self::Max => writer.text("MAX"),
            Self::All => writer.text("ALL"),
            Self::Count => writer.text("COUNT"),
            Self::Save => writer.text("SAVE"),
            Self::Relevancy => writer.text("RELEVANCY"),
            Self::Context => writer.text("CONTEXT"),
            Self::Partial(range) => {
                writer.text("PARTIAL ");
                range.write(writer);
            }
            Self::Update(None) => writer.text("UPDATE"),
            Self::Update(Some(attributes)) => {
                writer.text("UPDATE ");
                FetchAttribute::write_list(attributes, writer);
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::messages::fetch_attribute::tests::attributes;
    use crate::searching::search_key::tests::key;
    use crate::trips::command_returns;
    use crate::{
        Atom, Charset, Command, Mailbox, MailboxFilter, MultiSearch, Numbering, Search, SearchSource, SearchSources,
        Tokens,
    };
    use core::num::NonZeroU32;
    use proptest::prelude::*;

    fn extension() -> impl Strategy<Value = Extension<'static>> {
        let value = prop_oneof![Just("7"), Just("-1:-9"), Just("(a \"b\" (c d))"), Just("$")];
        ("X-[A-Z0-9]{1,4}", proptest::option::of(value)).prop_map(|(name, value)| {
            let extension = Extension::new(Atom::new(name).unwrap()).unwrap();
            match value {
                Some(value) => extension.with_value(Tokens::new(value.as_bytes()).unwrap()).unwrap(),
                None => extension,
            }
        })
    }

    fn option() -> impl Strategy<Value = ReturnOption<'static>> {
        let words = [
            ReturnOption::Min,
            ReturnOption::Max,
            ReturnOption::All,
            ReturnOption::Count,
            ReturnOption::Save,
            ReturnOption::Relevancy,
            ReturnOption::Context,
            ReturnOption::Update(None),
            ReturnOption::Update(Some(attributes("(FLAGS BODY[HEADER.FIELDS (To)])"))),
        ];
        let number = || (1u32..).prop_map(|number| NonZeroU32::new(number).unwrap());
        prop_oneof![
            proptest::sample::select(words.to_vec()),
            (number(), number()).prop_map(|(a, b)| ReturnOption::Partial(PartialRange::First(a, b))),
            (number(), number()).prop_map(|(a, b)| ReturnOption::Partial(PartialRange::Last(a, b))),
            extension().prop_map(ReturnOption::Other),
        ]
    }

    pub(crate) fn options() -> impl Strategy<Value = Option<Vec<ReturnOption<'static>>>> {
        proptest::option::of(proptest::collection::vec(option(), 0..4))
    }

    fn source() -> impl Strategy<Value = SearchSource<'static>> {
        let name = "[a-z(é& ]{0,3}".prop_map(|name| Mailbox::new(&name).unwrap());
        let names = proptest::collection::vec(name, 1..3).prop_map(|names| OneOrMore::new(names).unwrap());
        prop_oneof![
            Just(SearchSource::Selected),
            Just(MailboxFilter::Personal.into()),
            names.clone().prop_map(|names| MailboxFilter::SubtreeOne(names).into()),
            names.prop_map(|names| MailboxFilter::Mailboxes(names).into()),
        ]
    }

    proptest! {
        #[test]
        fn each_search_returns(
            returning in options(),
            sources in proptest::option::of((
                proptest::collection::vec(source(), 1..4),
                proptest::collection::vec(extension(), 0..3),
            )),
            has_charset in any::<bool>(),
            key in key(),
        ) {
            let charset = has_charset.then_some(Charset::UTF_8);
            let mut search = Search::new(Numbering::Uid, key.clone());
            search.returning = returning.clone();
            search.charset = charset.clone();
            command_returns(&Command::Search(search))?;
            let sources = sources.map(|(mailboxes, options)| SearchSources {
                mailboxes: OneOrMore::new(mailboxes).unwrap(),
                options,
            });
            let program = key.into();
            command_returns(&Command::Esearch(MultiSearch { sources, returning, charset, program }))?;
        }
    }
}
