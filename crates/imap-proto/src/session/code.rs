//! Response codes: what programs read in a status response (RFC 9051 §7.1, RFC 5530 and the extensions).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::mailboxes::mailbox_status::in_parentheses;
use crate::messages::url_mechanism::UrlKey;
use crate::session::annotation_code::AnnotationSupport;
use crate::session::capability::Capability;
use crate::session::code_text::{CodeText, CodeUrl, LooseCode};
use crate::session::in_progress::{InProgress, read_quoted_tag};
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, Charset, FilterName, Flag, NumberSet, ObjectId, OneOrMore, SequenceSet, SyntaxError, Tag, Tokens};

/// A response code.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum Code<'a> {
    // IMAP4rev1 and IMAP4rev2 (RFC 9051 §7.1)
    /// `ALERT`: the text must be shown to the user.
    Alert,
    /// `BADCHARSET`: the charset is not known; those that are, if the server tells.
    BadCharset(Vec<Charset<'a>>),
    /// `CAPABILITY`: what the server offers now.
    Capability(Vec<Capability<'a>>),
    /// `PARSE`: a message's header could not be read.
    Parse,
    /// `PERMANENTFLAGS`: the flags that the client can change for good.
    PermanentFlags(Vec<Flag<'a>>),
    /// `READ-ONLY`: the mailbox is selected so.
    ReadOnly,
    /// `READ-WRITE`: the mailbox is selected so.
    ReadWrite,
    /// `TRYCREATE`: the mailbox does not exist, and could be created.
    TryCreate,
    /// `UIDNEXT`: the next UID.
    UidNext(NonZeroU32),
    /// `UIDVALIDITY`: with another one, UIDs that are known mean nothing any more.
    UidValidity(NonZeroU32),
    /// `UNSEEN`: the first message without `\Seen` (RFC 3501 §7.1).
    Unseen(NonZeroU32),
    /// `HASCHILDREN`: a mailbox that has children is not deleted.
    HasChildren,
    /// `CLOSED`: the mailbox that was selected is closed; what follows belongs to the new one.
    Closed,
    /// `UNKNOWN-CTE`: the transfer encoding is not known (RFC 3516 §4.3).
    UnknownCte,
    /// `NEWNAME`: the mailbox is called otherwise now (RFC 5530 §6; obsolete).
    NewName {
        /// What it was called.
        from: CodeText<'a>,
        /// What it is called.
        to: CodeText<'a>,
    },

    // What went wrong (RFC 5530 §3)
    /// `UNAVAILABLE`: something is down for a while.
    Unavailable,
    /// `AUTHENTICATIONFAILED`: for a reason that the server does not tell.
    AuthenticationFailed,
    /// `AUTHORIZATIONFAILED`: the user may not act as the other one.
    AuthorizationFailed,
    /// `EXPIRED`: the password is too old.
    Expired,
    /// `PRIVACYREQUIRED`: not without TLS.
    PrivacyRequired,
    /// `CONTACTADMIN`: the user should ask the administrator.
    ContactAdmin,
    /// `NOPERM`: access control forbids it.
    NoPerm,
    /// `INUSE`: somebody else is using it.
    InUse,
    /// `EXPUNGEISSUED`: another session has expunged messages.
    ExpungeIssued,
    /// `CORRUPTION`: data are damaged.
    Corruption,
    /// `SERVERBUG`
    ServerBug,
    /// `CLIENTBUG`
    ClientBug,
    /// `CANNOT`: it can never succeed.
    Cannot,
    /// `LIMIT`: a limit of the server.
    Limit,
    /// `OVERQUOTA`: the user would have too much, or has.
    OverQuota,
    /// `ALREADYEXISTS`
    AlreadyExists,
    /// `NONEXISTENT`
    NonExistent,

    // UIDs (RFC 4315 §3)
    /// `APPENDUID`: the UIDs of new messages, in their order.
    AppendUid {
        /// UIDVALIDITY of the mailbox.
        validity: NonZeroU32,
        /// The UIDs.
        uids: NumberSet,
    },
    /// `COPYUID`: the UIDs of messages, and of their copies in the same order.
    CopyUid {
        /// UIDVALIDITY of the mailbox that they were copied to.
        validity: NonZeroU32,
        /// The messages.
        source: NumberSet,
        /// The copies.
        destination: NumberSet,
    },
    /// `DOWNGRADED`: the UIDs of messages of which surrogates were fetched, since their headers hold UTF-8 (RFC 6858 §3).
    Downgraded(NumberSet),
    /// `UIDNOTSTICKY`: UIDs do not outlast the session.
    UidNotSticky,
    /// `UIDREQUIRED`: message numbers are not known any more (RFC 9586).
    UidRequired,

    // Modification sequences (RFC 7162 §7)
    /// `HIGHESTMODSEQ`
    HighestModSeq(NonZeroU64),
    /// `NOMODSEQ`: the mailbox keeps none.
    NoModSeq,
    /// `MODIFIED`: messages that were changed in between, and so not by STORE.
    Modified(SequenceSet),

    // Searching and watching
    /// `NOTSAVED`: the result was not saved (RFC 5182 §2.5).
    NotSaved,
    /// `NOUPDATE`: the search with this tag will not be kept up to date (RFC 5267 §4.3.1).
    NoUpdate(Tag<'a>),
    /// `BADCOMPARATOR`: no comparator is meant (RFC 5255 §4.9).
    BadComparator,
    /// `UNDEFINED-FILTER` (RFC 5466 §3.1)
    UndefinedFilter(FilterName<'a>),
    /// `BADEVENT`: the events that the server knows (RFC 5465 §3.1).
    BadEvent(OneOrMore<Atom<'a>>),
    /// `NOTIFICATIONOVERFLOW`: there are too many events; there will be no more (RFC 5465 §5.8).
    NotificationOverflow,
    /// `INPROGRESS`: how far a command is (RFC 9585 §4).
    InProgress(Option<InProgress<'a>>),
    /// `MESSAGELIMIT`: so many messages at a time (RFC 9738).
    MessageLimit {
        /// How many.
        limit: NonZeroU32,
        /// The lowest UID that was processed.
        lowest: Option<NonZeroU32>,
    },
    /// `TOOFEW`: batches are larger (RFC 10022).
    TooFew,
    /// `TOOMANY`: there would be too many batches (RFC 10022).
    TooMany,

    // Annotations and metadata
    /// `ANNOTATE TOOBIG`: the value is too long (RFC 5257 §4.5).
    AnnotateTooBig,
    /// `ANNOTATE TOOMANY`: there are too many (RFC 5257 §4.5).
    AnnotateTooMany,
    /// `ANNOTATIONS`: which the mailbox takes (RFC 5257 §4.1).
    Annotations(AnnotationSupport),
    /// `METADATA LONGENTRIES`: the octets of the longest value that was left out (RFC 5464 §4.2.1).
    MetadataLongEntries(u32),
    /// `METADATA MAXSIZE`: the octets that a value may have (RFC 5464 §4.3).
    MetadataMaxSize(u32),
    /// `METADATA TOOMANY`: there are too many (RFC 5464 §4.3).
    MetadataTooMany,
    /// `METADATA NOPRIVATE`: there are no private ones (RFC 5464 §4.3).
    MetadataNoPrivate,

    // Mailboxes and messages
    /// `MAILBOXID` (RFC 8474 §4.2)
    MailboxId(ObjectId<'a>),
    /// `USEATTR`: the use cannot be given to a mailbox (RFC 6154 §3).
    UseAttr,
    /// `BADURL`: a URL of CATENATE cannot be used (RFC 4469 §4.1).
    BadUrl(CodeText<'a>),
    /// `TOOBIG`: the message is too large (RFC 4469 §4.2).
    TooBig,
    /// `REFERRAL`: where else (RFC 2221 §3, RFC 2193).
    Referral(OneOrMore<CodeUrl<'a>>),
    /// `URLMECH`: the mechanisms beside `INTERNAL` that sign URLs (RFC 4467 §9).
    UrlMech(Vec<UrlKey<'a>>),
    /// `TEMPFAIL`: converting failed for now (RFC 5259 §9).
    TempFail,
    /// `MAXCONVERTMESSAGES`: so many messages can be converted at once (RFC 5259 §9).
    MaxConvertMessages(NonZeroU32),
    /// `MAXCONVERTPARTS`: so many parts can be converted at once (RFC 5259 §9).
    MaxConvertParts(NonZeroU32),
    /// `COMPRESSIONACTIVE`: it is compressed already (RFC 4978 §3).
    CompressionActive,

    /// A code that this crate does not know, or one whose arguments are not as they should be.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// What follows the name.
        arguments: Tokens<'a>,
    },
    /// Another one whose arguments are not even words, strings and lists.
    Loose(LooseCode<'a>),
}

impl<'a> Code<'a> {
    /// `"[" resp-text-code "]"`; `None` when what stands there is no code but text that begins with a bracket (servers greet
    /// with `[` and their name).
    pub(crate) fn read_bracketed(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        let start = reader.offset();
        reader.require(b'[', "\"[\"")?;
        let inside = reader.offset();
        for read in [Self::read, Self::read_other, Self::read_loose] {
            reader.rewind(inside);
            if let Ok(code) = read(reader)
                && Self::close(reader)
            {
                return Ok(Some(code));
            }
        }
        reader.rewind(start);
        Ok(None)
    }

    /// `"]"`; with `extra_spaces` also behind a space.
    fn close(reader: &mut Reader<'_>) -> bool {
        if reader.leniency().extra_spaces {
            reader.accept_space();
        }
        reader.accept(b']')
    }

    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let name = reader.keyword();
        if let Some(bare) = Self::bare(name.as_slice()) {
            return Ok(bare);
        }
        match name.as_slice() {
            b"INPROGRESS" if !reader.accept_separator() => Ok(Self::InProgress(None)),
            b"INPROGRESS" => InProgress::read(reader).map(Some).map(Self::InProgress),
            b"BADCHARSET" if !reader.accept_separator() => Ok(Self::BadCharset(Vec::new())),
            b"BADCHARSET" => reader.list1(Charset::read_in_code).map(Self::BadCharset),
            name if reader.accept_space() => Self::read_arguments(name, reader),
            _ => {
                reader.rewind(start);
                Self::read_other(reader)
            }
        }
    }

    /// Codes that have arguments, behind the space.
    ///
    /// ```text
    /// resp-text-code = "ALERT" /
    ///                  "BADCHARSET" [SP "(" charset *(SP charset) ")" ] /
    ///                  capability-data / "PARSE" /
    ///                  "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" /
    ///                  "READ-ONLY" / "READ-WRITE" / "TRYCREATE" /
    ///                  "UIDNEXT" SP nz-number / "UIDVALIDITY" SP nz-number /
    ///                  resp-code-apnd / resp-code-copy / … /
    ///                  atom [SP 1*<any TEXT-CHAR except "]">]
    /// resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
    /// resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
    /// ```
    fn read_arguments(name: &[u8], reader: &mut Reader<'a>) -> Parse<Self> {
        Ok(match name {
            b"CAPABILITY" => Self::Capability(reader.separated(Capability::read)?),
            b"PERMANENTFLAGS" => Self::PermanentFlags(Flag::read_list(reader)?),
            b"UIDNEXT" => Self::UidNext(reader.nz_number()?),
            b"UIDVALIDITY" => Self::UidValidity(reader.nz_number()?),
            b"UNSEEN" => Self::Unseen(reader.nz_number()?),
            b"NEWNAME" => {
                let from = quoted_text(reader)?;
                reader.space()?;
                let to = quoted_text(reader)?;
                Self::NewName { from, to }
            }
            b"APPENDUID" => {
                let validity = reader.nz_number()?;
                reader.space()?;
                let uids = NumberSet::read(reader)?;
                Self::AppendUid { validity, uids }
            }
            b"DOWNGRADED" => Self::Downgraded(NumberSet::read(reader)?),
            b"COPYUID" => Self::read_copy_uid(reader)?,
            b"HIGHESTMODSEQ" => Self::HighestModSeq(reader.nz_unsigned64()?),
            b"MODIFIED" => Self::Modified(SequenceSet::read(reader)?),
            b"NOUPDATE" => Self::NoUpdate(read_quoted_tag(reader)?),
            b"UNDEFINED-FILTER" => Self::UndefinedFilter(FilterName::read(reader)?),
            b"BADEVENT" => Self::BadEvent(OneOrMore::checked(reader.list1(Reader::atom)?)),
            b"MESSAGELIMIT" => {
                let limit = reader.nz_number()?;
                let lowest = reader.accept_space().then(|| reader.nz_number()).transpose()?;
                Self::MessageLimit { limit, lowest }
            }
            b"ANNOTATIONS" => Self::Annotations(AnnotationSupport::read(reader)?),
            b"ANNOTATE" | b"METADATA" => Self::read_annotation_fault(name, reader)?,
            b"MAILBOXID" => Self::MailboxId(in_parentheses(reader)?),
            b"BADURL" => Self::BadUrl(CodeText::read(reader)?),
            b"REFERRAL" => Self::Referral(OneOrMore::checked(reader.separated(CodeUrl::read)?)),
            b"URLMECH" => Self::UrlMech(UrlKey::read_many(reader)?),
            b"MAXCONVERTMESSAGES" => Self::MaxConvertMessages(reader.nz_number()?),
            b"MAXCONVERTPARTS" => Self::MaxConvertParts(reader.nz_number()?),
            _ => return reader.expected("a code that has arguments"),
        })
    }

    fn read_copy_uid(reader: &mut Reader<'a>) -> Parse<Self> {
        let validity = reader.nz_number()?;
        reader.space()?;
        let source = NumberSet::read(reader)?;
        reader.space()?;
        let destination = NumberSet::read(reader)?;
        Ok(Self::CopyUid {
            validity,
            source,
            destination,
        })
    }

    fn read_other(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.atom()?;
        let behind = reader.offset();
        let arguments = match reader.accept_space() {
            true => Tokens::read_all(reader)?,
            false => Tokens::default(),
        };
        if arguments.is_empty() {
            // A space without arguments is none of the code's.
            reader.rewind(behind);
        }
        Ok(Self::Other { name, arguments })
    }

    fn read_loose(reader: &mut Reader<'a>) -> Parse<Self> {
        LooseCode::read(reader).map(Self::Loose)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if let Some(name) = self.bare_name() {
            return writer.text(name);
        }
        let mut number = |name: &str, number: u64| {
            writer.text(name);
            writer.space();
            writer.number(number);
        };
        match self {
            Self::UidNext(uid) => number("UIDNEXT", uid.get().into()),
            Self::UidValidity(validity) => number("UIDVALIDITY", validity.get().into()),
            Self::Unseen(message) => number("UNSEEN", message.get().into()),
            Self::HighestModSeq(sequence) => number("HIGHESTMODSEQ", sequence.get()),
            Self::MetadataLongEntries(octets) => number("METADATA LONGENTRIES", (*octets).into()),
            Self::MetadataMaxSize(octets) => number("METADATA MAXSIZE", (*octets).into()),
            Self::MaxConvertMessages(count) => number("MAXCONVERTMESSAGES", count.get().into()),
            Self::MaxConvertParts(count) => number("MAXCONVERTPARTS", count.get().into()),
            Self::MessageLimit { limit, lowest } => {
                number("MESSAGELIMIT", limit.get().into());
                if let Some(uid) = lowest {
                    writer.space();
                    writer.number(uid.get());
                }
            }
            Self::AppendUid { validity, uids } => {
                number("APPENDUID", validity.get().into());
                writer.space();
                uids.write(writer);
            }
            Self::CopyUid {
                validity,
                source,
                destination,
            } => {
                number("COPYUID", validity.get().into());
                for uids in [source, destination] {
                    writer.space();
                    uids.write(writer);
                }
            }
            Self::Downgraded(uids) => {
                writer.text("DOWNGRADED ");
                uids.write(writer);
            }
            other => other.write_structured(writer),
        }
    }

    /// Codes whose arguments are more than numbers.
    fn write_structured(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Capability(capabilities) => {
                writer.text("CAPABILITY ");
                writer.separated(capabilities, |writer, capability| capability.write(writer));
            }
            Self::BadCharset(charsets) => {
                writer.text("BADCHARSET ");
                writer.list(charsets, |writer, charset| charset.write(writer));
            }
            Self::PermanentFlags(flags) => {
                writer.text("PERMANENTFLAGS ");
                Flag::write_list(flags, writer);
            }
            Self::NewName { from, to } => {
                writer.text("NEWNAME ");
                writer.separated([from, to], |writer, name| writer.quoted(name.as_str().as_bytes()));
            }
            Self::Modified(set) => {
                writer.text("MODIFIED ");
                set.write(writer);
            }
            Self::NoUpdate(tag) => {
                writer.text("NOUPDATE ");
                writer.quoted(tag.as_str().as_bytes());
            }
            Self::UndefinedFilter(name) => {
                writer.text("UNDEFINED-FILTER ");
                writer.text(name.as_str());
            }
            Self::BadEvent(events) => {
                writer.text("BADEVENT ");
                writer.list(events, |writer, event| writer.text(event.as_str()));
            }
            Self::InProgress(Some(progress)) => {
                writer.text("INPROGRESS ");
                progress.write(writer);
            }
            Self::Annotations(support) => {
                writer.text("ANNOTATIONS ");
                support.write(writer);
            }
            Self::MailboxId(id) => {
                writer.text("MAILBOXID (");
                id.write(writer);
                writer.text(")");
            }
            Self::BadUrl(url) => {
                writer.text("BADURL ");
                url.write(writer);
            }
            Self::Referral(urls) => {
                writer.text("REFERRAL ");
                writer.separated(urls, |writer, url| url.write(writer));
            }
            Self::UrlMech(keys) => {
                writer.text("URLMECH ");
                UrlKey::write_many(keys, writer);
            }
            Self::Other { name, arguments } => {
                writer.raw(name.as_bytes());
                if !arguments.is_empty() {
                    writer.space();
                    arguments.write(writer);
                }
            }
            Self::Loose(code) => code.write(writer),
            _ => {}
        }
    }
}

/// `string`, as a text that can be written in quotes.
fn quoted_text<'a>(reader: &mut Reader<'a>) -> Parse<CodeText<'a>> {
    let start = reader.offset();
    let text = match reader.line_string()?.into_inner() {
        Cow::Borrowed(octets) => core::str::from_utf8(octets).ok().map(Cow::Borrowed),
        Cow::Owned(octets) => String::from_utf8(octets).ok().map(Cow::Owned),
    };
    let text = text.and_then(|text| CodeText::new(text).ok());
    text.ok_or(SyntaxError::new(start, "a quoted string without \"]\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::code_returns;
    use crate::{
        Condition, IntoBoundedStatic, Leniency, Parsed, PrivateAnnotations, Progress, Reading, Response, Spelling,
    };
    use proptest::prelude::*;

    /// The code in `a OK [text] done`.
    fn code(text: &str, reading: Reading) -> Option<Code<'static>> {
        let wire = alloc::format!("a OK [{text}] done\r\n");
        match Response::parse(wire.as_bytes(), reading) {
            Ok(Parsed::Complete {
                value: Response::Tagged { status, .. },
                ..
            }) => {
                assert_eq!(status.condition, Condition::Ok);
                status.code.into_static()
            }
            other => panic!("{text:?}: {other:?}"),
        }
    }

    fn respelled(text: &str, canonical: &str) -> Code<'static> {
        let read = code(text, Reading::STRICT).unwrap_or_else(|| panic!("{text:?} is no code"));
        let status = crate::Status::fixed(Condition::Ok, "done").with_code(read.clone());
        let tag = Tag::new("a").unwrap();
        let mut out = Vec::new();
        Response::Tagged { tag, status }.encode(Spelling::SERVER, &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            alloc::format!("a OK [{canonical}] done\r\n")
        );
        assert_eq!(code(canonical, Reading::STRICT).as_ref(), Some(&read));
        read
    }

    const BARE: [&str; 43] = [
        "ALERT",
        "ALREADYEXISTS",
        "ANNOTATE TOOBIG",
        "ANNOTATE TOOMANY",
        "AUTHENTICATIONFAILED",
        "AUTHORIZATIONFAILED",
        "BADCHARSET",
        "BADCOMPARATOR",
        "CANNOT",
        "CLIENTBUG",
        "CLOSED",
        "COMPRESSIONACTIVE",
        "CONTACTADMIN",
        "CORRUPTION",
        "EXPIRED",
        "EXPUNGEISSUED",
        "HASCHILDREN",
        "INPROGRESS",
        "INUSE",
        "LIMIT",
        "METADATA NOPRIVATE",
        "METADATA TOOMANY",
        "NOMODSEQ",
        "NONEXISTENT",
        "NOPERM",
        "NOTIFICATIONOVERFLOW",
        "NOTSAVED",
        "OVERQUOTA",
        "PARSE",
        "PRIVACYREQUIRED",
        "READ-ONLY",
        "READ-WRITE",
        "SERVERBUG",
        "TEMPFAIL",
        "TOOBIG",
        "TOOFEW",
        "TOOMANY",
        "TRYCREATE",
        "UIDNOTSTICKY",
        "UIDREQUIRED",
        "UNAVAILABLE",
        "UNKNOWN-CTE",
        "USEATTR",
    ];

    #[test]
    fn codes_are_known_and_written_as_they_came() {
        let with_arguments = [
            "ANNOTATIONS 20000",
            "ANNOTATIONS 20000 NOPRIVATE",
            "ANNOTATIONS NONE",
            "ANNOTATIONS READ-ONLY",
            "ANNOTATIONS READ-ONLY NOPRIVATE",
            "APPENDUID 38505 3955",
            "APPENDUID 38505 3955:3957,9",
            "DOWNGRADED 70,105,108:109",
            "BADCHARSET (UTF-8 \"a b]\")",
            "BADEVENT (FlagChange MessageNew)",
            "BADURL /Drafts;UIDVALIDITY=385759045/;UID=20 (\"",
            "CAPABILITY IMAP4rev2 AUTH=PLAIN",
            "COPYUID 38505 304,319:320 3956:3958",
            "HIGHESTMODSEQ 9223372036854775807",
            "INPROGRESS (\"a1\" 175 1000)",
            "INPROGRESS (NIL 0 NIL)",
            "INPROGRESS (NIL NIL NIL)",
            "MAILBOXID (F2212ea87-6097-4256-9d51-71338625)",
            "MAXCONVERTMESSAGES 1",
            "MAXCONVERTPARTS 3",
            "MESSAGELIMIT 1000",
            "MESSAGELIMIT 1000 23007",
            "METADATA LONGENTRIES 2199",
            "METADATA MAXSIZE 1024",
            "MODIFIED 7,9:12",
            "NEWNAME \"a\" \"b\\\"c\"",
            "NOUPDATE \"B02\"",
            "PERMANENTFLAGS ()",
            "PERMANENTFLAGS (\\Deleted $Junk \\*)",
            "REFERRAL imap://a;AUTH=*@b/c imap://d/",
            "UIDNEXT 4392",
            "UIDVALIDITY 3857529045",
            "UNDEFINED-FILTER on-the-road",
            "UNSEEN 12",
            "URLMECH INTERNAL",
            "URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg== X.2 X-3=",
        ];
        for canonical in BARE.into_iter().chain(with_arguments) {
            let read = respelled(canonical, canonical);
            assert!(
                !matches!(read, Code::Other { .. } | Code::Loose(_)),
                "{canonical}: {read:?}"
            );
            let lower = code(&canonical.to_ascii_lowercase(), Reading::STRICT).unwrap();
            assert!(
                !matches!(lower, Code::Other { .. } | Code::Loose(_)),
                "{canonical}: {lower:?}"
            );
        }
        respelled("badcharset (\"UTF-8\")", "BADCHARSET (UTF-8)");
        respelled("inprogress (\"a]\" 5 nil)", "INPROGRESS (NIL 5 NIL)");
    }

    #[test]
    fn known_codes_with_bad_arguments_are_others() {
        for bad in [
            "UIDNEXT",
            "UIDNEXT 0",
            "UIDNEXT 4294967296",
            "UNSEEN x",
            "READ-ONLY now",
            "APPENDUID 1",
            "APPENDUID 1 2:*",
            "COPYUID 1 2",
            "HIGHESTMODSEQ 0",
            "HIGHESTMODSEQ 18446744073709551616",
            "BADCHARSET UTF-8",
            "BADCHARSET ()",
            "BADEVENT ()",
            "INPROGRESS (NIL NIL 5)",
            "INPROGRESS (NIL 5 0)",
            "INPROGRESS (NIL 5)",
            "MAILBOXID x",
            "METADATA",
            "METADATA TOOBIG",
            "ANNOTATE",
            "ANNOTATIONS NONE NOPRIVATE",
            "PERMANENTFLAGS",
            "REFERRAL",
            "URLMECH",
            "URLMECH INTERNAL X=!",
            "NOUPDATE B02",
            "MODIFIED",
            "UNDEFINED-FILTER a/b",
            "MESSAGELIMIT 0",
            "NEWNAME \"a\"",
            "NEWNAME \"a\" \"b]\"",
            "X-NEW",
            "X-NEW (a (b \"c]\")) 5",
            "mail.example.org",
        ] {
            let read = respelled(bad, bad);
            assert!(matches!(read, Code::Other { .. }), "{bad}: {read:?}");
        }
        for loose in ["X-NEW it's \"odd", "THROTTLED (", "UIDNEXT )", "PERMANENTFLAGS (\\Seen"] {
            let read = respelled(loose, loose);
            assert!(matches!(read, Code::Loose(_)), "{loose}: {read:?}");
        }
    }

    #[test]
    fn what_only_begins_like_a_code_is_text() {
        for text in ["", " ALERT", "(a)", "\"a\""] {
            assert_eq!(code(text, Reading::STRICT), None, "{text}");
        }
    }

    #[test]
    fn a_space_before_the_bracket_is_a_leniency() {
        let lenient = Reading {
            leniency: Leniency {
                extra_spaces: true,
                ..Leniency::STRICT
            },
            ..Reading::STRICT
        };
        for (text, canonical) in [
            ("CAPABILITY IMAP4rev1 ", "CAPABILITY IMAP4rev1"),
            ("UIDNEXT 5 ", "UIDNEXT 5"),
        ] {
            assert_eq!(code(text, lenient), code(canonical, Reading::STRICT));
            let strict = code(text, Reading::STRICT);
            assert!(matches!(strict, Some(Code::Loose(_))), "{strict:?}");
        }
    }

    fn structured() -> impl Strategy<Value = Code<'static>> {
        let nz = any::<NonZeroU32>;
        let set = || proptest::collection::vec(nz(), 1..5).prop_map(|uids| NumberSet::from_numbers(uids).unwrap());
        let text = "[ -\\[^-~é]{1,9}";
        let of_numbers = prop_oneof![
            (nz(), set()).prop_map(|(validity, uids)| Code::AppendUid { validity, uids }),
            set().prop_map(Code::Downgraded),
            (nz(), set(), set()).prop_map(|(validity, source, destination)| Code::CopyUid {
                validity,
                source,
                destination
            }),
            (nz(), any::<Option<NonZeroU32>>()).prop_map(|(limit, lowest)| Code::MessageLimit { limit, lowest }),
        ];
        prop_oneof![
            of_numbers,
            text.prop_map(|url| Code::BadUrl(CodeText::new(url).unwrap())),
            "[!-\\[^-~é]{1,9}".prop_map(|url| Code::Referral(CodeUrl::new(url).unwrap().into())),
            proptest::collection::vec("[ -~]{1,5}", 0..3).prop_map(|names| {
                Code::BadCharset(names.into_iter().map(|name| Charset::new(name).unwrap()).collect())
            }),
            (text, text).prop_map(|(from, to)| Code::NewName {
                from: CodeText::new(from).unwrap(),
                to: CodeText::new(to).unwrap(),
            }),
            any::<NonZeroU64>().prop_map(Code::HighestModSeq),
            ("[a-zA-Z0-9]{1,4}\\]?", any::<u32>(), any::<Option<NonZeroU32>>()).prop_map(|(tag, done, goal)| {
                let progress = goal.map_or(Progress::Done(done), |goal| Progress::DoneOf(done, goal));
                Code::InProgress(Some(InProgress::new(Tag::new(tag).ok(), progress)))
            }),
            nz().prop_map(|octets| Code::Annotations(AnnotationSupport::UpTo(octets, PrivateAnnotations::NotOffered))),
            proptest::sample::select(BARE.to_vec()).prop_map(|bare| code(bare, Reading::STRICT).unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(code in structured()) {
            code_returns(&code)?;
        }
    }
}
