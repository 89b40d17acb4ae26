//! LIST with its options, and the commands that list as IMAP4rev1 did: LSUB, RLIST, RLSUB, XLIST.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::list_pattern::ListPattern;
use crate::mailboxes::mailbox_status::StatusItem;
use crate::mailboxes::metadata::MetadataEntry;
use crate::syntax::extension::Extension;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, Mailbox, OneOrMore, SyntaxError};

/// LIST (RFC 9051 §6.3.9, RFC 5258).
///
/// ```
/// # use imap_proto::{List, ListPattern, ListReturn};
/// let list = List::new(ListPattern::new("*")?).returning(vec![ListReturn::Subscribed]);
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct List<'a> {
    /// Which mailboxes are listed; an empty selection is all of them, and makes the command an extended one.
    pub selection: Option<ListSelections<'a>>,
    /// Where the patterns begin; mostly empty.
    pub reference: Mailbox<'a>,
    /// What the names look like.
    pub patterns: ListPatterns<'a>,
    /// What is told of them, an empty list included.
    pub returns: Option<Vec<ListReturn<'a>>>,
}

/// What names look like.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum ListPatterns<'a> {
    /// One pattern, as IMAP4rev1 has it.
    One(ListPattern<'a>),
    /// Patterns in parentheses; each name is listed once (RFC 5258 §3).
    Many(OneOrMore<ListPattern<'a>>),
}

/// An option that selects mailboxes (RFC 9051 §6.3.9.1).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ListSelection<'a> {
    /// SUBSCRIBED: subscribed names, even of mailboxes that do not exist.
    Subscribed,
    /// REMOTE: mailboxes on other servers, too.
    Remote,
    /// RECURSIVEMATCH: also those whose children meet the other options.
    RecursiveMatch,
    /// SPECIAL-USE: mailboxes that have a use (RFC 6154 §2).
    SpecialUse,
    /// Another one.
    Other(Extension<'a>),
}

/// Options that select mailboxes: RECURSIVEMATCH is not alone among them.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ListSelections<'a>(Vec<ListSelection<'a>>);

/// What LIST tells of each mailbox (RFC 9051 §6.3.9.2).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum ListReturn<'a> {
    /// SUBSCRIBED: whether it is subscribed.
    Subscribed,
    /// CHILDREN: whether it has children.
    Children,
    /// SPECIAL-USE: what it is for (RFC 6154 §2).
    SpecialUse,
    /// MYRIGHTS: what the user may do (RFC 8440 §3).
    MyRights,
    /// STATUS: its status (RFC 5819 §2).
    Status(OneOrMore<StatusItem<'a>>),
    /// METADATA: values of these entries (RFC 9590).
    Metadata(OneOrMore<MetadataEntry<'a>>),
    /// Another one.
    Other(Extension<'a>),
}

/// The arguments of LSUB (RFC 3501 §6.3.9), RLIST and RLSUB (RFC 2193) and XLIST.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct PlainList<'a> {
    /// Where the pattern begins; mostly empty.
    pub reference: Mailbox<'a>,
    /// What the names look like.
    pub pattern: ListPattern<'a>,
}

impl<'a> List<'a> {
    /// Names that look like `pattern`.
    pub fn new(pattern: ListPattern<'a>) -> Self {
        Self {
            selection: None,
            reference: Mailbox::empty(),
            patterns: ListPatterns::One(pattern),
            returns: None,
        }
    }

    /// Only those mailboxes.
    #[must_use]
    pub fn selecting(mut self, selection: ListSelections<'a>) -> Self {
        self.selection = Some(selection);
        self
    }

    /// Tell that of them.
    #[must_use]
    pub fn returning(mut self, returns: Vec<ListReturn<'a>>) -> Self {
        self.returns = Some(returns);
        self
    }

    /// ```text
    /// list             = "LIST" [SP list-select-opts] SP
    ///                    mailbox SP mbox-or-pat
    ///                    [SP list-return-opts]
    /// list-return-opts = "RETURN" SP
    ///                    "(" [list-return-opt *(SP list-return-opt)] ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mut selection = None;
        if reader.peek() == Some(b'(') {
            selection = Some(ListSelections::read(reader)?);
            reader.space()?;
        }
        let reference = Mailbox::read(reader)?;
        reader.space()?;
        let patterns = ListPatterns::read(reader)?;
        let behind = reader.offset();
        let mut returns = None;
        if reader.accept_space() && reader.accept_word("RETURN") {
            reader.space()?;
            returns = Some(reader.list(ListReturn::read)?);
        } else {
            reader.rewind(behind);
        }
        Ok(Self {
            selection,
            reference,
            patterns,
            returns,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("LIST ");
        if let Some(selection) = &self.selection {
            writer.list(&selection.0, |writer, option| option.write(writer));
            writer.space();
        }
        self.reference.write(writer);
        writer.space();
        self.patterns.write(writer);
        if let Some(returns) = &self.returns {
            writer.text(" RETURN ");
            writer.list(returns, |writer, option| option.write(writer));
        }
    }
}

impl<'a> ListPatterns<'a> {
    /// The patterns.
    pub fn as_slice(&self) -> &[ListPattern<'a>] {
        match self {
            Self::One(pattern) => core::slice::from_ref(pattern),
            Self::Many(patterns) => patterns,
        }
    }

    /// ```text
    /// mbox-or-pat = list-mailbox / patterns
    /// patterns    = "(" list-mailbox *(SP list-mailbox) ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.peek() == Some(b'(') {
            let patterns = reader.list1(ListPattern::read)?;
            return Ok(Self::Many(OneOrMore::checked(patterns)));
        }
        ListPattern::read(reader).map(Self::One)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::One(pattern) => pattern.write(writer),
            Self::Many(patterns) => writer.list(patterns, |writer, pattern| pattern.write(writer)),
        }
    }
}

impl<'a> ListSelections<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when RECURSIVEMATCH has neither SUBSCRIBED nor an option of an extension beside it; the offset is that of the
    /// option in the list.
    pub fn new(options: Vec<ListSelection<'a>>) -> Result<Self, InvalidValue> {
        let recursive = options
            .iter()
            .position(|option| *option == ListSelection::RecursiveMatch);
        let has_base = options.iter().any(ListSelection::is_base);
        match recursive {
            Some(offset) if !has_base => Err(InvalidValue::new(offset, SELECTION)),
            _ => Ok(Self(options)),
        }
    }

    /// The options.
    pub fn as_slice(&self) -> &[ListSelection<'a>] {
        &self.0
    }

    /// ```text
    /// list-select-opts = "(" [
    ///                    (*(list-select-opt SP) list-select-base-opt
    ///                     *(SP list-select-opt))
    ///                  / (list-select-independent-opt
    ///                     *(SP list-select-independent-opt))
    ///                    ] ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let options = reader.list(ListSelection::read)?;
        Self::new(options).map_err(|_| SyntaxError::new(start, SELECTION))
    }
}

impl<'a> ListSelection<'a> {
    /// `list-select-base-opt = "SUBSCRIBED" / option-extension`
    const fn is_base(&self) -> bool {
        matches!(self, Self::Subscribed | Self::Other(_))
    }

    /// `list-select-opt = list-select-base-opt / list-select-independent-opt / list-select-mod-opt`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"SUBSCRIBED" => Self::Subscribed,
            b"REMOTE" => Self::Remote,
            b"RECURSIVEMATCH" => Self::RecursiveMatch,
            b"SPECIAL-USE" => Self::SpecialUse,
            _ => {
                reader.rewind(start);
                Self::Other(Extension::read(reader)?)
            }
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Subscribed => writer.text("SUBSCRIBED"),
            Self::Remote => writer.text("REMOTE"),
            Self::RecursiveMatch => writer.text("RECURSIVEMATCH"),
            Self::SpecialUse => writer.text("SPECIAL-USE"),
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl<'a> ListReturn<'a> {
    /// ```text
    /// return-option =  "SUBSCRIBED" / "CHILDREN" / status-option / option-extension
    /// return-option =/ "SPECIAL-USE" / "MYRIGHTS"
    /// return-option =/ "METADATA" SP "(" entry *(SP entry) ")"
    /// status-option =  "STATUS" SP "(" status-att *(SP status-att) ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"SUBSCRIBED" => Self::Subscribed,
            b"CHILDREN" => Self::Children,
            b"SPECIAL-USE" => Self::SpecialUse,
            b"MYRIGHTS" => Self::MyRights,
            b"STATUS" => {
                reader.space()?;
                let items = reader.list1(StatusItem::read)?;
                Self::Status(OneOrMore::checked(items))
            }
            b"METADATA" => {
                reader.space()?;
                let entries = reader.list1(MetadataEntry::read)?;
                Self::Metadata(OneOrMore::checked(entries))
            }
            _ => {
                reader.rewind(start);
                Self::Other(Extension::read(reader)?)
            }
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Subscribed => writer.text("SUBSCRIBED"),
            Self::Children => writer.text("CHILDREN"),
            Self::SpecialUse => writer.text("SPECIAL-USE"),
            Self::MyRights => writer.text("MYRIGHTS"),
            Self::Status(items) => {
                writer.text("STATUS ");
                writer.list(items, |writer, item| item.write(writer));
            }
            Self::Metadata(entries) => {
                writer.text("METADATA ");
                writer.list(entries, |writer, entry| entry.write(writer));
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl<'a> PlainList<'a> {
    /// ```text
    /// lsub  = "LSUB" SP mailbox SP list-mailbox
    /// rlist = "RLIST" SP mailbox SP list-mailbox
    /// rlsub = "RLSUB" SP mailbox SP list-mailbox
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let reference = Mailbox::read(reader)?;
        reader.space()?;
        let pattern = ListPattern::read(reader)?;
        Ok(Self { reference, pattern })
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        writer.text(name);
        writer.space();
        self.reference.write(writer);
        writer.space();
        self.pattern.write(writer);
    }
}

const SELECTION: &str = "SUBSCRIBED or another option beside RECURSIVEMATCH";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{Atom, Command};
    use proptest::prelude::*;

    #[test]
    fn plain_and_extended() {
        for canonical in [
            "LIST \"\" \"*\"",
            "LIST \"\" \"\"",
            "LIST INBOX \"%\"",
            "LIST \"\" INBOX",
            "LIST () \"\" \"*\" RETURN ()",
            "LIST (SUBSCRIBED) \"\" \"*\"",
            "LIST (RECURSIVEMATCH SUBSCRIBED REMOTE) #news. \"%\" RETURN (CHILDREN SUBSCRIBED)",
            "LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE MYRIGHTS)",
            "LIST \"\" (INBOX \"Drafts/%\" \"a b\")",
            "LIST \"\" (x)",
            "LIST \"\" \"%\" RETURN (STATUS (MESSAGES UNSEEN X-NEW) CHILDREN)",
            "LIST \"\" \"%\" RETURN (METADATA (/shared/comment /private/comment))",
            "LIST (X-COLOUR (red (blue)) X-SHAPE RECURSIVEMATCH) \"\" a RETURN (X-A X-B (1 2))",
            "LSUB \"\" \"*\"",
            "RLIST \"\" \"%\"",
            "RLSUB #shared \"*\"",
            "XLIST \"\" \"*\"",
        ] {
            canonical_command(canonical);
        }
        respelled_command("list \"\" *", "LIST \"\" \"*\"");
        respelled_command(
            "List (special-use remote) inbox {3}\r\na%b return (status (messages))",
            "LIST (SPECIAL-USE REMOTE) INBOX \"a%b\" RETURN (STATUS (MESSAGES))",
        );
        respelled_command("LIST \"\" (% music/rock)", "LIST \"\" (\"%\" music/rock)");
        respelled_command("LIST \"\" NIL", "LIST \"\" \"NIL\"");
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("LIST", 6),
            ("LIST \"\"", 9),
            ("LIST \"\" ", 10),
            ("LIST \"\"  x", 10),
            ("LIST (RECURSIVEMATCH) \"\" *", 7),
            ("LIST (REMOTE RECURSIVEMATCH) \"\" *", 7),
            ("LIST (SPECIAL-USE RECURSIVEMATCH) \"\" *", 7),
            ("LIST (1) \"\" *", 8),
            ("LIST \"\" ()", 11),
            ("LIST \"\" * RETURN", 18),
            ("LIST \"\" * RETURN CHILDREN", 19),
            ("LIST \"\" * RETURN (STATUS)", 26),
            ("LIST \"\" * RETURN (STATUS ())", 28),
            ("LIST \"\" * (CHILDREN)", 11),
            ("LIST \"\" \"a\0\"", 12),
            ("LSUB \"\" (a)", 10),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn recursive_match_is_not_alone() {
        let recursive = || ListSelection::RecursiveMatch;
        assert!(ListSelections::new(alloc::vec![ListSelection::Remote, recursive()]).is_err());
        assert!(ListSelections::new(alloc::vec![recursive(), ListSelection::Subscribed]).is_ok());
        assert!(ListSelections::new(Vec::new()).is_ok());
    }

    fn pattern() -> impl Strategy<Value = ListPattern<'static>> {
        "[a-cé&%*/ \"]{0,6}".prop_map(|pattern| ListPattern::new(&pattern).unwrap())
    }

    fn selections() -> impl Strategy<Value = ListSelections<'static>> {
        let option = prop_oneof![
            Just(ListSelection::Subscribed),
            Just(ListSelection::Remote),
            Just(ListSelection::RecursiveMatch),
            Just(ListSelection::SpecialUse),
            crate::syntax::extension_value::strategies::extension().prop_map(ListSelection::Other),
        ];
        proptest::collection::vec(option, 0..4).prop_filter_map("a base", |options| ListSelections::new(options).ok())
    }

    fn list() -> impl Strategy<Value = List<'static>> {
        let returned = prop_oneof![
            Just(ListReturn::Children),
            Just(ListReturn::Status(StatusItem::Size.into())),
            Just(ListReturn::Metadata(MetadataEntry::new("/shared/a b").unwrap().into())),
            crate::syntax::extension_value::strategies::extension().prop_map(ListReturn::Other),
        ];
        let patterns = prop_oneof![
            pattern().prop_map(ListPatterns::One),
            proptest::collection::vec(pattern(), 1..3)
                .prop_map(|many| ListPatterns::Many(OneOrMore::new(many).unwrap())),
        ];
        (
            proptest::option::of(selections()),
            "[a-cé& \"]{0,4}",
            patterns,
            proptest::option::of(proptest::collection::vec(returned, 0..3)),
        )
            .prop_map(|(selection, reference, patterns, returns)| List {
                selection,
                reference: Mailbox::new(&reference).unwrap(),
                patterns,
                returns,
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(list in list()) {
            crate::trips::command_returns(&Command::List(list))?;
        }
    }

    #[test]
    fn unknown_options_keep_their_values() {
        let Command::List(list) = canonical_command("LIST (X-A (b)) \"\" \"*\"") else {
            panic!()
        };
        let options = list.selection.unwrap();
        let [ListSelection::Other(option)] = options.as_slice() else {
            panic!()
        };
        assert_eq!(option.name(), &Atom::fixed("x-a"));
        assert_eq!(option.value().unwrap().as_bytes(), b"(b)");
    }
}
