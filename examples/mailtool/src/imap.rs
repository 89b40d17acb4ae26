//! IMAP commands, responses and mailbox names.

mod command;
mod fetch;
mod response;
mod wire;

use std::borrow::Cow;

use imap_proto::{Need, Parsed, SyntaxError, mutf7};

use crate::output::{Accepted, Refused, refused};

/// A command with its tag.
pub(crate) fn command(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let tagged = command::parse(octets, strict)?;
    Ok(Box::new(move |pen| command::describe(&tagged, pen)))
}

/// A response.
pub(crate) fn response(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let response = response::parse(octets, strict)?;
    Ok(Box::new(move |pen| response::describe(response, pen)))
}

/// From modified UTF-7. Without `strict` a name that is not canonical is kept as it stands on the wire, and names in UTF-8 are read, which
/// servers send to those that have enabled it.
pub(crate) fn decode_name(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let foreign = octets.iter().position(|octet| !octet.is_ascii()).filter(|_| strict);
    if let Some(offset) = foreign {
        return Err(refused("modified UTF-7", offset));
    }
    let name = match mutf7::decode(octets) {
        Ok(name) => Cow::Owned(name.into_owned().into_bytes()),
        Err(_) if !strict => Cow::Borrowed(octets),
        Err(error) => return Err(refused(error.expected, error.offset)),
    };
    Ok(Box::new(move |pen| pen.text(name)))
}

/// To modified UTF-7.
pub(crate) fn encode_name(octets: &[u8]) -> Result<Accepted<'_>, Refused> {
    let name = str::from_utf8(octets).map_err(|fault| refused("UTF-8", fault.valid_up_to()))?;
    Ok(Box::new(move |pen| pen.text(mutf7::encode(name))))
}

/// The value, when it is all of the input.
fn whole<T>(octets: &[u8], parsed: Result<Parsed<T>, SyntaxError>) -> Result<T, Refused> {
    match parsed {
        Ok(Parsed::Complete { value, octets: used }) if used == octets.len() => Ok(value),
        Ok(Parsed::Complete { octets: used, .. }) => Err(refused("nothing behind the end of the line", used)),
        Ok(Parsed::Incomplete(Need::Line)) => Err(refused("CRLF", octets.len())),
        Ok(Parsed::Incomplete(Need::Literal { missing, .. })) => {
            Err(refused(&format!("{missing} more octets of a literal"), octets.len()))
        }
        Err(error) => Err(refused(error.expected, error.offset)),
    }
}
