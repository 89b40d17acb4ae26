//! SORT and UID SORT (RFC 5256, RFC 5267 §3).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::Numbering;
use crate::messages::annotation_key::AnnotationSort;
use crate::searching::return_option::ReturnOption;
use crate::searching::search_program::SearchProgram;
use crate::syntax::charset::Charset;
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// SORT: which messages match, in which order?
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Sort<'a> {
    /// What the answer is in; [`Uid`](Numbering::Uid) makes it UID SORT.
    pub numbering: Numbering,
    /// What is returned, in an ESEARCH response (ESORT, RFC 5267 §3.1). With `None` the answer is a SORT response.
    pub returning: Option<Vec<ReturnOption<'a>>>,
    /// What to sort by: where the first says nothing, the second decides, and so on; at last the sequence number.
    pub criteria: OneOrMore<SortCriterion<'a>>,
    /// What the strings are in, and the order is for.
    pub charset: Charset<'a>,
    /// What is sought.
    pub program: SearchProgram<'a>,
}

/// `sort-criterion` (RFC 5256 §5)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SortCriterion<'a> {
    /// Which way.
    pub direction: SortDirection,
    /// What is compared.
    pub key: SortKey<'a>,
}

/// Which way a [`SortCriterion`] sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum SortDirection {
    /// From the smallest to the largest.
    Ascending,
    /// `REVERSE`: the other way.
    Reverse,
}

/// `sort-key` (RFC 5256 §3 and the extensions)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum SortKey<'a> {
    /// ARRIVAL: the internal date.
    Arrival,
    /// CC: the mailbox of the first address.
    Cc,
    /// DATE: when it was sent, in UTC.
    Date,
    /// FROM: the mailbox of the first address.
    From,
    /// SIZE
    Size,
    /// SUBJECT: without `Re:` and the like.
    Subject,
    /// TO: the mailbox of the first address.
    To,
    /// DISPLAYFROM: the name of the first address (RFC 5957 §4).
    DisplayFrom,
    /// DISPLAYTO: the name of the first address (RFC 5957 §4).
    DisplayTo,
    /// RELEVANCY: the best match first (RFC 6203 §6).
    Relevancy,
    /// ANNOTATION (RFC 5257 §4.9)
    Annotation(AnnotationSort<'a>),
}

impl<'a> SortKey<'a> {
    /// From the smallest to the largest.
    pub const fn ascending(self) -> SortCriterion<'a> {
        SortCriterion {
            direction: SortDirection::Ascending,
            key: self,
        }
    }

    /// From the largest to the smallest.
    pub const fn reverse(self) -> SortCriterion<'a> {
        SortCriterion {
            direction: SortDirection::Reverse,
            key: self,
        }
    }

    /// ```text
    /// sort-key =  "ARRIVAL" / "CC" / "DATE" / "FROM" / "SIZE" / "SUBJECT" / "TO"
    /// sort-key =/ "DISPLAYFROM" / "DISPLAYTO"
    /// sort-key =/ "RELEVANCY"
    /// sort-key =/ "ANNOTATION" SP entry SP att-sort
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"ARRIVAL" => Self::Arrival,
            b"CC" => Self::Cc,
            b"DATE" => Self::Date,
            b"FROM" => Self::From,
            b"SIZE" => Self::Size,
            b"SUBJECT" => Self::Subject,
            b"TO" => Self::To,
            b"DISPLAYFROM" => Self::DisplayFrom,
            b"DISPLAYTO" => Self::DisplayTo,
            b"RELEVANCY" => Self::Relevancy,
            b"ANNOTATION" => {
                reader.space()?;
                Self::Annotation(AnnotationSort::read(reader)?)
            }
            _ => {
                reader.rewind(start);
                return reader.expected("a sort key");
            }
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text(match self {
            Self::Arrival => "ARRIVAL",
            Self::Cc => "CC",
            Self::Date => "DATE",
            Self::From => "FROM",
            Self::Size => "SIZE",
            Self::Subject => "SUBJECT",
            Self::To => "TO",
            Self::DisplayFrom => "DISPLAYFROM",
            Self::DisplayTo => "DISPLAYTO",
            Self::Relevancy => "RELEVANCY",
            Self::Annotation(key) => return key.write(writer),
        });
    }
}

impl<'a> SortCriterion<'a> {
    /// `sort-criterion = ["REVERSE" SP] sort-key`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let is_reverse = reader.accept_word("REVERSE");
        if is_reverse {
            reader.space()?;
        }
        let key = SortKey::read(reader)?;
        Ok(if is_reverse { key.reverse() } else { key.ascending() })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        if self.direction == SortDirection::Reverse {
            writer.text("REVERSE ");
        }
        self.key.write(writer);
    }
}

impl<'a> Sort<'a> {
    /// ```text
    /// sort            = ["UID" SP] "SORT" SP sort-criteria SP search-criteria
    /// sort            =/ extended-sort
    /// extended-sort   = ["UID" SP] "SORT" search-return-opts
    ///                   SP sort-criteria SP search-criteria
    /// sort-criteria   = "(" sort-criterion *(SP sort-criterion) ")"
    /// search-criteria = charset 1*(SP search-key)
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let returning = ReturnOption::read_list(reader)?;
        let criteria = OneOrMore::checked(reader.list1(SortCriterion::read)?);
        reader.space()?;
        let charset = Charset::read(reader)?;
        reader.space()?;
        let program = SearchProgram::read(reader)?;
        Ok(Self {
            numbering,
            returning,
            criteria,
            charset,
            program,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.numbering.write_prefix(writer);
        writer.text("SORT");
        ReturnOption::write_list(self.returning.as_deref(), writer);
        writer.space();
        writer.list(&self.criteria, |writer, criterion| criterion.write(writer));
        writer.space();
        self.charset.write(writer);
        writer.space();
        self.program.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use crate::searching::return_option::tests::options;
    use crate::searching::search_key::tests::key;
    use crate::trips::command_returns;
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{
        AString, AnnotationScope, AnnotationSort, Charset, Command, Numbering, OneOrMore, Sort, SortDirection, SortKey,
        Thread, ThreadAlgorithm,
    };
    use proptest::prelude::*;

    fn sort_key() -> impl Strategy<Value = SortKey<'static>> {
        let words = [
            SortKey::Arrival,
            SortKey::Cc,
            SortKey::Date,
            SortKey::From,
            SortKey::Size,
            SortKey::Subject,
            SortKey::To,
            SortKey::DisplayFrom,
            SortKey::DisplayTo,
            SortKey::Relevancy,
        ];
        let scope = prop_oneof![Just(AnnotationScope::Private), Just(AnnotationScope::Shared)];
        prop_oneof![
            proptest::sample::select(words.to_vec()),
            ("[a-z/ *é]{0,4}", scope).prop_map(|(entry, scope)| {
                let entry = AString::try_from(entry).unwrap();
                SortKey::Annotation(AnnotationSort { entry, scope })
            }),
        ]
    }

    proptest! {
        #[test]
        fn each_command_returns(
            keys in proptest::collection::vec((sort_key(), any::<bool>()), 1..4),
            is_uid in any::<bool>(),
            returning in options(),
            charset in "[A-Za-z0-9_():. \"\\\\-]{1,8}",
            key in key(),
        ) {
            let criteria = keys.into_iter().map(|(key, is_reverse)| match is_reverse {
                true => key.reverse(),
                false => key.ascending(),
            });
            let sort = Sort {
                numbering: if is_uid { Numbering::Uid } else { Numbering::Sequence },
                returning,
                criteria: OneOrMore::new(criteria.collect()).unwrap(),
                charset: Charset::new(charset).unwrap(),
                program: key.into(),
            };
            let thread = Thread {
                numbering: sort.numbering,
                algorithm: ThreadAlgorithm::References,
                charset: sort.charset.clone(),
                program: sort.program.clone(),
            };
            command_returns(&Command::Sort(sort))?;
            command_returns(&Command::Thread(thread))?;
        }
    }

    #[test]
    fn sorts_are_written_as_they_came() {
        for text in [
            "SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994",
            "SORT (SUBJECT REVERSE DATE) UTF-8 ALL",
            "UID SORT (ARRIVAL CC FROM SIZE TO) US-ASCII NOT SEEN 1:9",
            "UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk",
            "SORT RETURN (PARTIAL 1:10 COUNT) (RELEVANCY) UTF-8 FUZZY TEXT World",
            "SORT (REVERSE DISPLAYFROM DISPLAYTO) UTF-8 ALL",
            "SORT (ANNOTATION /altsubject value.shared REVERSE ANNOTATION \"/a b\" value.priv DATE) UTF-8 ALL",
        ] {
            canonical_command(text);
        }
        let Command::Sort(sort) = respelled_command(
            "sort (reverse date) \"us-ascii\" all",
            "SORT (REVERSE DATE) us-ascii ALL",
        ) else {
            panic!()
        };
        assert_eq!(sort.criteria[0], SortKey::Date.reverse());
        assert_ne!(sort.criteria[0].direction, SortDirection::Ascending);
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("SORT", 6),
            ("SORT ()", 8),
            ("SORT DATE UTF-8 ALL", 7),
            ("SORT (DATE) ", 14),
            ("SORT (DATE) UTF-8", 19),
            ("SORT (DATE) UTF-8 ", 20),
            ("SORT (REVERSE) UTF-8 ALL", 15),
            ("SORT (REVERSE REVERSE DATE) UTF-8 ALL", 16),
            ("SORT (BOGUS) UTF-8 ALL", 8),
            ("SORT (ANNOTATION /c value) UTF-8 ALL", 22),
            ("SORT RETURN (DATE) UTF-8 ALL", 21),
            ("SORT (DATE ) UTF-8 ALL", 13),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }
}
