//! What a command is, apart from its arguments: its name, where it is legal, and what it does to message sequence numbers.

use crate::phase::Kind;
use crate::{
    Command, FetchAttribute, FetchModifier, FetchSelection, Numbering, SearchKey, SearchProgram, SelectParameter,
    StatusItem,
};

impl Command<'_> {
    /// Its name, without `UID`; of a command that this crate does not know, `command`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Capability => "CAPABILITY",
            Self::Noop => "NOOP",
            Self::Logout => "LOGOUT",
            Self::Id(_) => "ID",
            Self::Language(_) => "LANGUAGE",
            Self::StartTls => "STARTTLS",
            Self::Authenticate(_) => "AUTHENTICATE",
            Self::Login(_) => "LOGIN",
            Self::Enable(_) => "ENABLE",
            Self::Select(_) => "SELECT",
            Self::Examine(_) => "EXAMINE",
            Self::Esearch(_) => "ESEARCH",
            Self::Notify(_) => "NOTIFY",
            Self::Idle => "IDLE",
            Self::Create(_) => "CREATE",
            Self::Delete(_) => "DELETE",
            Self::Rename(_) => "RENAME",
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::Unsubscribe(_) => "UNSUBSCRIBE",
            Self::List(_) => "LIST",
            Self::Lsub(_) => "LSUB",
            Self::RList(_) => "RLIST",
            Self::RLsub(_) => "RLSUB",
            Self::XList(_) => "XLIST",
            Self::Namespace => "NAMESPACE",
            Self::Status(_) => "STATUS",
            Self::Append(_) => "APPEND",
            Self::GetQuota(_) => "GETQUOTA",
            Self::GetQuotaRoot(_) => "GETQUOTAROOT",
            Self::SetQuota(_) => "SETQUOTA",
            Self::SetAcl(_) => "SETACL",
            Self::DeleteAcl(_) => "DELETEACL",
            Self::GetAcl(_) => "GETACL",
            Self::ListRights(_) => "LISTRIGHTS",
            Self::MyRights(_) => "MYRIGHTS",
            Self::GetMetadata(_) => "GETMETADATA",
            Self::SetMetadata(_) => "SETMETADATA",
            Self::Comparator(_) => "COMPARATOR",
            Self::ResetKey(_) => "RESETKEY",
            Self::GenUrlAuth(_) => "GENURLAUTH",
            Self::UrlFetch(_) => "URLFETCH",
            Self::GetJmapAccess => "GETJMAPACCESS",
            Self::Compress(_) => "COMPRESS",
            Self::Unauthenticate => "UNAUTHENTICATE",
            Self::Expunge(_) => "EXPUNGE",
            Self::Search(_) => "SEARCH",
            Self::Sort(_) => "SORT",
            Self::Thread(_) => "THREAD",
            Self::CancelUpdate(_) => "CANCELUPDATE",
            Self::Copy(_) => "COPY",
            Self::Move(_) => "MOVE",
            Self::UidBatches(_) => "UIDBATCHES",
            Self::Fetch(_) => "FETCH",
            Self::Store(_) => "STORE",
            Self::Convert(_) => "CONVERT",
            Self::Conversions(_) => "CONVERSIONS",
            Self::Check => "CHECK",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Replace(_) => "REPLACE",
            Self::Other { .. } => "command",
        }
    }

    /// Where it is legal and where it leads.
    pub fn kind(&self) -> Kind {
        Kind::of(self.name().as_bytes())
    }

    /// How it counts messages; `None` where it names none.
    pub const fn numbering(&self) -> Option<Numbering> {
        Some(match self {
            Self::Search(search) => search.numbering,
            Self::Sort(sort) => sort.numbering,
            Self::Thread(thread) => thread.numbering,
            Self::Copy(transfer) | Self::Move(transfer) => transfer.numbering,
            Self::Fetch(fetch) => fetch.numbering,
            Self::Store(store) => store.numbering,
            Self::Convert(convert) => convert.numbering,
            Self::Replace(replace) => replace.numbering,
            Self::Expunge(Some(_)) => Numbering::Uid,
            _ => return None,
        })
    }

    /// Whether it, or its answer, speaks of message sequence numbers (RFC 9051 §5.5): a UID command does where it searches for some.
    pub fn uses_sequence_numbers(&self) -> bool {
        if self.numbering() == Some(Numbering::Sequence) {
            return true;
        }
        let is_number = |key: &SearchKey<'_>| matches!(key, SearchKey::Sequence(_));
        self.program().is_some_and(|program| program.keys().any(is_number))
    }

    /// Whether EXPUNGE must wait until it is answered (RFC 9051 §7.5.1): FETCH, STORE and SEARCH, and what searches like it.
    pub const fn holds_numbers(&self) -> bool {
        let holds = matches!(
            self,
            Self::Fetch(_) | Self::Store(_) | Self::Search(_) | Self::Sort(_) | Self::Thread(_) | Self::Convert(_)
        );
        holds && matches!(self.numbering(), Some(Numbering::Sequence))
    }

    /// Whether it asks for modification sequences, which switches CONDSTORE on (RFC 7162 §3.1).
    pub(crate) fn implies_condstore(&self) -> bool {
        match self {
            Self::Select(select) | Self::Examine(select) => {
                let implies = |parameter: &SelectParameter<'_>| {
                    matches!(parameter, SelectParameter::CondStore | SelectParameter::QResync(_))
                };
                select.parameters.iter().any(implies)
            }
            Self::Status(query) => query.items.contains(&StatusItem::HighestModSeq),
            Self::Fetch(fetch) => {
                let since = |modifier: &FetchModifier<'_>| matches!(modifier, FetchModifier::ChangedSince(_));
                let asks = match &fetch.selection {
                    FetchSelection::Attributes(attributes) => attributes.contains(&FetchAttribute::ModSeq),
                    FetchSelection::All | FetchSelection::Fast | FetchSelection::Full => false,
                };
                asks || fetch.modifiers.iter().any(since)
            }
            Self::Store(store) => store.unchanged_since.is_some(),
            _ => {
                let asks = |key: &SearchKey<'_>| matches!(key, SearchKey::ModSequence(_));
                self.program().is_some_and(|program| program.keys().any(asks))
            }
        }
    }

    /// What it searches for.
    pub(crate) const fn program(&self) -> Option<&SearchProgram<'_>> {
        match self {
            Self::Search(search) => Some(&search.program),
            Self::Sort(sort) => Some(&sort.program),
            Self::Thread(thread) => Some(&thread.program),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parsed, Reading, TaggedCommand};

    fn facts(text: &str) -> (&'static str, Kind, bool, bool, bool) {
        let line = alloc::format!("a {text}\r\n");
        let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(line.as_bytes(), Reading::STRICT) else {
            panic!("{text}")
        };
        let command = value.command;
        let (uses, holds) = (command.uses_sequence_numbers(), command.holds_numbers());
        (command.name(), command.kind(), uses, holds, command.implies_condstore())
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(facts("NOOP"), ("NOOP", Kind::Any, false, false, false));
        assert_eq!(facts("FETCH 1 FLAGS"), ("FETCH", Kind::Message, true, true, false));
        assert_eq!(
            facts("UID FETCH 1 MODSEQ"),
            ("FETCH", Kind::Message, false, false, true)
        );
        assert_eq!(facts("COPY 1 a"), ("COPY", Kind::Message, true, false, false));
        assert_eq!(facts("EXPUNGE"), ("EXPUNGE", Kind::Message, false, false, false));
        assert_eq!(facts("UID SEARCH SEEN"), ("SEARCH", Kind::Message, false, false, false));
        assert_eq!(facts("UID SEARCH NOT 1"), ("SEARCH", Kind::Message, true, false, false));
        assert_eq!(facts("SEARCH MODSEQ 5"), ("SEARCH", Kind::Message, true, true, true));
        assert_eq!(
            facts("SELECT a (CONDSTORE)"),
            ("SELECT", Kind::Select, false, false, true)
        );
        assert_eq!(facts("X-NEW 1"), ("command", Kind::Account, false, false, false));
    }
}
