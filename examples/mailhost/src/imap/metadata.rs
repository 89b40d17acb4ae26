//! GETMETADATA and SETMETADATA (RFC 5464), and what LIST tells of annotations (RFC 9590).

use bytes::Bytes;
use imap_proto::server::Completion;
use imap_proto::{
    Code, Data, GetMetadata, IntoBoundedStatic as _, Mailbox, MailboxAttribute, Metadata, MetadataContent,
    MetadataDepth, MetadataEntry, MetadataOption, MetadataValue, Octets, OneOrMore, Right, SetMetadata,
};

use super::ImapDialogue;
use super::access::{not_permitted, require};
use super::execute::Outcome;
use super::failure::Failure;
use super::values::{special_use, stored_use};
use crate::store::{self, ANNOTATIONS, Annotated, Depth, EntryName, LONGEST_ANNOTATION, SpecialUse};

/// What there is of an entry.
type Annotation = (EntryName, Option<Bytes>);

impl ImapDialogue {
    pub(super) async fn get_metadata(&mut self, get: &GetMetadata<'_>) -> Outcome {
        let (mut depth, mut max_size) = (Depth::Entry, None);
        for option in &get.options {
            match option {
                MetadataOption::Depth(MetadataDepth::Entry) => depth = Depth::Entry,
                MetadataOption::Depth(MetadataDepth::Children) => depth = Depth::Children,
                MetadataOption::Depth(MetadataDepth::All) => depth = Depth::All,
                MetadataOption::MaxSize(octets) => max_size = Some(*octets as usize),
                _ => return Err(Failure::bad("no such option")),
            }
        }
        let entries = asked(&get.entries, depth)?;
        let of = self.annotated(&get.mailbox).await?;
        let mut found = self.values(&of, &entries, depth).await?;
        let mut longest = 0;
        found.retain(|(_, value)| {
            let octets = value.as_ref().map_or(0, Bytes::len);
            let is_long = max_size.is_some_and(|limit| octets > limit);
            longest = longest.max(if is_long { octets } else { 0 });
            !is_long
        });
        self.tell_values(&get.mailbox, found).await?;
        Ok(match u32::try_from(longest) {
            Ok(0) | Err(_) => Completion::default(),
            Ok(longest) => Completion::with_code(Code::MetadataLongEntries(longest)),
        })
    }

    pub(super) async fn set_metadata(&mut self, set: &SetMetadata<'_>) -> Outcome {
        let of = self.annotated(&set.mailbox).await?;
        if set.values.len() > MOST {
            return Err(store::StoreError::TooManyAnnotations.into());
        }
        let mut values = Vec::new();
        let mut use_of = None;
        for MetadataValue { entry, value } in &*set.values {
            let name = EntryName::new(&entry.to_text()).ok_or_else(no_such_entry)?;
            if value
                .as_ref()
                .is_some_and(|value| value.as_bytes().len() > LONGEST_ANNOTATION)
            {
                return Err(store::StoreError::TooLong.into());
            }
            match &of {
                Annotated::Mailbox(mailbox) if name.as_str() == SPECIAL_USE => {
                    use_of = Some((mailbox.clone(), self.designation(mailbox, value.as_ref())?));
                }
                Annotated::Server if name.as_str() == ADMIN || !name.is_private() && !self.is_admin() => {
                    return Err(not_permitted());
                }
                _ => {
                    let value = value.as_ref().map(|value| Bytes::copy_from_slice(value.as_bytes()));
                    values.push((name, value));
                }
            }
        }
        let account = self.account()?.to_owned();
        if !values.is_empty() {
            self.host.store.annotate(&of, &account, values).await?;
        }
        if let Some((mailbox, special_use)) = use_of {
            self.host.store.designate(&mailbox, special_use).await?;
        }
        Ok(Completion::default())
    }

    /// What LIST tells of a mailbox, behind it (RFC 9590). Nothing where the client may not know.
    pub(super) async fn list_metadata(
        &mut self,
        name: &Mailbox<'_>,
        entries: &OneOrMore<MetadataEntry<'_>>,
    ) -> Result<(), Failure> {
        let entries = asked(entries, Depth::Entry)?;
        match self.annotated(name).await {
            Ok(of) => {
                let found = self.values(&of, &entries, Depth::Entry).await?;
                self.tell_values(name, found).await
            }
            Err(Failure::Refused(_)) => Ok(()),
            Err(broken) => Err(broken),
        }
    }

    /// What a client names, whose annotations it may read and write (RFC 5464 §3.3).
    async fn annotated(&mut self, name: &Mailbox<'_>) -> Result<Annotated, Failure> {
        if name.as_wire().is_empty() {
            return Ok(Annotated::Server);
        }
        let (mailbox, rights) = self.permitted(name, Right::LOOKUP).await?;
        let ways = [Right::READ, Right::SEEN, Right::WRITE, Right::INSERT, Right::POST];
        let way = ways.into_iter().find(|right| rights.contains(*right));
        require(rights, way.unwrap_or(Right::READ))?;
        Ok(Annotated::Mailbox(mailbox))
    }

    /// The entries that are asked for. Those that are named and have no value are told as well, unless others are told for them.
    async fn values(
        &mut self,
        of: &Annotated,
        entries: &[EntryName],
        depth: Depth,
    ) -> Result<Vec<Annotation>, Failure> {
        let account = self.account()?;
        let stored = self.host.store.annotations(of, account, entries, depth).await?;
        let mut found: Vec<Annotation> = stored.into_iter().map(|(name, value)| (name, Some(value))).collect();
        if let Some((name, value)) = self.computed(of).await?
            && entries.iter().any(|entry| name.is_within(entry, depth))
        {
            found.push((name, Some(value)));
        }
        for entry in entries {
            if !found.iter().any(|(name, _)| name.is_within(entry, depth)) {
                found.push((entry.clone(), None));
            }
        }
        Ok(found)
    }

    /// An entry that is not kept but known: the server's administrator, a mailbox's use (RFC 6154 §4).
    async fn computed(&mut self, of: &Annotated) -> Result<Option<(EntryName, Bytes)>, Failure> {
        let (name, value) = match of {
            Annotated::Server => (ADMIN, self.host.settings.contact.clone()),
            Annotated::Mailbox(mailbox) if mailbox.account() == self.account()? => {
                let mailboxes = self.host.store.mailboxes(mailbox.account()).await?;
                let found = mailboxes.into_iter().find(|info| info.mailbox == *mailbox);
                let special_use = found.and_then(|info| info.special_use);
                (SPECIAL_USE, special_use.map(use_name))
            }
            Annotated::Mailbox(_) => return Ok(None),
        };
        Ok(EntryName::new(name).zip(value.map(Bytes::from)))
    }

    /// What a client makes of a mailbox; it must be its own.
    fn designation(&self, mailbox: &store::Mailbox, value: Option<&Octets<'_>>) -> Result<Option<SpecialUse>, Failure> {
        if mailbox.account() != self.account()? || mailbox.is_inbox() {
            return Err(not_permitted());
        }
        let Some(value) = value else {
            return Ok(None);
        };
        let text = value.to_text();
        let found = MailboxAttribute::new(text.trim()).ok();
        let special_use = found.and_then(|attribute| attribute.special_use()).and_then(stored_use);
        let cannot = || Failure::no("no mailbox is for that", Code::UseAttr);
        special_use.map(Some).ok_or_else(cannot)
    }

    /// Tells values, of so many octets in one response that little is held at a time.
    async fn tell_values(&mut self, mailbox: &Mailbox<'_>, found: Vec<Annotation>) -> Result<(), Failure> {
        let mut values = Vec::new();
        let mut octets = 0;
        for (name, value) in found {
            octets += value.as_ref().map_or(0, Bytes::len);
            values.push(MetadataValue {
                entry: MetadataEntry::new(name.as_str().to_owned()).map_err(|_| no_such_entry())?,
                value: value.map(|value| Octets::from(value.to_vec())),
            });
            if octets > LONGEST_ANNOTATION {
                self.tell_some(mailbox, std::mem::take(&mut values)).await?;
                octets = 0;
            }
        }
        self.tell_some(mailbox, values).await
    }

    async fn tell_some(&mut self, mailbox: &Mailbox<'_>, values: Vec<MetadataValue<'static>>) -> Result<(), Failure> {
        let Ok(values) = OneOrMore::new(values) else {
            return Ok(());
        };
        let mailbox = mailbox.clone().into_static();
        let content = MetadataContent::Values(values);
        self.session.send(Data::Metadata(Metadata { mailbox, content })).await?;
        self.session.flush().await?;
        Ok(())
    }
}

/// The names of entries that a client asks for.
fn asked(entries: &OneOrMore<MetadataEntry<'_>>, depth: Depth) -> Result<Vec<EntryName>, Failure> {
    let name = |entry: &MetadataEntry<'_>| match depth {
        Depth::Entry => EntryName::new(&entry.to_text()),
        Depth::Children | Depth::All => EntryName::ancestor(&entry.to_text()),
    };
    if entries.len() > MOST {
        return Err(Failure::no("too many entries at once", Code::Limit));
    }
    let mut names = Vec::new();
    for entry in &**entries {
        let name = name(entry).ok_or_else(no_such_entry)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// RFC 5464 §3.2
fn no_such_entry() -> Failure {
    Failure::bad("no such entry can be")
}

/// `\Drafts`
fn use_name(stored: SpecialUse) -> String {
    match special_use(stored) {
        MailboxAttribute::SpecialUse(known) => format!("\\{}", known.as_str()),
        _ => String::new(),
    }
}

/// Entries that one command may name: all that there can be.
const MOST: usize = 2 * ANNOTATIONS;

const ADMIN: &str = "/shared/admin";
const SPECIAL_USE: &str = "/private/specialuse";
