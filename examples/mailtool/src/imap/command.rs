//! Commands as facts.

use std::io;

use imap_proto::{Command, FetchAttribute, FetchCommand, FetchSelection, Mailbox, Reading, Spelling, TaggedCommand};

use crate::imap::whole;
use crate::imap::wire::Wire;
use crate::output::{HIDDEN, Refused, refused};
use crate::pen::Pen;

/// One command.
pub(crate) fn parse(octets: &[u8], strict: bool) -> Result<TaggedCommand<'_>, Refused> {
    let reading = if strict { Reading::STRICT } else { Reading::LENIENT };
    let tagged = whole(octets, TaggedCommand::parse(octets, reading))?;
    if strict {
        known(&tagged)?;
    }
    Ok(tagged)
}

/// The grammar has no other commands (but those that begin with X, RFC 3501 §9) and no other FETCH attributes.
fn known(tagged: &TaggedCommand<'_>) -> Result<(), Refused> {
    let behind_tag = tagged.tag.as_str().len() + 1;
    match &tagged.command {
        Command::Other { name, .. } if !name.as_str().starts_with(['X', 'x']) => {
            Err(refused("a known command", behind_tag))
        }
        Command::Fetch(FetchCommand {
            selection: FetchSelection::Attributes(attributes),
            ..
        }) if attributes
            .iter()
            .any(|attribute| matches!(attribute, FetchAttribute::Other { .. })) =>
        {
            Err(refused("known FETCH attributes", behind_tag))
        }
        _ => Ok(()),
    }
}

/// Kind, tag and arguments. What proves who somebody is stays hidden.
pub(crate) fn describe(tagged: &TaggedCommand<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    // Written with its secrets nowhere but in LOGIN and AUTHENTICATE, which are described by hand.
    let mut octets = Vec::new();
    if !matches!(tagged.command, Command::Login(_) | Command::Authenticate(_)) {
        tagged.encode(Spelling::SERVER, &mut octets);
    }
    let mut wire = Wire::new(octets.strip_suffix(b"\r\n").unwrap_or(&octets));
    wire.word();
    let name = wire.word();
    let is_uid = name == b"UID" && !matches!(tagged.command, Command::Other { .. });
    let name = if is_uid { wire.word() } else { name };
    pen.object(|pen| {
        match &tagged.command {
            Command::Login(_) => pen.kind("LOGIN")?,
            Command::Authenticate(_) => pen.kind("AUTHENTICATE")?,
            _ => pen.kind(name)?,
        }
        pen.fact("tag", tagged.tag.as_str())?;
        if is_uid {
            pen.key("uid")?;
            pen.boolean(true)?;
        }
        if matches!(tagged.command, Command::Other { .. }) {
            pen.key("known")?;
            pen.boolean(false)?;
        }
        if let Some(mailbox) = mailbox(&tagged.command) {
            pen.fact("mailbox", mailbox.to_text().as_bytes())?;
        }
        arguments(&tagged.command, wire, pen)
    })
}

fn arguments(command: &Command<'_>, mut wire: Wire<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    match command {
        Command::Login(login) => {
            pen.fact("user", login.user.as_bytes())?;
            pen.fact("password", HIDDEN)
        }
        Command::Authenticate(authenticate) => {
            pen.fact("mechanism", authenticate.mechanism.as_str())?;
            match authenticate.initial_response {
                Some(_) => pen.fact("initial_response", HIDDEN),
                None => Ok(()),
            }
        }
        _ if wire.rest().is_empty() && !pen.is_json() => Ok(()),
        _ => {
            pen.key("arguments")?;
            pen.list(|pen| wire.write(pen))
        }
    }
}

/// The mailbox that a command is about, or copies to.
const fn mailbox<'c, 'a>(command: &'c Command<'a>) -> Option<&'c Mailbox<'a>> {
    Some(match command {
        Command::Select(select) | Command::Examine(select) => &select.mailbox,
        Command::Create(create) => &create.mailbox,
        Command::Delete(mailbox)
        | Command::Subscribe(mailbox)
        | Command::Unsubscribe(mailbox)
        | Command::GetQuotaRoot(mailbox)
        | Command::GetAcl(mailbox)
        | Command::MyRights(mailbox) => mailbox,
        Command::Rename(rename) => &rename.from,
        Command::Status(query) => &query.mailbox,
        Command::Append(append) => &append.mailbox,
        Command::Replace(replace) => &replace.mailbox,
        Command::Copy(transfer) | Command::Move(transfer) => &transfer.target,
        Command::SetAcl(acl) => &acl.mailbox,
        Command::DeleteAcl(entry) | Command::ListRights(entry) => &entry.mailbox,
        Command::GetMetadata(get) => &get.mailbox,
        Command::SetMetadata(set) => &set.mailbox,
        _ => return None,
    })
}
