//! Which capability each command, and each of its options, needs.

use crate::{
    AppendData, AppendMessage, Command, CreateParameter, FetchAttribute, FetchModifier, FetchSelection, List,
    ListPatterns, ListReturn, ListSelection, ReturnOption, SearchKey, SearchNode, SelectParameter, Sort, SortKey,
    StatusItem, StoreChange, ThreadAlgorithm,
};

/// Capabilities of which one is enough; the first is the one to name.
pub(crate) type AnyOf = &'static [&'static str];

/// Whether what a command needs is offered: asked for one need at a time.
pub(crate) trait Offers {
    /// One of these.
    fn any_of(&mut self, any_of: AnyOf) -> Result<(), AnyOf>;
    /// `NAME=VALUE`; `named` is what to call it.
    fn valued(&mut self, name: &'static str, value: &str, named: AnyOf) -> Result<(), AnyOf>;
}

type Checked = Result<(), AnyOf>;

impl Command<'_> {
    /// # Errors
    ///
    /// The first need that is not met.
    pub(crate) fn needs(&self, offers: &mut dyn Offers) -> Checked {
        match self {
            Self::Authenticate(authenticate) => {
                let mechanism = authenticate.mechanism.as_str();
                offers.valued("AUTH", mechanism, mechanism_name(mechanism))
            }
            Self::Compress(algorithm) => {
                let named: AnyOf = match algorithm.as_str().eq_ignore_ascii_case("DEFLATE") {
                    true => &["COMPRESS=DEFLATE"],
                    false => &["COMPRESS="],
                };
                offers.valued("COMPRESS", algorithm.as_str(), named)
            }
            Self::Select(select) | Self::Examine(select) => {
                select.parameters.iter().try_for_each(|parameter| match parameter {
                    SelectParameter::CondStore => offers.any_of(&["CONDSTORE", "QRESYNC"]),
                    SelectParameter::QResync(_) => offers.any_of(&["QRESYNC"]),
                    SelectParameter::Annotate => offers.any_of(&["ANNOTATE-EXPERIMENT-1"]),
                    SelectParameter::Other(_) => Ok(()),
                })
            }
            Self::Create(create) => {
                let is_use = |parameter: &CreateParameter<'_>| matches!(parameter, CreateParameter::Use(_));
                match create.parameters.iter().any(is_use) {
                    true => offers.any_of(&["CREATE-SPECIAL-USE"]),
                    false => Ok(()),
                }
            }
            Self::List(list) => of_list(list, offers),
            Self::Status(query) => query.items.iter().try_for_each(|item| of_status_item(item, offers)),
            Self::Append(append) => {
                if append.messages.len() > 1 {
                    offers.any_of(&["MULTIAPPEND"])?;
                }
                append
                    .messages
                    .iter()
                    .try_for_each(|message| of_message(message, offers))
            }
            Self::Replace(replace) => {
                offers.any_of(&["REPLACE"])?;
                of_message(&replace.message, offers)
            }
            Self::Search(search) => {
                of_returning(search.returning.as_deref(), &Returning::SEARCH, offers)?;
                search.program.nodes().iter().try_for_each(|node| of_node(node, offers))
            }
            Self::Sort(sort) => of_sort(sort, offers),
            Self::Thread(thread) => {
                let named: AnyOf = match thread.algorithm {
                    ThreadAlgorithm::OrderedSubject => &["THREAD=ORDEREDSUBJECT"],
                    ThreadAlgorithm::References => &["THREAD=REFERENCES"],
                    ThreadAlgorithm::Other(_) => &["THREAD="],
                };
                offers.valued("THREAD", thread.algorithm.as_str(), named)?;
                thread.program.nodes().iter().try_for_each(|node| of_node(node, offers))
            }
            Self::Fetch(fetch) => {
                if let FetchSelection::Attributes(attributes) = &fetch.selection {
                    attributes
                        .iter()
                        .try_for_each(|attribute| of_attribute(attribute, offers))?;
                }
                fetch
                    .modifiers
                    .iter()
                    .try_for_each(|modifier| of_modifier(modifier, offers))
            }
            Self::Store(store) => {
                if store.unchanged_since.is_some() {
                    offers.any_of(&["CONDSTORE", "QRESYNC"])?;
                }
                match store.change {
                    StoreChange::GmailLabels { .. } => offers.any_of(&["X-GM-EXT-1"]),
                    StoreChange::Annotation(_) => offers.any_of(&["ANNOTATE-EXPERIMENT-1"]),
                    StoreChange::Flags { .. } => Ok(()),
                }
            }
            _ => self.of_name().map_or(Ok(()), |any_of| offers.any_of(any_of)),
        }
    }

    /// What a command needs whatever its arguments are.
    const fn of_name(&self) -> Option<AnyOf> {
        Some(match self {
            Self::Id(_) => &["ID"],
            Self::Language(_) => &["LANGUAGE"],
            Self::Comparator(_) => &["I18NLEVEL=2"],
            Self::StartTls => &["STARTTLS"],
            Self::Enable(_) => &["ENABLE", "IMAP4rev2"],
            Self::Esearch(_) => &["MULTISEARCH"],
            Self::Notify(_) => &["NOTIFY"],
            Self::Idle => &["IDLE", "IMAP4rev2"],
            Self::RList(_) | Self::RLsub(_) => &["MAILBOX-REFERRALS"],
            Self::XList(_) => &["XLIST"],
            Self::Namespace => &["NAMESPACE", "IMAP4rev2"],
            Self::GetQuota(_) | Self::GetQuotaRoot(_) => &["QUOTA"],
            Self::SetQuota(_) => &["QUOTASET", "QUOTA"],
            Self::SetAcl(_) | Self::DeleteAcl(_) | Self::GetAcl(_) | Self::ListRights(_) | Self::MyRights(_) => {
                &["ACL"]
            }
            Self::GetMetadata(_) | Self::SetMetadata(_) => &["METADATA", "METADATA-SERVER"],
            Self::ResetKey(_) | Self::GenUrlAuth(_) | Self::UrlFetch(_) => &["URLAUTH"],
            Self::GetJmapAccess => &["JMAPACCESS"],
            Self::Unauthenticate => &["UNAUTHENTICATE"],
            Self::Expunge(Some(_)) => &["UIDPLUS", "IMAP4rev2"],
            Self::CancelUpdate(_) => &["CONTEXT=SEARCH", "CONTEXT=SORT"],
            Self::Move(_) => &["MOVE", "IMAP4rev2"],
            Self::UidBatches(_) => &["UIDBATCHES"],
            Self::Convert(_) | Self::Conversions(_) => &["CONVERT"],
            Self::Unselect => &["UNSELECT", "IMAP4rev2"],
            // RFC 9051 Appendix E: gone from IMAP4rev2.
            Self::Lsub(_) | Self::Check => &["IMAP4rev1", "IMAP4"],
            _ => return None,
        })
    }
}

/// Misuse names a capability by a static string: mechanisms that are known have theirs.
fn mechanism_name(mechanism: &str) -> AnyOf {
    const KNOWN: [AnyOf; 12] = [
        &["AUTH=PLAIN"],
        &["AUTH=LOGIN"],
        &["AUTH=CRAM-MD5"],
        &["AUTH=SCRAM-SHA-1"],
        &["AUTH=SCRAM-SHA-1-PLUS"],
        &["AUTH=SCRAM-SHA-256"],
        &["AUTH=SCRAM-SHA-256-PLUS"],
        &["AUTH=XOAUTH2"],
        &["AUTH=OAUTHBEARER"],
        &["AUTH=EXTERNAL"],
        &["AUTH=ANONYMOUS"],
        &["AUTH=GSSAPI"],
    ];
    let is = |known: &&AnyOf| known[0][5..].eq_ignore_ascii_case(mechanism);
    KNOWN.iter().find(is).copied().unwrap_or(&["AUTH="])
}

fn of_list(list: &List<'_>, offers: &mut dyn Offers) -> Checked {
    const EXTENDED: AnyOf = &["LIST-EXTENDED", "IMAP4rev2"];
    for selection in list.selection.iter().flat_map(|selections| selections.as_slice()) {
        match selection {
            ListSelection::SpecialUse => offers.any_of(&["SPECIAL-USE"])?,
            _ => offers.any_of(EXTENDED)?,
        }
    }
    if matches!(list.patterns, ListPatterns::Many(_)) {
        offers.any_of(EXTENDED)?;
    }
    list.returns.iter().flatten().try_for_each(|returned| match returned {
        ListReturn::Subscribed | ListReturn::Children => offers.any_of(EXTENDED),
        ListReturn::SpecialUse => offers.any_of(&["SPECIAL-USE", "IMAP4rev2"]),
        ListReturn::MyRights => offers.any_of(&["LIST-MYRIGHTS"]),
        ListReturn::Metadata(_) => offers.any_of(&["LIST-METADATA"]),
        ListReturn::Status(items) => {
            offers.any_of(&["LIST-STATUS", "IMAP4rev2"])?;
            items.iter().try_for_each(|item| of_status_item(item, offers))
        }
        ListReturn::Other(_) => Ok(()),
    })
}

fn of_status_item(item: &StatusItem<'_>, offers: &mut dyn Offers) -> Checked {
    match item {
        StatusItem::Size => offers.any_of(&["STATUS=SIZE", "IMAP4rev2"]),
        StatusItem::HighestModSeq => offers.any_of(&["CONDSTORE", "QRESYNC"]),
        StatusItem::AppendLimit => offers.any_of(&["APPENDLIMIT"]),
        StatusItem::MailboxId => offers.any_of(&["OBJECTID"]),
        // QUOTA=RES-STORAGE and QUOTA=RES-MESSAGE add them (RFC 9208 §4.1.4).
        StatusItem::Deleted => offers.any_of(&["IMAP4rev2", "QUOTA=RES-MESSAGE"]),
        StatusItem::DeletedStorage => offers.any_of(&["QUOTA=RES-STORAGE"]),
        _ => Ok(()),
    }
}

fn of_message(message: &AppendMessage<'_>, offers: &mut dyn Offers) -> Checked {
    match &message.data {
        AppendData::Literal8(_) => offers.any_of(&["BINARY"]),
        AppendData::Utf8(_) => offers.any_of(&["UTF8=ACCEPT", "UTF8=ONLY"]),
        AppendData::Catenate(_) => offers.any_of(&["CATENATE"]),
        AppendData::Literal(_) | AppendData::Extension(_) => Ok(()),
    }
}

/// What the return options of a command need.
struct Returning {
    plain: AnyOf,
    partial: AnyOf,
    context: AnyOf,
}

impl Returning {
    const SEARCH: Self = Self {
        plain: &["ESEARCH", "IMAP4rev2"],
        partial: &["PARTIAL", "CONTEXT=SEARCH"],
        context: &["CONTEXT=SEARCH"],
    };
    const SORT: Self = Self {
        plain: &["ESORT", "CONTEXT=SORT"],
        partial: &["PARTIAL", "CONTEXT=SORT"],
        context: &["CONTEXT=SORT"],
    };
}

fn of_returning(options: Option<&[ReturnOption<'_>]>, needs: &Returning, offers: &mut dyn Offers) -> Checked {
    let Some(options) = options else { return Ok(()) };
    if options.is_empty() {
        return offers.any_of(needs.plain);
    }
    options.iter().try_for_each(|option| match option {
        ReturnOption::Min | ReturnOption::Max | ReturnOption::All | ReturnOption::Count => offers.any_of(needs.plain),
        ReturnOption::Save => offers.any_of(&["SEARCHRES", "IMAP4rev2"]),
        ReturnOption::Relevancy => offers.any_of(&["SEARCH=FUZZY"]),
        ReturnOption::Partial(_) => offers.any_of(needs.partial),
        ReturnOption::Context | ReturnOption::Update(_) => offers.any_of(needs.context),
        ReturnOption::Other(_) => Ok(()),
    })
}

fn of_node(node: &SearchNode<'_>, offers: &mut dyn Offers) -> Checked {
    match node {
        SearchNode::Fuzzy => offers.any_of(&["SEARCH=FUZZY"]),
        SearchNode::Key(key) => of_key(key, offers),
        _ => Ok(()),
    }
}

fn of_key(key: &SearchKey<'_>, offers: &mut dyn Offers) -> Checked {
    match key {
        SearchKey::Older(_) | SearchKey::Younger(_) => offers.any_of(&["WITHIN"]),
        SearchKey::ModSequence(_) => offers.any_of(&["CONDSTORE", "QRESYNC"]),
        SearchKey::SavedBefore(_) | SearchKey::SavedOn(_) | SearchKey::SavedSince(_) | SearchKey::SaveDateSupported => {
            offers.any_of(&["SAVEDATE"])
        }
        SearchKey::Annotation(_) => offers.any_of(&["ANNOTATE-EXPERIMENT-1"]),
        SearchKey::Filter(_) => offers.any_of(&["FILTERS"]),
        SearchKey::EmailId(_) | SearchKey::ThreadId(_) => offers.any_of(&["OBJECTID"]),
        SearchKey::UidAfter(_) | SearchKey::UidBefore(_) => offers.any_of(&["MESSAGELIMIT"]),
        SearchKey::GmailRaw(_)
        | SearchKey::GmailMessageId(_)
        | SearchKey::GmailThreadId(_)
        | SearchKey::GmailLabels(_) => offers.any_of(&["X-GM-EXT-1"]),
        _ => Ok(()),
    }
}

fn of_sort(sort: &Sort<'_>, offers: &mut dyn Offers) -> Checked {
    offers.any_of(&["SORT", "ESORT"])?;
    of_returning(sort.returning.as_deref(), &Returning::SORT, offers)?;
    for criterion in sort.criteria.iter() {
        match criterion.key {
            SortKey::DisplayFrom | SortKey::DisplayTo => offers.any_of(&["SORT=DISPLAY"])?,
            SortKey::Relevancy => offers.any_of(&["SEARCH=FUZZY"])?,
            SortKey::Annotation(_) => offers.any_of(&["ANNOTATE-EXPERIMENT-1"])?,
            _ => {}
        }
    }
    sort.program.nodes().iter().try_for_each(|node| of_node(node, offers))
}

fn of_attribute(attribute: &FetchAttribute<'_>, offers: &mut dyn Offers) -> Checked {
    match attribute {
        FetchAttribute::Binary { .. } | FetchAttribute::BinarySize(_) => offers.any_of(&["BINARY", "IMAP4rev2"]),
        FetchAttribute::ModSeq => offers.any_of(&["CONDSTORE", "QRESYNC"]),
        FetchAttribute::Preview(_) => offers.any_of(&["PREVIEW"]),
        FetchAttribute::SaveDate => offers.any_of(&["SAVEDATE"]),
        FetchAttribute::EmailId | FetchAttribute::ThreadId => offers.any_of(&["OBJECTID"]),
        FetchAttribute::Annotation(_) => offers.any_of(&["ANNOTATE-EXPERIMENT-1"]),
        FetchAttribute::GmailMessageId | FetchAttribute::GmailThreadId | FetchAttribute::GmailLabels => {
            offers.any_of(&["X-GM-EXT-1"])
        }
        _ => Ok(()),
    }
}

fn of_modifier(modifier: &FetchModifier<'_>, offers: &mut dyn Offers) -> Checked {
    match modifier {
        FetchModifier::ChangedSince(_) => offers.any_of(&["CONDSTORE", "QRESYNC"]),
        FetchModifier::Vanished => offers.any_of(&["QRESYNC"]),
        FetchModifier::Partial(_) => offers.any_of(&["PARTIAL"]),
        FetchModifier::Other(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parsed, Reading, TaggedCommand};
    use alloc::vec::Vec;

    /// Offers everything, and remembers what was asked for.
    #[derive(Default)]
    struct Asked(Vec<&'static str>);

    impl Offers for Asked {
        fn any_of(&mut self, any_of: AnyOf) -> Checked {
            self.0.push(any_of[0]);
            Ok(())
        }

        fn valued(&mut self, _: &'static str, _: &str, named: AnyOf) -> Checked {
            self.any_of(named)
        }
    }

    fn needs(command: &str) -> Vec<&'static str> {
        let line = alloc::format!("a {command}\r\n");
        let Ok(Parsed::Complete { value, .. }) = TaggedCommand::parse(line.as_bytes(), Reading::STRICT) else {
            panic!("{command}")
        };
        let mut asked = Asked::default();
        assert_eq!(value.command.needs(&mut asked), Ok(()));
        asked.0
    }

    #[test]
    fn each_need_is_named() {
        for (command, named) in [
            ("NOOP", &[][..]),
            ("FETCH 1 (FLAGS UID)", &[]),
            ("LIST \"\" *", &[]),
            ("AUTHENTICATE scram-sha-256", &["AUTH=SCRAM-SHA-256"]),
            ("AUTHENTICATE X-OTHER", &["AUTH="]),
            ("COMPRESS deflate", &["COMPRESS=DEFLATE"]),
            ("SELECT a (QRESYNC (1 2))", &["QRESYNC"]),
            (
                "LIST (SUBSCRIBED) \"\" * RETURN (MYRIGHTS)",
                &["LIST-EXTENDED", "LIST-MYRIGHTS"],
            ),
            ("STATUS a (MESSAGES SIZE)", &["STATUS=SIZE"]),
            (
                "FETCH 1 (MODSEQ BINARY[1]) (VANISHED)",
                &["CONDSTORE", "BINARY", "QRESYNC"],
            ),
            (
                "SEARCH RETURN (COUNT PARTIAL 1:9) FUZZY OLDER 5",
                &["ESEARCH", "PARTIAL", "SEARCH=FUZZY", "WITHIN"],
            ),
            (
                "SORT RETURN (UPDATE) (DISPLAYFROM) UTF-8 ALL",
                &["SORT", "CONTEXT=SORT", "SORT=DISPLAY"],
            ),
            ("THREAD ORDEREDSUBJECT UTF-8 ALL", &["THREAD=ORDEREDSUBJECT"]),
            ("UID EXPUNGE 1", &["UIDPLUS"]),
            ("EXPUNGE", &[]),
        ] {
            assert_eq!(needs(command), named, "{command}");
        }
    }
}
