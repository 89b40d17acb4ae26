//! Commands: one type for all of them, and the table of their names. Arguments are the concept files' matter.

use alloc::vec::Vec;

use bounded_static::ToStatic;
use bytes::BufMut;

use crate::mailboxes::acl::{AclEntry, SetAcl};
use crate::mailboxes::create::{Create, Rename};
use crate::mailboxes::list::{List, PlainList};
use crate::mailboxes::mailbox_status::StatusQuery;
use crate::mailboxes::metadata::{GetMetadata, SetMetadata};
use crate::mailboxes::notify::Notify;
use crate::mailboxes::quota::SetQuota;
use crate::mailboxes::select::Select;
use crate::messages::append::{Append, Replace};
use crate::messages::convert::{Conversions, Convert};
use crate::messages::fetch::FetchCommand;
use crate::messages::store::Store;
use crate::messages::transfer::Transfer;
use crate::messages::uid_batches::UidBatches;
use crate::messages::url_auth::{ResetKey, UrlQuery, UrlRump};
use crate::searching::cancel_update::CancelUpdate;
use crate::searching::multi_search::MultiSearch;
use crate::searching::search::Search;
use crate::searching::sort::Sort;
use crate::searching::thread::Thread;
use crate::session::auth::{Authenticate, Login};
use crate::session::capability::Capability;
use crate::session::id::Id;
use crate::session::language::{read_wishes, write_wishes};
use crate::syntax::class::{is_atom_char, is_tag_char};
use crate::syntax::frame::Source;
use crate::syntax::parse::{Parsed, parse_unit};
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{
    AString, Atom, Mailbox, Numbering, OneOrMore, Pause, Reading, SequenceSet, Spelling, SyntaxError, Tag, Tokens,
};

/// A command with its tag (RFC 9051 §2.2.1).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct TaggedCommand<'a> {
    /// What the response is known by.
    pub tag: Tag<'a>,
    /// The command.
    pub command: Command<'a>,
}

/// A command without its tag.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum Command<'a> {
    // Any state (RFC 9051 §6.1)
    /// CAPABILITY: what does the server offer?
    Capability,
    /// NOOP: anything new?
    Noop,
    /// LOGOUT
    Logout,
    /// ID: what program is there? (RFC 2971)
    Id(Id<'a>),
    /// LANGUAGE: languages that people read, the best first; none asks for a list (RFC 5255 §3.2).
    Language(Vec<AString<'a>>),

    // Not authenticated (RFC 9051 §6.2)
    /// STARTTLS
    StartTls,
    /// AUTHENTICATE
    Authenticate(Authenticate<'a>),
    /// LOGIN
    Login(Login<'a>),

    // Authenticated (RFC 9051 §6.3)
    /// ENABLE (RFC 5161)
    Enable(Vec<Capability<'a>>),
    /// SELECT (RFC 9051 §6.3.2)
    Select(Select<'a>),
    /// EXAMINE (RFC 9051 §6.3.3): SELECT without the right to change anything.
    Examine(Select<'a>),
    /// ESEARCH: search in many mailboxes (RFC 7377).
    Esearch(MultiSearch<'a>),
    /// NOTIFY (RFC 5465)
    Notify(Notify<'a>),
    /// IDLE (RFC 2177). `DONE`, which ends it, is a line of its own.
    Idle,
    /// CREATE
    Create(Create<'a>),
    /// DELETE
    Delete(Mailbox<'a>),
    /// RENAME
    Rename(Rename<'a>),
    /// SUBSCRIBE
    Subscribe(Mailbox<'a>),
    /// UNSUBSCRIBE
    Unsubscribe(Mailbox<'a>),
    /// LIST
    List(List<'a>),
    /// LSUB (RFC 3501 §6.3.9)
    Lsub(PlainList<'a>),
    /// RLIST: with mailboxes of other servers (RFC 2193).
    RList(PlainList<'a>),
    /// RLSUB: with mailboxes of other servers (RFC 2193).
    RLsub(PlainList<'a>),
    /// XLIST: what Gmail had before SPECIAL-USE.
    XList(PlainList<'a>),
    /// NAMESPACE
    Namespace,
    /// STATUS
    Status(StatusQuery<'a>),
    /// APPEND
    Append(Append<'a>),
    /// GETQUOTA of a quota root (RFC 9208 §4.1.1).
    GetQuota(AString<'a>),
    /// GETQUOTAROOT of a mailbox (RFC 9208 §4.1.2).
    GetQuotaRoot(Mailbox<'a>),
    /// SETQUOTA (RFC 9208 §4.1.3)
    SetQuota(SetQuota<'a>),
    /// SETACL (RFC 4314 §3.1)
    SetAcl(SetAcl<'a>),
    /// DELETEACL (RFC 4314 §3.2)
    DeleteAcl(AclEntry<'a>),
    /// GETACL (RFC 4314 §3.3)
    GetAcl(Mailbox<'a>),
    /// LISTRIGHTS (RFC 4314 §3.4)
    ListRights(AclEntry<'a>),
    /// MYRIGHTS (RFC 4314 §3.5)
    MyRights(Mailbox<'a>),
    /// GETMETADATA (RFC 5464 §4.2)
    GetMetadata(GetMetadata<'a>),
    /// SETMETADATA (RFC 5464 §4.3)
    SetMetadata(SetMetadata<'a>),
    /// COMPARATOR: comparators, the best first; none asks for the one in force (RFC 5255 §4.7).
    Comparator(Vec<AString<'a>>),
    /// RESETKEY: of a mailbox, or of all (RFC 4467 §7).
    ResetKey(Option<ResetKey<'a>>),
    /// GENURLAUTH (RFC 4467 §7)
    GenUrlAuth(OneOrMore<UrlRump<'a>>),
    /// URLFETCH (RFC 4467 §7)
    UrlFetch(OneOrMore<UrlQuery<'a>>),
    /// GETJMAPACCESS: where is JMAP? (RFC 9698 §4)
    GetJmapAccess,
    /// COMPRESS with an algorithm: `DEFLATE` (RFC 4978 §3).
    Compress(Atom<'a>),
    /// UNAUTHENTICATE (RFC 8437)
    Unauthenticate,

    // Selected (RFC 9051 §6.4)
    /// EXPUNGE, or UID EXPUNGE of a set (RFC 4315 §2.1).
    Expunge(Option<SequenceSet>),
    /// SEARCH or UID SEARCH (RFC 9051 §6.4.4)
    Search(Search<'a>),
    /// SORT or UID SORT (RFC 5256)
    Sort(Sort<'a>),
    /// THREAD or UID THREAD (RFC 5256)
    Thread(Thread<'a>),
    /// CANCELUPDATE (RFC 5267 §4.3.5)
    CancelUpdate(CancelUpdate<'a>),
    /// COPY or UID COPY (RFC 9051 §6.4.7)
    Copy(Transfer<'a>),
    /// MOVE or UID MOVE (RFC 6851, RFC 9051 §6.4.8)
    Move(Transfer<'a>),
    /// UIDBATCHES (RFC 10022)
    UidBatches(UidBatches),
    /// FETCH and UID FETCH
    Fetch(FetchCommand<'a>),
    /// STORE and UID STORE
    Store(Store<'a>),
    /// CONVERT and UID CONVERT (RFC 5259)
    Convert(Convert<'a>),
    /// CONVERSIONS (RFC 5259), which is legal in the authenticated state, too
    Conversions(Conversions<'a>),
    /// CHECK (RFC 3501 §6.4.1)
    Check,
    /// CLOSE
    Close,
    /// UNSELECT (RFC 3691)
    Unselect,
    /// REPLACE and UID REPLACE (RFC 8508)
    Replace(Replace<'a>),

    /// A command that this crate does not know.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What follows the name.
        arguments: Tokens<'a>,
    },
}

impl<'a> TaggedCommand<'a> {
    /// Reads one command, its literals in place, from the front of `input`.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the offset from the front of `input`.
    pub fn parse(input: &'a [u8], reading: Reading) -> Result<Parsed<Self>, SyntaxError> {
        parse_unit(input, Source::Client, reading, Self::read)
    }

    /// Writes it with its CRLF and returns where writing must pause.
    pub fn encode(&self, spelling: Spelling, out: &mut impl BufMut) -> Vec<Pause> {
        let mut writer = Writer::new(out, spelling);
        writer.raw(self.tag.as_bytes());
        writer.space();
        self.command.write(&mut writer);
        writer.crlf();
        writer.finish()
    }

    /// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let tag = Tag::checked(reader.run1(is_tag_char, "a tag")?);
        reader.space()?;
        let command = Command::read(reader)?;
        reader.end()?;
        Ok(Self { tag, command })
    }
}

impl<'a> Command<'a> {
    /// Whether a name is that of no command: known as soon as the name is there.
    pub(crate) fn is_unknown(name: &[u8]) -> bool {
        let alone = Command::read(&mut Reader::new(name, Reading::STRICT));
        matches!(alone, Ok(Command::Other { .. }))
    }

    /// The command's name and arguments, up to CRLF.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let name = reader.whole_keyword();
        Ok(match name.as_slice() {
            b"CAPABILITY" => Self::Capability,
            b"NOOP" => Self::Noop,
            b"LOGOUT" => Self::Logout,
            b"STARTTLS" => Self::StartTls,
            b"AUTHENTICATE" => Self::Authenticate(Authenticate::read(reader)?),
            b"LOGIN" => Self::Login(Login::read(reader)?),
            b"ENABLE" => Self::Enable(Capability::read_many(reader)?),
            b"IDLE" => Self::Idle,
            b"EXPUNGE" => Self::Expunge(None),
            b"CANCELUPDATE" => Self::CancelUpdate(CancelUpdate::read(reader)?),
            b"COPY" => Self::Copy(Transfer::read(Numbering::Sequence, reader)?),
            b"ESEARCH" => Self::Esearch(MultiSearch::read(reader)?),
            b"EXAMINE" => Self::Examine(Select::read(reader)?),
            b"MOVE" => Self::Move(Transfer::read(Numbering::Sequence, reader)?),
            b"NOTIFY" => Self::Notify(Notify::read(reader)?),
            b"SEARCH" => Self::Search(Search::read(Numbering::Sequence, reader)?),
            b"SELECT" => Self::Select(Select::read(reader)?),
            b"SORT" => Self::Sort(Sort::read(Numbering::Sequence, reader)?),
            b"THREAD" => Self::Thread(Thread::read(Numbering::Sequence, reader)?),
            b"UIDBATCHES" => Self::UidBatches(UidBatches::read(reader)?),
            b"FETCH" => Self::Fetch(FetchCommand::read(Numbering::Sequence, reader)?),
            b"STORE" => Self::Store(Store::read(Numbering::Sequence, reader)?),
            b"CONVERT" => Self::Convert(Convert::read(Numbering::Sequence, reader)?),
            b"CONVERSIONS" => Self::Conversions(Conversions::read(reader)?),
            b"UID" => Self::read_uid(reader)?,
            b"ID" => Self::Id(Id::read(reader)?),
            b"LANGUAGE" => Self::Language(read_wishes(reader)?),
            b"CREATE" => Self::Create(Create::read(reader)?),
            b"DELETE" => Self::Delete(mailbox(reader)?),
            b"RENAME" => Self::Rename(Rename::read(reader)?),
            b"SUBSCRIBE" => Self::Subscribe(mailbox(reader)?),
            b"UNSUBSCRIBE" => Self::Unsubscribe(mailbox(reader)?),
            b"LIST" => Self::List(List::read(reader)?),
            b"LSUB" => Self::Lsub(PlainList::read(reader)?),
            b"RLIST" => Self::RList(PlainList::read(reader)?),
            b"RLSUB" => Self::RLsub(PlainList::read(reader)?),
            b"XLIST" => Self::XList(PlainList::read(reader)?),
            b"NAMESPACE" => Self::Namespace,
            b"STATUS" => Self::Status(StatusQuery::read(reader)?),
            b"APPEND" => Self::Append(Append::read(reader)?),
            b"GETQUOTA" => {
                reader.space()?;
                Self::GetQuota(reader.astring()?)
            }
            b"GETQUOTAROOT" => Self::GetQuotaRoot(mailbox(reader)?),
            b"SETQUOTA" => Self::SetQuota(SetQuota::read(reader)?),
            b"SETACL" => Self::SetAcl(SetAcl::read(reader)?),
            b"DELETEACL" => Self::DeleteAcl(AclEntry::read(reader)?),
            b"GETACL" => Self::GetAcl(mailbox(reader)?),
            b"LISTRIGHTS" => Self::ListRights(AclEntry::read(reader)?),
            b"MYRIGHTS" => Self::MyRights(mailbox(reader)?),
            b"GETMETADATA" => Self::GetMetadata(GetMetadata::read(reader)?),
            b"SETMETADATA" => Self::SetMetadata(SetMetadata::read(reader)?),
            b"COMPARATOR" => Self::Comparator(read_wishes(reader)?),
            b"RESETKEY" => Self::ResetKey(ResetKey::read(reader)?),
            b"GENURLAUTH" => Self::GenUrlAuth(UrlRump::read_many(reader)?),
            b"URLFETCH" => Self::UrlFetch(UrlQuery::read_many(reader)?),
            b"GETJMAPACCESS" => Self::GetJmapAccess,
            b"COMPRESS" => {
                reader.space()?;
                Self::Compress(reader.atom()?)
            }
            b"UNAUTHENTICATE" => Self::Unauthenticate,
            b"CHECK" => Self::Check,
            b"CLOSE" => Self::Close,
            b"UNSELECT" => Self::Unselect,
            b"REPLACE" => Self::Replace(Replace::read(Numbering::Sequence, reader)?),
            _ => {
                reader.rewind(start);
                let name = Atom::checked(reader.run1(is_atom_char, "a command")?);
                let arguments = match reader.accept_space() {
                    true => Tokens::read_all(reader)?,
                    false => Tokens::default(),
                };
                Self::Other { name, arguments }
            }
        })
    }

    /// What follows `UID`.
    ///
    /// ```text
    /// uid         = "UID" SP (copy / move / fetch / search / store / uid-expunge)
    /// uid-expunge = "EXPUNGE" SP sequence-set
    /// ```
    fn read_uid(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"EXPUNGE" => {
                reader.space()?;
                SequenceSet::read(reader).map(Some).map(Self::Expunge)
            }
            b"COPY" => Transfer::read(Numbering::Uid, reader).map(Self::Copy),
            b"MOVE" => Transfer::read(Numbering::Uid, reader).map(Self::Move),
            b"SEARCH" => Search::read(Numbering::Uid, reader).map(Self::Search),
            b"SORT" => Sort::read(Numbering::Uid, reader).map(Self::Sort),
            b"THREAD" => Thread::read(Numbering::Uid, reader).map(Self::Thread),
            b"FETCH" => FetchCommand::read(Numbering::Uid, reader).map(Self::Fetch),
            b"STORE" => Store::read(Numbering::Uid, reader).map(Self::Store),
            b"CONVERT" => Convert::read(Numbering::Uid, reader).map(Self::Convert),
            b"REPLACE" => Replace::read(Numbering::Uid, reader).map(Self::Replace),
            _ => Err(SyntaxError::new(start, "a command that has a UID form")),
        }
    }

    /// The name and arguments, without tag and CRLF.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Capability => writer.text("CAPABILITY"),
            Self::Noop => writer.text("NOOP"),
            Self::Logout => writer.text("LOGOUT"),
            Self::StartTls => writer.text("STARTTLS"),
            Self::Authenticate(authenticate) => authenticate.write(writer),
            Self::Login(login) => login.write(writer),
            Self::Enable(capabilities) => {
                writer.text("ENABLE");
                Capability::write_many(capabilities, writer);
            }
            Self::Idle => writer.text("IDLE"),
            Self::CancelUpdate(cancel) => cancel.write(writer),
            Self::Copy(transfer) => transfer.write("COPY", writer),
            Self::Esearch(search) => search.write(writer),
            Self::Examine(select) => select.write("EXAMINE", writer),
            Self::Move(transfer) => transfer.write("MOVE", writer),
            Self::Notify(notify) => notify.write(writer),
            Self::Search(search) => search.write(writer),
            Self::Select(select) => select.write("SELECT", writer),
            Self::Sort(sort) => sort.write(writer),
            Self::Thread(thread) => thread.write(writer),
            Self::UidBatches(batches) => batches.write(writer),
            Self::Expunge(None) => writer.text("EXPUNGE"),
            Self::Expunge(Some(set)) => {
                writer.text("UID EXPUNGE ");
                set.write(writer);
            }
            Self::Fetch(fetch) => fetch.write(writer),
            Self::Store(store) => store.write(writer),
            Self::Convert(convert) => convert.write(writer),
            Self::Conversions(conversions) => conversions.write(writer),
            Self::Id(id) => id.write(writer),
            Self::Language(ranges) => write_wishes("LANGUAGE", ranges, writer),
            Self::Create(create) => create.write(writer),
            Self::Delete(mailbox) => of_mailbox("DELETE ", mailbox, writer),
            Self::Rename(rename) => rename.write(writer),
            Self::Subscribe(mailbox) => of_mailbox("SUBSCRIBE ", mailbox, writer),
            Self::Unsubscribe(mailbox) => of_mailbox("UNSUBSCRIBE ", mailbox, writer),
            Self::List(list) => list.write(writer),
            Self::Lsub(list) => list.write("LSUB", writer),
            Self::RList(list) => list.write("RLIST", writer),
            Self::RLsub(list) => list.write("RLSUB", writer),
            Self::XList(list) => list.write("XLIST", writer),
            Self::Namespace => writer.text("NAMESPACE"),
            Self::Status(query) => query.write(writer),
            Self::Append(append) => append.write(writer),
            Self::GetQuota(root) => {
                writer.text("GETQUOTA ");
                writer.astring(root);
            }
            Self::GetQuotaRoot(mailbox) => of_mailbox("GETQUOTAROOT ", mailbox, writer),
            Self::SetQuota(quota) => quota.write(writer),
            Self::SetAcl(acl) => acl.write(writer),
            Self::DeleteAcl(entry) => entry.write("DELETEACL ", writer),
            Self::GetAcl(mailbox) => of_mailbox("GETACL ", mailbox, writer),
            Self::ListRights(entry) => entry.write("LISTRIGHTS ", writer),
            Self::MyRights(mailbox) => of_mailbox("MYRIGHTS ", mailbox, writer),
            Self::GetMetadata(get) => get.write(writer),
            Self::SetMetadata(set) => set.write(writer),
            Self::Comparator(orders) => write_wishes("COMPARATOR", orders, writer),
            Self::ResetKey(None) => writer.text("RESETKEY"),
            Self::ResetKey(Some(reset)) => reset.write(writer),
            Self::GenUrlAuth(rumps) => UrlRump::write_many(rumps, writer),
            Self::UrlFetch(queries) => UrlQuery::write_many(queries, writer),
            Self::GetJmapAccess => writer.text("GETJMAPACCESS"),
            Self::Compress(algorithm) => {
                writer.text("COMPRESS ");
                writer.raw(algorithm.as_bytes());
            }
            Self::Unauthenticate => writer.text("UNAUTHENTICATE"),
            Self::Check => writer.text("CHECK"),
            Self::Close => writer.text("CLOSE"),
            Self::Unselect => writer.text("UNSELECT"),
            Self::Replace(replace) => replace.write(writer),
            Self::Other { name, arguments } => {
                writer.raw(name.as_bytes());
                if !arguments.is_empty() {
                    writer.space();
                    arguments.write(writer);
                }
            }
        }
    }
}

/// `SP mailbox`
fn mailbox<'a>(reader: &mut Reader<'a>) -> Parse<Mailbox<'a>> {
    reader.space()?;
    Mailbox::read(reader)
}

/// A command whose argument is a mailbox; `name` ends with a space.
fn of_mailbox(name: &str, mailbox: &Mailbox<'_>, writer: &mut Writer<'_>) {
    writer.text(name);
    mailbox.write(writer);
}
