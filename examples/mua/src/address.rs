//! Addresses on the command line.

use mime_codec::display_name;
use rfc5322::{AddrSpec, AddressList};
use smtp_proto::Mailbox;

use crate::failure::Failure;

/// Somebody who writes or gets a message.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    /// Empty when there is none.
    pub(crate) name: String,
    /// As it is written, its domain in ASCII.
    pub(crate) address: String,
    /// For the envelope.
    pub(crate) mailbox: Mailbox,
}

impl Party {
    /// For a header field.
    pub(crate) fn pair(&self) -> (String, String) {
        (self.name.clone(), self.address.clone())
    }
}

/// The mailboxes of a list, those in groups too. `what` is the option that holds it.
pub(crate) fn parse(what: &str, list: &str) -> Result<Vec<Party>, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("{what} {list}: {why}")).hint("as in: Bob <bob@example.org>, carol@example.org")
    };
    let parsed = AddressList::parse_strict(list.as_bytes()).map_err(|defect| wrong(defect.to_string()))?;
    let parties: Result<Vec<_>, _> = parsed
        .mailboxes()
        .map(|mailbox| party(&mailbox).map_err(&wrong))
        .collect();
    parties
}

fn party(mailbox: &rfc5322::Mailbox<'_>) -> Result<Party, String> {
    let octets = mailbox.address();
    let text = str::from_utf8(&octets).map_err(|error| error.to_string())?;
    let spec = AddrSpec::parse_utf8(text).map_err(|error| error.to_string())?;
    let address = spec.with_ascii_domain().map_err(|error| error.to_string())?.to_string();
    Ok(Party {
        name: display_name(mailbox).map(|name| name.into_owned()).unwrap_or_default(),
        mailbox: Mailbox::parse_utf8(&address).map_err(|error| error.to_string())?,
        address,
    })
}

/// The one author.
pub(crate) fn one(what: &str, text: &str) -> Result<Party, Failure> {
    let mut parties = parse(what, text)?;
    match (parties.pop(), parties.is_empty()) {
        (Some(party), true) => Ok(party),
        _ => Err(Failure::usage(format!("{what} {text}: one address is wanted"))),
    }
}
