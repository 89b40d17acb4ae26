//! ESEARCH, the command that searches many mailboxes (RFC 7377). Its response is [`Esearch`](crate::Esearch).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::mailbox_filter::MailboxFilter;
use crate::searching::return_option::ReturnOption;
use crate::searching::search::{read_charset, write_charset};
use crate::searching::search_program::SearchProgram;
use crate::syntax::charset::Charset;
use crate::syntax::extension::Extension;
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// ESEARCH: which messages of these mailboxes match? The answer is in unique identifiers.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct MultiSearch<'a> {
    /// Where to search; the selected mailbox by default.
    pub sources: Option<SearchSources<'a>>,
    /// What is returned; ALL by default.
    pub returning: Option<Vec<ReturnOption<'a>>>,
    /// What the strings are in.
    pub charset: Option<Charset<'a>>,
    /// What is sought.
    pub program: SearchProgram<'a>,
}

/// `esearch-source-opts` (RFC 7377 §4)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SearchSources<'a> {
    /// The mailboxes.
    pub mailboxes: OneOrMore<SearchSource<'a>>,
    /// Options, of which RFC 7377 defines none.
    pub options: Vec<Extension<'a>>,
}

/// A place to search in (RFC 7377 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum SearchSource<'a> {
    /// `selected`: the selected mailbox.
    Selected,
    /// Other mailboxes.
    Mailboxes(MailboxFilter<'a>),
}

impl<'a> MultiSearch<'a> {
    /// ```text
    /// esearch = "ESEARCH" [SP esearch-source-opts]
    ///           [SP search-return-opts] SP search-program
    /// ```
    /// The RFC's `search-return-opts` has a space of its own in front; one is meant, as its examples show.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let sources = SearchSources::read(reader)?;
        let returning = ReturnOption::read_list(reader)?;
        let charset = read_charset(reader)?;
        let program = SearchProgram::read(reader)?;
        Ok(Self {
            sources,
            returning,
            charset,
            program,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("ESEARCH");
        if let Some(sources) = &self.sources {
            writer.space();
            sources.write(writer);
        }
        ReturnOption::write_list(self.returning.as_deref(), writer);
        write_charset(self.charset.as_ref(), writer);
        writer.space();
        self.program.write(writer);
    }
}

impl<'a> SearchSources<'a> {
    /// ```text
    /// esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"
    /// source-mbox         = filter-mailboxes *(SP filter-mailboxes)
    /// scope-options       = scope-option *(SP scope-option)
    /// ```
    /// And the space behind it. `None` where something else stands.
    fn read(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        if !reader.accept_word("IN") {
            return Ok(None);
        }
        reader.space()?;
        reader.open()?;
        let mut mailboxes = OneOrMore::from(SearchSource::read(reader)?);
        let mut options = Vec::new();
        while reader.accept_separator() {
            if reader.peek() == Some(b'(') {
                options = reader.list1(Extension::read)?;
                break;
            }
            mailboxes.push(SearchSource::read(reader)?);
        }
        reader.close()?;
        reader.space()?;
        Ok(Some(Self { mailboxes, options }))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("IN (");
        writer.separated(&self.mailboxes, |writer, source| match source {
            SearchSource::Selected => writer.text("SELECTED"),
            SearchSource::Mailboxes(filter) => filter.write(writer),
        });
        if !self.options.is_empty() {
            writer.space();
            writer.list(&self.options, |writer, option| option.write(writer));
        }
        writer.text(")");
    }
}

impl<'a> SearchSource<'a> {
    /// `filter-mailboxes-selected = "selected"`, or `filter-mailboxes-other`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let keyword = reader.keyword();
        if keyword.as_slice() == b"SELECTED" {
            return Ok(Self::Selected);
        }
        match MailboxFilter::read_behind(keyword.as_slice(), reader)? {
            Some(filter) => Ok(Self::Mailboxes(filter)),
            None => {
                reader.rewind(start);
                reader.expected("mailboxes to search")
            }
        }
    }
}

impl<'a> From<MailboxFilter<'a>> for SearchSource<'a> {
    fn from(filter: MailboxFilter<'a>) -> Self {
        Self::Mailboxes(filter)
    }
}

impl<'a> From<OneOrMore<SearchSource<'a>>> for SearchSources<'a> {
    fn from(mailboxes: OneOrMore<SearchSource<'a>>) -> Self {
        Self {
            mailboxes,
            options: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::trips::{canonical_command, command, respelled_command};

    #[test]
    fn searches_are_written_as_they_came() {
        for text in [
            "ESEARCH UNSEEN",
            "ESEARCH IN (MAILBOXES folder1 SUBTREE folder2) UNSEEN",
            "ESEARCH IN (MAILBOXES (a b \"c d\") SUBTREE-ONE folder2) SUBJECT chad",
            "ESEARCH IN (SELECTED PERSONAL INBOXES SUBSCRIBED) RETURN (MIN COUNT) CHARSET UTF-8 FROM x",
            "ESEARCH IN (SELECTED (X-DEPTH 4 X-FAST)) RETURN () ALL",
            "ESEARCH RETURN (SAVE) ALL",
        ] {
            canonical_command(text);
        }
        respelled_command(
            "esearch in (mailboxes (inbox)) return () all",
            "ESEARCH IN (MAILBOXES INBOX) RETURN () ALL",
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("ESEARCH", 9),
            ("ESEARCH IN ALL", 13),
            ("ESEARCH IN () ALL", 14),
            ("ESEARCH IN (\"Selected\") RETURN () ALL", 14),
            ("ESEARCH IN (SELECTED-DELAYED) ALL", 14),
            ("ESEARCH IN (SUBTREE-ONE) RETURN () ALL", 25),
            ("ESEARCH IN (SUBTREE-ONE (x) ) RETURN () ALL", 30),
            ("ESEARCH IN (SELECTED ()) ALL", 24),
            ("ESEARCH IN (SELECTED (X) PERSONAL) ALL", 26),
            ("ESEARCH IN (SELECTED) ", 24),
            ("ESEARCH IN (SELECTED)", 23),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }
}
