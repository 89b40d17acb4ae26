//! LANGUAGE and COMPARATOR: how the server speaks, and how it compares (RFC 5255).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, OneOrMore};

/// The COMPARATOR response (RFC 5255 §4.8).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Comparators<'a> {
    /// The one that is in force.
    pub active: AString<'a>,
    /// All that were meant, when there is more than one.
    pub matching: Vec<AString<'a>>,
}

impl<'a> Comparators<'a> {
    /// ```text
    /// comparator-data = "COMPARATOR" SP comp-sel-quoted [SP "("
    ///                   comp-id-quoted *(SP comp-id-quoted) ")"]
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let active = reader.astring()?;
        let behind = reader.offset();
        let mut matching = Vec::new();
        if reader.accept_space() && reader.peek() == Some(b'(') {
            matching = reader.list1(Reader::astring)?;
        } else {
            reader.rewind(behind);
        }
        Ok(Self { active, matching })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("COMPARATOR ");
        writer.astring(&self.active);
        if !self.matching.is_empty() {
            writer.space();
            writer.list(&self.matching, |writer, comparator| writer.astring(comparator));
        }
    }
}

/// ```text
/// language-cmd   = "LANGUAGE" *(SP lang-range-quoted)
/// comparator-cmd = "COMPARATOR" *(SP comp-order-quoted)
/// ```
pub(crate) fn read_wishes<'a>(reader: &mut Reader<'a>) -> Parse<Vec<AString<'a>>> {
    let mut wishes = Vec::new();
    while reader.accept_separator() {
        wishes.push(reader.astring()?);
    }
    Ok(wishes)
}

/// `name`, then its wishes.
pub(crate) fn write_wishes(name: &str, wishes: &[AString<'_>], writer: &mut Writer<'_>) {
    writer.text(name);
    for wish in wishes {
        writer.space();
        writer.astring(wish);
    }
}

/// ```text
/// language-data = "LANGUAGE" SP "(" lang-tag-quoted *(SP lang-tag-quoted) ")"
/// ```
pub(crate) fn read_languages<'a>(reader: &mut Reader<'a>) -> Parse<OneOrMore<AString<'a>>> {
    reader.space()?;
    reader.list1(Reader::astring).map(OneOrMore::checked)
}

pub(crate) fn write_languages(languages: &OneOrMore<AString<'_>>, writer: &mut Writer<'_>) {
    writer.text("LANGUAGE ");
    writer.list(languages, |writer, language| writer.astring(language));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command};
    use crate::{Command, Data, Reading};
    use proptest::prelude::*;

    #[test]
    fn languages_and_comparators_are_agreed() {
        for canonical in [
            "LANGUAGE",
            "LANGUAGE DE i-default \"*\"",
            "COMPARATOR",
            "COMPARATOR \"cz;*\" i;basic",
        ] {
            canonical_command(canonical);
        }
        respelled_command("language \"de\" {2}\r\nfr", "LANGUAGE de fr");
        for canonical in [
            "LANGUAGE (EN DE IT i-default)",
            "COMPARATOR i;unicode-casemap",
            "COMPARATOR i;basic (i;basic \"a b\")",
        ] {
            canonical_data(canonical);
        }
        for (bad, offset) in [("LANGUAGE ", 11), ("LANGUAGE (de)", 11), ("COMPARATOR  x", 13)] {
            assert_eq!(command(bad).unwrap_err().offset, offset, "{bad:?}");
        }
        for (bad, offset) in [
            ("LANGUAGE", 10),
            ("LANGUAGE ()", 12),
            ("LANGUAGE de", 11),
            ("COMPARATOR", 12),
            ("COMPARATOR x ()", 16),
        ] {
            assert_eq!(data(bad, Reading::STRICT).unwrap_err().offset, offset, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(words in proptest::collection::vec("\\PC{0,5}", 1..4)) {
            let words: Vec<_> = words.into_iter().map(|word| AString::try_from(word).unwrap()).collect();
            crate::trips::command_returns(&Command::Language(words.clone()))?;
            crate::trips::command_returns(&Command::Comparator(words.clone()))?;
            crate::trips::data_returns(&Data::Language(OneOrMore::new(words.clone()).unwrap()))?;
            let active = words[0].clone();
            crate::trips::data_returns(&Data::Comparator(Comparators { active, matching: words }))?;
        }
    }
}
