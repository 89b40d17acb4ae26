//! SEARCH and UID SEARCH (RFC 9051 §6.4.4).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Numbering;
use crate::searching::return_option::ReturnOption;
use crate::searching::search_program::SearchProgram;
use crate::syntax::charset::Charset;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// SEARCH: which messages of the selected mailbox match?
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Search<'a> {
    /// What the answer is in; [`Uid`](Numbering::Uid) makes it UID SEARCH.
    pub numbering: Numbering,
    /// What is returned, in an ESEARCH response. An empty list is the same as [`ReturnOption::All`] (RFC 4731 §3.1). With `None`, IMAP4rev1
    /// servers answer with SEARCH and IMAP4rev2 servers with ESEARCH.
    pub returning: Option<Vec<ReturnOption<'a>>>,
    /// What the strings are in; US-ASCII by default, in IMAP4rev2 UTF-8.
    pub charset: Option<Charset<'a>>,
    /// What is sought.
    pub program: SearchProgram<'a>,
}

impl<'a> Search<'a> {
    /// A search as IMAP4rev1 has it.
    pub fn new(numbering: Numbering, program: impl Into<SearchProgram<'a>>) -> Self {
        Self {
            numbering,
            returning: None,
            charset: None,
            program: program.into(),
        }
    }

    /// With return options.
    #[must_use]
    pub fn returning(mut self, options: impl Into<Vec<ReturnOption<'a>>>) -> Self {
        self.returning = Some(options.into());
        self
    }

    /// ```text
    /// search         = "SEARCH" [search-return-opts] SP search-program
    /// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let returning = ReturnOption::read_list(reader)?;
        let charset = read_charset(reader)?;
        let program = SearchProgram::read(reader)?;
        Ok(Self {
            numbering,
            returning,
            charset,
            program,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.numbering.write_prefix(writer);
        writer.text("SEARCH");
        ReturnOption::write_list(self.returning.as_deref(), writer);
        write_charset(self.charset.as_ref(), writer);
        writer.space();
        self.program.write(writer);
    }
}

/// `["CHARSET" SP charset SP]`
pub(crate) fn read_charset<'a>(reader: &mut Reader<'a>) -> Parse<Option<Charset<'a>>> {
    if !reader.accept_word("CHARSET") {
        return Ok(None);
    }
    reader.space()?;
    let charset = Charset::read(reader)?;
    reader.space()?;
    Ok(Some(charset))
}

/// With the space in front.
pub(crate) fn write_charset(charset: Option<&Charset<'_>>, writer: &mut Writer<'_>) {
    if let Some(charset) = charset {
        writer.text(" CHARSET ");
        charset.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{Command, SyntaxError};

    #[test]
    fn searches_are_written_as_they_came() {
        for text in [
            "SEARCH ALL",
            "UID SEARCH UNSEEN",
            "SEARCH RETURN () 1:*",
            "SEARCH CHARSET UTF-8 TEXT mox",
            "SEARCH CHARSET \"NF_Z_62-010_(1973)\" SEEN",
            "UID SEARCH RETURN (MIN MAX ALL COUNT SAVE) CHARSET US-ASCII $ SINCE 1-Feb-1994",
            "SEARCH RETURN (CONTEXT UPDATE PARTIAL 1:500) DELETED KEYWORD $Junk",
            "SEARCH RETURN (PARTIAL -1:-100 RELEVANCY) FUZZY TEXT hello",
            "SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM)])) FROM boss",
            "SEARCH RETURN (X-NEW X-SET 4:*,7 X-LIST (a (\"b\" c)) X-LAST -3:-1) ALL",
        ] {
            canonical_command(text);
        }
        respelled_command(
            "uid search return (all min) charset \"utf-8\" all",
            "UID SEARCH RETURN (ALL MIN) CHARSET utf-8 ALL",
        );
        respelled_command("SEARCH RETURN (UPDATE(UID)) ALL", "SEARCH RETURN (UPDATE (UID)) ALL");
        respelled_command("SEARCH CHARSET {5}\r\nUTF-8 ALL", "SEARCH CHARSET UTF-8 ALL");
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("SEARCH", 8),
            ("SEARCH ", 9),
            ("SEARCH RETURN", 15),
            ("SEARCH RETURN MIN ALL", 16),
            ("SEARCH RETURN (MIN) ", 22),
            ("SEARCH RETURN (MIN)", 21),
            ("SEARCH RETURN (MIN", 20),
            ("SEARCH RETURN (MIN ) ALL", 21),
            ("SEARCH RETURN (5) ALL", 17),
            ("SEARCH RETURN (PARTIAL 1) ALL", 26),
            ("SEARCH RETURN (PARTIAL -1:4) ALL", 28),
            ("SEARCH RETURN (PARTIAL 0:4) ALL", 25),
            ("SEARCH RETURN (PARTIAL) ALL", 24),
            ("SEARCH RETURN (UPDATE ()) ALL", 25),
            ("SEARCH RETURN (MIN) (MAX) ALL", 23),
            ("SEARCH CHARSET UTF-8", 22),
            ("SEARCH CHARSET  ALL", 17),
            ("SEARCH CHARSET \"\" ALL", 17),
            ("SEARCH CHARSET UTF-8 ", 23),
            ("SEARCH ALL ", 13),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
        assert_eq!(command("SEARCH BOGUS"), Err(SyntaxError::new(9, "a search key")),);
    }

    /// Strings that no quoted string can hold are literals.
    #[test]
    fn strings_come_in_literals() {
        let text = "SEARCH CHARSET UTF-8 SUBJECT {12}\r\n\u{43e}\u{442}\u{43f}\u{443}\u{441}\u{43a} SEEN";
        let Command::Search(search) = canonical_command(text) else {
            panic!()
        };
        assert_eq!(search.program.keys().count(), 2);
        assert_eq!(search.charset, Some(Charset::UTF_8));
    }
}
