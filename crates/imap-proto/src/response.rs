//! Responses: one type for all of them, and the table of their names. What data looks like is the concept files' matter.

use alloc::vec::Vec;

use bounded_static::ToStatic;
use bytes::BufMut;

use crate::mailboxes::acl::{Acl, ListRights, MyRights};
use crate::mailboxes::listed::ListedMailbox;
use crate::mailboxes::mailbox_status::MailboxStatus;
use crate::mailboxes::metadata::Metadata;
use crate::mailboxes::namespace::Namespaces;
use crate::mailboxes::quota::{Quota, QuotaRoots};
use crate::messages::convert::Conversion;
use crate::messages::converted::Converted;
use crate::messages::fetch::Fetch;
use crate::messages::flag::Flag;
use crate::messages::uid_batches::UidBatchRanges;
use crate::messages::url_auth::{FetchedUrl, read_urls, write_urls};
use crate::messages::vanished::Vanished;
use crate::searching::esearch::Esearch;
use crate::searching::found::Found;
use crate::searching::threads::Threads;
use crate::session::capability::Capability;
use crate::session::code::Code;
use crate::session::id::Id;
use crate::session::language::{Comparators, read_languages, write_languages};
use crate::session::status::{Condition, Status, write_behind};
use crate::syntax::class::is_tag_char;
use crate::syntax::frame::Source;
use crate::syntax::parse::{Parsed, parse_unit};
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, Numbering, OneOrMore, Pause, Reading, Spelling, SyntaxError, Tag, Text, Tokens};

/// A response (RFC 9051 §7).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum Response<'a> {
    /// `+`: the server waits for the rest of a command.
    Continuation(Continuation<'a>),
    /// The result of a command.
    Tagged {
        /// Which command's.
        tag: Tag<'a>,
        /// OK, NO or BAD.
        status: Status<'a>,
    },
    /// Anything else.
    Untagged(Data<'a>),
}

/// What follows `+` (RFC 9051 §7.6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Continuation<'a> {
    /// What programs read.
    pub code: Option<Code<'a>>,
    /// Text for people, or the base64 of a SASL challenge: which of them, the command that waits decides.
    pub text: Text<'a>,
}

/// Untagged data.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum Data<'a> {
    /// OK, NO, BAD, PREAUTH or BYE.
    Status(Status<'a>),
    /// CAPABILITY
    Capability(Vec<Capability<'a>>),
    /// ENABLED (RFC 5161)
    Enabled(Vec<Capability<'a>>),
    /// EXISTS: so many messages are in the mailbox.
    Exists(u32),
    /// RECENT (RFC 3501 §7.3.2)
    Recent(u32),
    /// EXPUNGE: the message with this sequence number is gone.
    Expunge(core::num::NonZeroU32),
    /// SEARCH (RFC 3501 §7.2.5)
    Search(Found),
    /// ESEARCH (RFC 9051 §7.3.4)
    Esearch(Esearch<'a>),
    /// SORT (RFC 5256 §4)
    Sort(Found),
    /// THREAD (RFC 5256 §4)
    Thread(Threads),
    /// UIDBATCHES (RFC 10022)
    UidBatches(UidBatchRanges<'a>),
    /// VANISHED (RFC 7162 §3.2.10)
    Vanished(Vanished),
    /// FLAGS: the flags that the mailbox knows (RFC 9051 §7.3.5).
    Flags(Vec<Flag<'a>>),
    /// FETCH or UIDFETCH: what a message is.
    Fetch(Fetch<'a>),
    /// CONVERTED (RFC 5259 §6)
    Converted(Converted<'a>),
    /// CONVERSION (RFC 5259 §5)
    Conversion(Conversion<'a>),
    /// LIST: a mailbox.
    List(ListedMailbox<'a>),
    /// LSUB: a subscribed mailbox (RFC 3501 §7.2.3).
    Lsub(ListedMailbox<'a>),
    /// XLIST: a mailbox, as Gmail had it before SPECIAL-USE.
    XList(ListedMailbox<'a>),
    /// NAMESPACE
    Namespace(Namespaces<'a>),
    /// STATUS of a mailbox.
    MailboxStatus(MailboxStatus<'a>),
    /// ID: what program is there (RFC 2971).
    Id(Id<'a>),
    /// QUOTA (RFC 9208 §4.2.1)
    Quota(Quota<'a>),
    /// QUOTAROOT (RFC 9208 §4.2.2)
    QuotaRoot(QuotaRoots<'a>),
    /// ACL (RFC 4314 §3.6)
    Acl(Acl<'a>),
    /// LISTRIGHTS (RFC 4314 §3.7)
    ListRights(ListRights<'a>),
    /// MYRIGHTS (RFC 4314 §3.8)
    MyRights(MyRights<'a>),
    /// METADATA (RFC 5464 §4.4)
    Metadata(Metadata<'a>),
    /// LANGUAGE: the language of texts from now on, or those that there are (RFC 5255 §3.3).
    Language(OneOrMore<AString<'a>>),
    /// COMPARATOR (RFC 5255 §4.8)
    Comparator(Comparators<'a>),
    /// GENURLAUTH: signed URLs (RFC 4467 §8).
    GenUrlAuth(OneOrMore<AString<'a>>),
    /// URLFETCH: what URLs refer to (RFC 4467 §8).
    UrlFetch(OneOrMore<FetchedUrl<'a>>),
    /// JMAPACCESS: the URL of the JMAP session (RFC 9698 §4).
    JmapAccess(AString<'a>),
    /// Data that this crate does not know.
    Other {
        /// The number in front of the name, as FETCH has it.
        number: Option<u32>,
        /// The name.
        name: Atom<'a>,
        /// What follows the name.
        arguments: Tokens<'a>,
    },
}

impl<'a> Response<'a> {
    /// Reads one response, its literals in place, from the front of `input`.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the offset from the front of `input`.
    pub fn parse(input: &'a [u8], reading: Reading) -> Result<Parsed<Self>, SyntaxError> {
        parse_unit(input, Source::Server, reading, Self::read)
    }

    /// Writes it with its CRLF and returns where writing must pause for literals that the caller writes.
    pub fn encode(&self, spelling: Spelling, out: &mut impl BufMut) -> Vec<Pause> {
        let mut writer = Writer::new(out, spelling);
        match self {
            Self::Continuation(continuation) => continuation.write(&mut writer),
            Self::Tagged { tag, status } => {
                writer.raw(tag.as_bytes());
                writer.space();
                status.write(&mut writer);
            }
            Self::Untagged(data) => {
                writer.text("* ");
                data.write(&mut writer);
            }
        }
        writer.crlf();
        writer.finish()
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let response = match (reader.peek(), reader.peek_at(1)) {
            (Some(b'*'), Some(b' ')) => {
                reader.skip(2);
                Data::read(reader).map(Self::Untagged)
            }
            (Some(b'+'), _) => Continuation::read(reader).map(Self::Continuation),
            _ => Self::read_tagged(reader),
        };
        if response.is_ok() {
            reader.end()?;
        }
        response
    }

    /// `response-tagged = tag SP resp-cond-state CRLF`
    fn read_tagged(reader: &mut Reader<'a>) -> Parse<Self> {
        let tag = Tag::checked(reader.run1(is_tag_char, "\"*\", \"+\" or a tag")?);
        reader.space()?;
        let start = reader.offset();
        match condition(reader.keyword().as_slice()) {
            Some(condition) if condition.is_result() => {
                let status = Status::read_behind(condition, reader)?;
                Ok(Self::Tagged { tag, status })
            }
            _ => Err(SyntaxError::new(start, "OK, NO or BAD")),
        }
    }
}

impl<'a> Continuation<'a> {
    /// ```text
    /// continue-req = "+" SP (resp-text / base64) CRLF
    /// ```
    /// The space may be missing where nothing follows: Exchange and others write `+` CRLF.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.require(b'+', "\"+\"")?;
        let Status { code, text, .. } = Status::read_behind(Condition::Ok, reader)?;
        Ok(Self { code, text })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("+");
        write_behind(self.code.as_ref(), &self.text, writer);
    }
}

impl<'a> Data<'a> {
    /// What follows `* `, up to CRLF.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if matches!(reader.peek(), Some(b'0'..=b'9')) {
            return Self::read_numbered(reader);
        }
        let start = reader.offset();
        let name = reader.whole_keyword();
        if let Some(condition) = condition(name.as_slice()) {
            return Status::read_behind(condition, reader).map(Self::Status);
        }
        Ok(match name.as_slice() {
            b"CAPABILITY" => Self::Capability(Capability::read_many(reader)?),
            b"ENABLED" if reader.peek() == Some(b'\r') => Self::Enabled(Vec::new()),
            b"ENABLED" => Self::Enabled(Capability::read_many(reader)?),
            b"SEARCH" => Self::Search(Found::read(reader)?),
            b"ESEARCH" => Self::Esearch(Esearch::read(reader)?),
            b"SORT" => Self::Sort(Found::read(reader)?),
            b"THREAD" => Self::Thread(Threads::read(reader)?),
            b"UIDBATCHES" => Self::UidBatches(UidBatchRanges::read(reader)?),
            b"VANISHED" => Self::Vanished(Vanished::read(reader)?),
            b"FLAGS" => {
                reader.space()?;
                Self::Flags(Flag::read_list(reader)?)
            }
            b"CONVERSION" => Self::Conversion(Conversion::read(reader)?),
            b"LIST" => Self::List(ListedMailbox::read(reader)?),
            b"LSUB" => Self::Lsub(ListedMailbox::read(reader)?),
            b"XLIST" => Self::XList(ListedMailbox::read(reader)?),
            b"NAMESPACE" => Self::Namespace(Namespaces::read(reader)?),
            b"STATUS" => Self::MailboxStatus(MailboxStatus::read(reader)?),
            b"ID" => Self::Id(Id::read(reader)?),
            b"QUOTA" => Self::Quota(Quota::read(reader)?),
            b"QUOTAROOT" => Self::QuotaRoot(QuotaRoots::read(reader)?),
            b"ACL" => Self::Acl(Acl::read(reader)?),
            b"LISTRIGHTS" => Self::ListRights(ListRights::read(reader)?),
            b"MYRIGHTS" => Self::MyRights(MyRights::read(reader)?),
            b"METADATA" => Self::Metadata(Metadata::read(reader)?),
            b"LANGUAGE" => Self::Language(read_languages(reader)?),
            b"COMPARATOR" => Self::Comparator(Comparators::read(reader)?),
            b"GENURLAUTH" => Self::GenUrlAuth(read_urls(reader)?),
            b"URLFETCH" => Self::UrlFetch(FetchedUrl::read_many(reader)?),
            b"JMAPACCESS" => {
                reader.space()?;
                Self::JmapAccess(reader.line_string()?)
            }
            _ => {
                reader.rewind(start);
                Self::read_other(None, reader)?
            }
        })
    }

    /// Data that begins with a number.
    fn read_numbered(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let number = reader.number()?;
        reader.space()?;
        let behind = reader.offset();
        Ok(match reader.whole_keyword().as_slice() {
            b"EXISTS" => Self::Exists(number),
            b"RECENT" => Self::Recent(number),
            b"EXPUNGE" => Self::Expunge(message(number, start)?),
            b"FETCH" => Self::Fetch(Fetch::read(Numbering::Sequence, message(number, start)?, reader)?),
            b"UIDFETCH" => Self::Fetch(Fetch::read(Numbering::Uid, message(number, start)?, reader)?),
            b"CONVERTED" => Self::Converted(Converted::read(message(number, start)?, reader)?),
            _ => {
                reader.rewind(behind);
                Self::read_other(Some(number), reader)?
            }
        })
    }

    fn read_other(number: Option<u32>, reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.atom()?;
        let arguments = match reader.accept_space() {
            true => Tokens::read_all(reader)?,
            false => Tokens::default(),
        };
        Ok(Self::Other {
            number,
            name,
            arguments,
        })
    }

    /// What follows `* `, without CRLF.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Status(status) => status.write(writer),
            Self::Capability(capabilities) => {
                writer.text("CAPABILITY");
                Capability::write_many(capabilities, writer);
            }
            Self::Enabled(capabilities) => {
                writer.text("ENABLED");
                Capability::write_many(capabilities, writer);
            }
            Self::Exists(number) => numbered(*number, "EXISTS", writer),
            Self::Recent(number) => numbered(*number, "RECENT", writer),
            Self::Expunge(number) => numbered(number.get(), "EXPUNGE", writer),
            Self::Search(found) => found.write("SEARCH", writer),
            Self::Esearch(esearch) => esearch.write(writer),
            Self::Sort(found) => found.write("SORT", writer),
            Self::Thread(threads) => threads.write(writer),
            Self::UidBatches(batches) => batches.write(writer),
            Self::Vanished(vanished) => vanished.write(writer),
            Self::Flags(flags) => {
                writer.text("FLAGS ");
                Flag::write_list(flags, writer);
            }
            Self::Fetch(fetch) => fetch.write(writer),
            Self::Converted(converted) => converted.write(writer),
            Self::Conversion(conversion) => conversion.write(writer),
            Self::List(listed) => listed.write("LIST", writer),
            Self::Lsub(listed) => listed.write("LSUB", writer),
            Self::XList(listed) => listed.write("XLIST", writer),
            Self::Namespace(namespaces) => namespaces.write(writer),
            Self::MailboxStatus(status) => status.write(writer),
            Self::Id(id) => id.write(writer),
            Self::Quota(quota) => quota.write(writer),
            Self::QuotaRoot(roots) => roots.write(writer),
            Self::Acl(acl) => acl.write(writer),
            Self::ListRights(rights) => rights.write(writer),
            Self::MyRights(rights) => rights.write(writer),
            Self::Metadata(metadata) => metadata.write(writer),
            Self::Language(languages) => write_languages(languages, writer),
            Self::Comparator(comparators) => comparators.write(writer),
            Self::GenUrlAuth(urls) => write_urls(urls, writer),
            Self::UrlFetch(urls) => FetchedUrl::write_many(urls, writer),
            Self::JmapAccess(url) => {
                writer.text("JMAPACCESS ");
                writer.string(url.as_bytes());
            }
            Self::Other {
                number,
                name,
                arguments,
            } => {
                if let Some(number) = number {
                    writer.number(*number);
                    writer.space();
                }
                writer.raw(name.as_bytes());
                if !arguments.is_empty() {
                    writer.space();
                    arguments.write(writer);
                }
            }
        }
    }
}

fn condition(name: &[u8]) -> Option<Condition> {
    Some(match name {
        b"OK" => Condition::Ok,
        b"NO" => Condition::No,
        b"BAD" => Condition::Bad,
        b"PREAUTH" => Condition::PreAuth,
        b"BYE" => Condition::Bye,
        _ => return None,
    })
}

fn message(number: u32, offset: usize) -> Parse<core::num::NonZeroU32> {
    core::num::NonZeroU32::new(number).ok_or(SyntaxError::new(offset, "a number from 1"))
}

fn numbered(number: u32, name: &str, writer: &mut Writer<'_>) {
    writer.number(number);
    writer.space();
    writer.text(name);
}
