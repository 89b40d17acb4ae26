//! Values of header fields.

use std::io;

use mime_codec::rfc5322::{Address, AddressList, CheckedAddress, DateError, DateTime, Mailbox, SyntaxError};
use mime_codec::{decode_phrase, display_name};

use crate::output::{Accepted, Refused};
use crate::pen::Pen;

/// One address, accepted or refused.
pub(crate) fn address(octets: &[u8], smtp: bool) -> Result<Accepted<'_>, Refused> {
    let parse = if smtp {
        CheckedAddress::parse_smtp
    } else {
        CheckedAddress::parse
    };
    let address = parse(octets).map_err(expected)?;
    Ok(Box::new(move |pen| {
        pen.object(|pen| {
            pen.fact("local", address.local_part())?;
            pen.fact("domain", address.domain())
        })
    }))
}

/// The value of `From`, `To` and their like.
pub(crate) fn address_list(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let list = match strict {
        true => AddressList::parse_strict(octets).map_err(|defect| refused(&defect.kind, defect.offset))?,
        false => AddressList::parse(octets),
    };
    Ok(Box::new(move |pen| write_addresses(&list, pen)))
}

/// The value of `Date`.
pub(crate) fn date(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let parse = if strict {
        DateTime::parse_strict
    } else {
        DateTime::parse
    };
    let date = parse(octets).map_err(|error| match error {
        DateError::Syntax(error) => expected(error),
        other => refused(&other, other.offset()),
    })?;
    Ok(Box::new(move |pen| {
        pen.object(|pen| pen.fact("rfc3339", date.rfc3339().to_string()))
    }))
}

/// Mailboxes and groups.
pub(crate) fn write_addresses(list: &AddressList<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.lines(|pen| list.iter().try_for_each(|address| write_address(address, pen)))
}

fn write_address(address: Address<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    match address {
        Address::Mailbox(mailbox) => write_mailbox(mailbox, pen),
        Address::Group(group) => pen.object(|pen| {
            pen.fact("group", decode_phrase(&group.name()).text.as_bytes())?;
            pen.key("members")?;
            pen.list(|pen| group.members().try_for_each(|member| write_mailbox(member, pen)))
        }),
    }
}

fn write_mailbox(mailbox: Mailbox<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        match display_name(&mailbox) {
            Some(name) => pen.fact("name", name.as_bytes())?,
            None => {
                pen.key("name")?;
                pen.none()?;
            }
        }
        pen.fact("address", mailbox.address())
    })
}

fn expected(error: SyntaxError) -> Refused {
    refused(&format_args!("expected {}", error.expected), error.offset)
}

fn refused(error: &dyn std::fmt::Display, offset: usize) -> Refused {
    Refused {
        error: error.to_string(),
        offset,
    }
}
