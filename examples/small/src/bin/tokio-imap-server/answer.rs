//! What this server knows to answer.

use std::num::NonZeroU32;

use imap_proto::server::{Completion, Refusal};
use imap_proto::{
    Access, Code, Command, Condition, Data, Delimiter, Envelope, Fetch, FetchAttribute, FetchCommand, FetchItem,
    FetchSelection, Flag, Found, ListedMailbox, Mailbox, Numbering, Payload, Section, SequenceSet, Status, Store,
    StoreAction, StoreChange, StoreEcho,
};
use mail_tokio::imap::{ServerError, Session};

use crate::chosen::{chosen, field, matches};
use crate::mailbox::{Inbox, Message, UID_VALIDITY, View};

type Answer = Result<Completion, Refusal>;

pub(crate) async fn answer(
    session: &mut Session,
    open: &mut Option<View>,
    inbox: &Inbox,
    command: &Command<'static>,
) -> Result<Answer, ServerError> {
    match (command, open) {
        (Command::List(list), _) => {
            let delimiter = Delimiter::new(b'/').ok();
            if list
                .patterns
                .as_slice()
                .iter()
                .any(|pattern| pattern.matches(&Mailbox::Inbox, delimiter))
            {
                session
                    .send(Data::List(ListedMailbox::new(Vec::new(), delimiter, Mailbox::Inbox)))
                    .await?;
            }
        }
        (Command::Select(select) | Command::Examine(select), open) => {
            *open = None;
            if select.mailbox != Mailbox::Inbox {
                return Ok(Err(Refusal::no_such_mailbox()));
            }
            let view = open.insert(View::new(inbox, matches!(command, Command::Examine(_))));
            return self::select(session, view, inbox).await.map(Ok);
        }
        (Command::Fetch(fetch), Some(view)) => self::fetch(session, view, inbox, fetch).await?,
        (Command::Search(search), Some(view)) => {
            let all = SequenceSet::all();
            let found = chosen(view, inbox, &all, Numbering::Sequence)
                .filter(|(number, message)| search.program.evaluate(|key, _| matches(key, *number, message, view)));
            let found = found.map(|(number, message)| match search.numbering {
                Numbering::Sequence => number,
                Numbering::Uid => message.uid,
            });
            let found = Found::new(found.collect());
            session.send(Data::Search(found)).await?;
        }
        (Command::Store(_) | Command::Expunge(_), Some(View { is_read_only: true, .. })) => {
            return Ok(Err(Refusal::fixed("it was opened to be read").with_code(Code::NoPerm)));
        }
        (Command::Store(store), Some(view)) => {
            if !self::store(session, view, inbox, store).await? {
                return Ok(Err(Refusal::not_supported()));
            }
        }
        (Command::Expunge(None), Some(view)) => {
            inbox.expunge();
            for data in view.update(inbox, true) {
                session.send(data).await?;
            }
        }
        (Command::Close, open) => {
            if open.take().is_some_and(|view| !view.is_read_only) {
                inbox.expunge();
            }
        }
        (Command::Check, _) => {}
        _ => return Ok(Err(Refusal::not_supported())),
    }
    Ok(Ok(Completion::default()))
}

async fn select(session: &mut Session, view: &View, inbox: &Inbox) -> Result<Completion, ServerError> {
    let known = vec![Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft];
    session.send(Data::Flags(known)).await?;
    session.send(Data::Exists(view.uids.len() as u32)).await?;
    session.send(Data::Recent(0)).await?;
    for code in [Code::UidValidity(UID_VALIDITY), Code::UidNext(inbox.uid_next())] {
        let status = Status::fixed(Condition::Ok, "as it is now").with_code(code);
        session.send(Data::Status(status)).await?;
    }
    Ok(Completion::with_code(if view.is_read_only {
        Code::ReadOnly
    } else {
        Code::ReadWrite
    }))
}

async fn fetch(session: &mut Session, view: &View, inbox: &Inbox, asked: &FetchCommand<'_>) -> Result<(), ServerError> {
    let attributes = match &asked.selection {
        FetchSelection::Attributes(attributes) => attributes.to_vec(),
        _ => vec![
            FetchAttribute::Flags,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Envelope,
        ],
    };
    // Copies of a few pointers, so that no lock is held while the client takes its time.
    let chosen: Vec<_> = chosen(view, inbox, &asked.set, asked.numbering).collect();
    for (number, message) in chosen {
        let mut answer = Fetch::empty(Numbering::Sequence, number);
        if asked.numbering == Numbering::Uid && !attributes.contains(&FetchAttribute::Uid) {
            answer.push(FetchItem::Uid(message.uid));
        }
        attributes
            .iter()
            .filter_map(|attribute| item(attribute, &message))
            .for_each(|item| answer.push(item));
        let marks = |attribute: &FetchAttribute<'_>| {
            matches!(
                attribute,
                FetchAttribute::BodySection {
                    access: Access::MarkSeen,
                    ..
                }
            )
        };
        if attributes.iter().any(marks) && !view.is_read_only {
            let flags = change(inbox, message.uid, StoreAction::Add, &[Flag::Seen]);
            flags.into_iter().for_each(|flags| answer.push(FetchItem::Flags(flags)));
        }
        session.send(Data::Fetch(answer)).await?;
    }
    Ok(())
}

/// What is not known here is left out.
fn item<'m>(attribute: &FetchAttribute<'_>, message: &'m Message) -> Option<FetchItem<'m>> {
    Some(match attribute {
        FetchAttribute::Flags => FetchItem::Flags(message.flags.clone()),
        FetchAttribute::Uid => FetchItem::Uid(message.uid),
        FetchAttribute::Rfc822Size => FetchItem::Rfc822Size(message.octets.len() as u64),
        FetchAttribute::Envelope => {
            let mut envelope = Envelope::default();
            envelope.date = field(message, "Date").map(Into::into);
            envelope.subject = field(message, "Subject").map(Into::into);
            FetchItem::Envelope(envelope)
        }
        FetchAttribute::BodySection {
            section: Section::Whole,
            partial: None,
            ..
        } => FetchItem::BodySection {
            section: Section::Whole,
            origin: None,
            data: Some(Payload::Held(message.octets.as_ref().into())),
        },
        _ => return None,
    })
}

/// Whether it was a change that is known here.
async fn store(session: &mut Session, view: &View, inbox: &Inbox, asked: &Store<'_>) -> Result<bool, ServerError> {
    let StoreChange::Flags { action, echo, flags } = &asked.change else {
        return Ok(false);
    };
    let chosen: Vec<_> = chosen(view, inbox, &asked.set, asked.numbering).collect();
    for (number, message) in chosen {
        let Some(flags) = change(inbox, message.uid, *action, flags) else {
            continue;
        };
        if *echo == StoreEcho::Fetch {
            let mut answer = Fetch::empty(Numbering::Sequence, number);
            answer.push(FetchItem::Flags(flags));
            if asked.numbering == Numbering::Uid {
                answer.push(FetchItem::Uid(message.uid));
            }
            session.send(Data::Fetch(answer)).await?;
        }
    }
    Ok(true)
}

/// The flags of a message after a change; `None` when it is gone.
fn change(inbox: &Inbox, uid: NonZeroU32, action: StoreAction, flags: &[Flag<'_>]) -> Option<Vec<Flag<'static>>> {
    use imap_proto::ToBoundedStatic as _;
    let mut messages = inbox.messages();
    let message = messages.iter_mut().find(|message| message.uid == uid)?;
    if action == StoreAction::Replace {
        message.flags.clear();
    }
    message.flags.retain(|flag| !flags.contains(flag));
    if action != StoreAction::Remove {
        message.flags.extend(flags.iter().map(Flag::to_static));
    }
    Some(message.flags.clone())
}
