//! What this server knows to answer.

use std::num::NonZeroU32;

use imap_proto::server::{Completion, Refusal};
use imap_proto::{
    Code, Command, Condition, Data, Delimiter, Fetch, FetchItem, Flag, Found, ListedMailbox, Mailbox, Numbering,
    SequenceSet, Status, Store, StoreAction, StoreChange, StoreEcho,
};
use mail_tokio::imap::{ServerError, Session};

use crate::chosen::{chosen, matches};
use crate::fetch::fetch;
use crate::mailbox::{Inbox, UID_VALIDITY, View};

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
        (Command::Fetch(asked), Some(view)) => {
            if let Err(refusal) = fetch(session, view, inbox, asked).await? {
                return Ok(Err(refusal));
            }
        }
        (Command::Search(search), Some(view)) => {
            let all = SequenceSet::all();
            let mut found = Vec::new();
            for (number, message) in chosen(view, inbox, &all, Numbering::Sequence) {
                let matches = |key: &_, _| matches(key, number, &message, view).ok_or(Refusal::not_supported());
                match search.program.try_evaluate(matches) {
                    Ok(true) if search.numbering == Numbering::Uid => found.push(message.uid),
                    Ok(true) => found.push(number),
                    Ok(false) => {}
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
            session.send(Data::Search(Found::new(found))).await?;
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
pub(crate) fn change(
    inbox: &Inbox,
    uid: NonZeroU32,
    action: StoreAction,
    flags: &[Flag<'_>],
) -> Option<Vec<Flag<'static>>> {
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
