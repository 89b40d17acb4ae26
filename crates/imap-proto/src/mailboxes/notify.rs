//! NOTIFY (RFC 5465).

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::mailboxes::mailbox_filter::MailboxFilter;
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, FetchAttribute};

/// NOTIFY: of which events does the client want to hear?
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum Notify<'a> {
    /// NONE
    None,
    /// SET: of these and no others.
    Set(NotifySet<'a>),
}

/// The arguments of NOTIFY SET.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct NotifySet<'a> {
    /// Whether the server tells how things stand first.
    pub initial: InitialStatus,
    /// Events by mailbox.
    pub groups: OneOrMore<EventGroup<'a>>,
}

/// `status-indicator` (RFC 5465 §8)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum InitialStatus {
    /// `STATUS`: a STATUS response for each mailbox, before the command is done.
    Send,
    /// The client knows already.
    Omit,
}

/// `event-group` (RFC 5465 §8)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct EventGroup<'a> {
    /// In which mailboxes.
    pub mailboxes: NotifyMailboxes<'a>,
    /// Which events; `NONE` where the list is empty.
    pub events: Vec<NotifyEvent<'a>>,
}

/// `filter-mailboxes` (RFC 5465 §6)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum NotifyMailboxes<'a> {
    /// `selected`: the selected mailbox, at once.
    Selected,
    /// `selected-delayed`: the selected mailbox, messages that are gone only when a command allows it (RFC 5465 §6.1.2).
    SelectedDelayed,
    /// Mailboxes other than the selected one.
    Other(MailboxFilter<'a>),
}

/// `event` (RFC 5465 §5)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum NotifyEvent<'a> {
    /// `MessageNew`: a message came. In the selected mailbox these attributes are fetched of it.
    MessageNew(Option<OneOrMore<FetchAttribute<'a>>>),
    /// `MessageExpunge`: a message is gone.
    MessageExpunge,
    /// `FlagChange`
    FlagChange,
    /// `AnnotationChange`
    AnnotationChange,
    /// `MailboxName`: a mailbox was created, deleted or renamed.
    MailboxName,
    /// `SubscriptionChange`
    SubscriptionChange,
    /// `MailboxMetadataChange`
    MailboxMetadataChange,
    /// `ServerMetadataChange`
    ServerMetadataChange,
    /// An event that this crate does not know. A name of the above is read back as what it is.
    Other(Atom<'a>),
}

/// A rule of RFC 5465 that a well-formed NOTIFY breaks; the server answers BAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyFault {
    /// MessageNew without MessageExpunge, or the reverse (RFC 5465 §5).
    #[error("MessageNew and MessageExpunge go together")]
    Unpaired,
    /// FlagChange or AnnotationChange without MessageNew and MessageExpunge (RFC 5465 §5).
    #[error("FlagChange and AnnotationChange need MessageNew and MessageExpunge")]
    ChangeAlone,
    /// An event of mailboxes or of the server, asked of the selected mailbox (RFC 5465 §6.1).
    #[error("the selected mailbox has events of messages only")]
    NotOfMessages,
    /// FETCH attributes for mailboxes that are not selected (RFC 5465 §8).
    #[error("FETCH attributes are for the selected mailbox")]
    AttributesElsewhere,
    /// `selected` or `selected-delayed` more than once (RFC 5465 §6.1).
    #[error("the selected mailbox is named once")]
    SelectedTwice,
}

impl<'a> Notify<'a> {
    /// The first rule that the groups break, which the grammar does not.
    pub fn fault(&self) -> Option<NotifyFault> {
        let Self::Set(set) = self else { return None };
        let selected = set.groups.iter().filter(|group| group.mailboxes.are_selected());
        if selected.count() > 1 {
            return Some(NotifyFault::SelectedTwice);
        }
        set.groups.iter().find_map(EventGroup::fault)
    }

    /// ```text
    /// notify      = "NOTIFY" SP (notify-set / notify-none)
    /// notify-set  = "SET" [status-indicator] SP event-groups
    /// notify-none = "NONE"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"NONE" => return Ok(Self::None),
            b"SET" => {}
            _ => {
                reader.rewind(start);
                return reader.expected("SET or NONE");
            }
        }
        reader.space()?;
        let mut initial = InitialStatus::Omit;
        if reader.accept_word("STATUS") {
            initial = InitialStatus::Send;
            reader.space()?;
        }
        let groups = OneOrMore::checked(reader.separated(EventGroup::read)?);
        Ok(Self::Set(NotifySet { initial, groups }))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let Self::Set(set) = self else {
            return writer.text("NOTIFY NONE");
        };
        writer.text("NOTIFY SET ");
        if set.initial == InitialStatus::Send {
            writer.text("STATUS ");
        }
        writer.separated(&set.groups, |writer, group| group.write(writer));
    }
}

impl<'a> EventGroup<'a> {
    fn fault(&self) -> Option<NotifyFault> {
        let has = |event: fn(&NotifyEvent<'a>) -> bool| self.events.iter().any(event);
        let comes = has(|event| matches!(event, NotifyEvent::MessageNew(_)));
        let goes = has(|event| matches!(event, NotifyEvent::MessageExpunge));
        let changes = has(|event| matches!(event, NotifyEvent::FlagChange | NotifyEvent::AnnotationChange));
        let is_selected = self.mailboxes.are_selected();
        if comes != goes {
            Some(NotifyFault::Unpaired)
        } else if changes && !comes {
            Some(NotifyFault::ChangeAlone)
        } else if is_selected && has(|event| !event.is_of_messages()) {
            Some(NotifyFault::NotOfMessages)
        } else if !is_selected && has(|event| matches!(event, NotifyEvent::MessageNew(Some(_)))) {
            Some(NotifyFault::AttributesElsewhere)
        } else {
            None
        }
    }

    /// ```text
    /// event-group = "(" filter-mailboxes SP events ")"
    /// events      = ( "(" event *(SP event) ")" ) / "NONE"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let mailboxes = NotifyMailboxes::read(reader)?;
        reader.space()?;
        let events = match reader.accept_word("NONE") {
            true => Vec::new(),
            false if reader.peek() == Some(b'(') => reader.list1(NotifyEvent::read)?,
            false => return reader.expected("events in parentheses, or NONE"),
        };
        reader.close()?;
        Ok(Self { mailboxes, events })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        match &self.mailboxes {
            NotifyMailboxes::Selected => writer.text("SELECTED"),
            NotifyMailboxes::SelectedDelayed => writer.text("SELECTED-DELAYED"),
            NotifyMailboxes::Other(filter) => filter.write(writer),
        }
        writer.space();
        match self.events.is_empty() {
            true => writer.text("NONE"),
            false => writer.list(&self.events, |writer, event| event.write(writer)),
        }
        writer.text(")");
    }
}

impl<'a> NotifyMailboxes<'a> {
    const fn are_selected(&self) -> bool {
        matches!(self, Self::Selected | Self::SelectedDelayed)
    }

    /// ```text
    /// filter-mailboxes          = filter-mailboxes-selected / filter-mailboxes-other
    /// filter-mailboxes-selected = "selected" / "selected-delayed"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let keyword = reader.keyword();
        match keyword.as_slice() {
            b"SELECTED" => return Ok(Self::Selected),
            b"SELECTED-DELAYED" => return Ok(Self::SelectedDelayed),
            _ => {}
        }
        match MailboxFilter::read_behind(keyword.as_slice(), reader)? {
            Some(filter) => Ok(Self::Other(filter)),
            None => {
                reader.rewind(start);
                reader.expected("mailboxes to watch")
            }
        }
    }
}

impl<'a> NotifyEvent<'a> {
    /// Its name on the wire, which is also what the code BADEVENT lists.
    pub fn name(&self) -> &str {
        match self {
            Self::MessageNew(_) => "MessageNew",
            Self::MessageExpunge => "MessageExpunge",
            Self::FlagChange => "FlagChange",
            Self::AnnotationChange => "AnnotationChange",
            Self::MailboxName => "MailboxName",
            Self::SubscriptionChange => "SubscriptionChange",
            Self::MailboxMetadataChange => "MailboxMetadataChange",
            Self::ServerMetadataChange => "ServerMetadataChange",
            Self::Other(name) => name.as_str(),
        }
    }

    /// Of an event that is not known, nobody can say so.
    const fn is_of_messages(&self) -> bool {
        !matches!(
            self,
            Self::MailboxName | Self::SubscriptionChange | Self::MailboxMetadataChange | Self::ServerMetadataChange
        )
    }

    /// ```text
    /// event         = message-event / mailbox-event / user-event / event-ext
    /// message-event = ( "MessageNew" [SP "(" fetch-att *(SP fetch-att) ")" ] )
    ///                 / "MessageExpunge" / "FlagChange" / "AnnotationChange"
    /// mailbox-event = "MailboxName" / "SubscriptionChange" / "MailboxMetadataChange"
    /// user-event    = "ServerMetadataChange"
    /// event-ext     = atom
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"MESSAGENEW" => Self::read_new(reader)?,
            b"MESSAGEEXPUNGE" => Self::MessageExpunge,
            b"FLAGCHANGE" => Self::FlagChange,
            b"ANNOTATIONCHANGE" => Self::AnnotationChange,
            b"MAILBOXNAME" => Self::MailboxName,
            b"SUBSCRIPTIONCHANGE" => Self::SubscriptionChange,
            b"MAILBOXMETADATACHANGE" => Self::MailboxMetadataChange,
            b"SERVERMETADATACHANGE" => Self::ServerMetadataChange,
            _ => {
                reader.rewind(start);
                Self::Other(reader.atom()?)
            }
        })
    }

    fn read_new(reader: &mut Reader<'a>) -> Parse<Self> {
        let behind = reader.offset();
        if reader.accept_space() && reader.peek() == Some(b'(') {
            return FetchAttribute::read_list(reader).map(|attributes| Self::MessageNew(Some(attributes)));
        }
        reader.rewind(behind);
        Ok(Self::MessageNew(None))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.name());
        if let Self::MessageNew(Some(attributes)) = self {
            writer.space();
            FetchAttribute::write_list(attributes, writer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::fetch_attribute::tests::attributes;
    use crate::trips::{canonical_command, command, command_returns, respelled_command};
    use crate::{Command, Mailbox};
    use proptest::prelude::*;

    #[test]
    fn commands_are_written_as_they_came() {
        for text in [
            "NOTIFY NONE",
            "NOTIFY SET (SELECTED NONE)",
            "NOTIFY SET STATUS (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (From To Subject)]) MessageExpunge)) \
             (SUBTREE Lists (MessageNew MessageExpunge FlagChange AnnotationChange))",
            "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) (PERSONAL NONE) (INBOXES (MailboxName))",
            "NOTIFY SET (MAILBOXES (a \"b c\" INBOX) (SubscriptionChange MailboxMetadataChange ServerMetadataChange))",
            "NOTIFY SET (SUBTREE-ONE misc (X-Future)) (SUBSCRIBED (MailboxName))",
        ] {
            canonical_command(text);
        }
        respelled_command(
            "notify set status (Mailboxes (inbox) (messagenew messageEXPUNGE))",
            "NOTIFY SET STATUS (MAILBOXES INBOX (MessageNew MessageExpunge))",
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("NOTIFY", 8),
            ("NOTIFY bogus", 9),
            ("NOTIFY NONE ", 13),
            ("NOTIFY SET", 12),
            ("NOTIFY SET ", 13),
            ("NOTIFY SET STATUS", 19),
            ("NOTIFY SET STATUS ()", 21),
            ("NOTIFY SET (Unknown (MessageNew))", 14),
            ("NOTIFY SET (SELECTED ())", 24),
            ("NOTIFY SET (SELECTED MessageNew)", 23),
            ("NOTIFY SET (SELECTED (MessageNew ()))", 36),
            ("NOTIFY SET (SUBTREE (MessageNew))", 34),
            ("NOTIFY SET (MAILBOXES () NONE)", 25),
            ("NOTIFY SET (SELECTED NONE)(PERSONAL NONE)", 28),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }

    #[test]
    fn rules_that_the_grammar_does_not_have() {
        let fault = |groups: &str| match command(&alloc::format!("NOTIFY SET {groups}")) {
            Ok(Command::Notify(notify)) => notify.fault(),
            other => panic!("{other:?}"),
        };
        for (groups, expected) in [
            ("(SELECTED (MessageNew MessageExpunge)) (PERSONAL (MailboxName))", None),
            ("(SELECTED NONE)", None),
            ("(SELECTED (MessageNew (UID) MessageExpunge FlagChange X-Future))", None),
            ("(SELECTED (MessageNew))", Some(NotifyFault::Unpaired)),
            ("(PERSONAL (MessageExpunge))", Some(NotifyFault::Unpaired)),
            ("(SELECTED (FlagChange))", Some(NotifyFault::ChangeAlone)),
            (
                "(INBOXES (AnnotationChange MailboxName))",
                Some(NotifyFault::ChangeAlone),
            ),
            ("(SELECTED (MailboxName))", Some(NotifyFault::NotOfMessages)),
            (
                "(PERSONAL (MessageNew (UID) MessageExpunge))",
                Some(NotifyFault::AttributesElsewhere),
            ),
            (
                "(SELECTED NONE) (SELECTED-DELAYED NONE)",
                Some(NotifyFault::SelectedTwice),
            ),
        ] {
            assert_eq!(fault(groups), expected, "{groups}");
        }
        assert_eq!(Notify::None.fault(), None);
    }

    fn mailboxes() -> impl Strategy<Value = NotifyMailboxes<'static>> {
        let name = "[a-zA-Zü( &]{1,4}".prop_map(|name| Mailbox::new(&name).unwrap());
        let names = || proptest::collection::vec(name.clone(), 1..4).prop_map(|names| OneOrMore::new(names).unwrap());
        prop_oneof![
            Just(NotifyMailboxes::Selected),
            Just(NotifyMailboxes::SelectedDelayed),
            Just(NotifyMailboxes::Other(MailboxFilter::Inboxes)),
            Just(NotifyMailboxes::Other(MailboxFilter::Personal)),
            Just(NotifyMailboxes::Other(MailboxFilter::Subscribed)),
            names().prop_map(|names| NotifyMailboxes::Other(MailboxFilter::Subtree(names))),
            names().prop_map(|names| NotifyMailboxes::Other(MailboxFilter::SubtreeOne(names))),
            names().prop_map(|names| NotifyMailboxes::Other(MailboxFilter::Mailboxes(names))),
        ]
    }

    fn event() -> impl Strategy<Value = NotifyEvent<'static>> {
        prop_oneof![
            Just(NotifyEvent::MessageNew(None)),
            Just(NotifyEvent::MessageNew(Some(attributes("(UID BODY.PEEK[TEXT]<0.5>)")))),
            Just(NotifyEvent::MessageExpunge),
            Just(NotifyEvent::FlagChange),
            Just(NotifyEvent::AnnotationChange),
            Just(NotifyEvent::MailboxName),
            Just(NotifyEvent::SubscriptionChange),
            Just(NotifyEvent::MailboxMetadataChange),
            Just(NotifyEvent::ServerMetadataChange),
            "X-[a-z]{1,3}".prop_map(|name| NotifyEvent::Other(Atom::new(name).unwrap())),
        ]
    }

    proptest! {
        #[test]
        fn each_command_returns(
            sends in any::<bool>(),
            groups in proptest::collection::vec((mailboxes(), proptest::collection::vec(event(), 0..4)), 1..4),
        ) {
            let groups = groups.into_iter().map(|(mailboxes, events)| EventGroup { mailboxes, events });
            let initial = if sends { InitialStatus::Send } else { InitialStatus::Omit };
            let groups = OneOrMore::new(groups.collect()).unwrap();
            command_returns(&Command::Notify(Notify::Set(NotifySet { initial, groups })))?;
        }
    }
}
