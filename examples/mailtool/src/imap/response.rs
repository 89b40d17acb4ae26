//! Responses as facts.

use std::io;

use imap_proto::{
    Capability, Code, Condition, Data, FetchItem, Found, ListedMailbox, MailboxStatus, Reading, Response, Spelling,
    Status, Text,
};

use crate::imap::wire::Wire;
use crate::imap::{fetch, whole};
use crate::output::{Refused, refused};
use crate::pen::Pen;

/// One response.
pub(crate) fn parse(octets: &[u8], strict: bool) -> Result<Response<'_>, Refused> {
    let reading = if strict { Reading::STRICT } else { Reading::LENIENT };
    let response = whole(octets, Response::parse(octets, reading))?;
    match &response {
        Response::Untagged(Data::Fetch(fetch)) if strict => intact(fetch.items())?,
        _ => {}
    }
    Ok(response)
}

/// An item that cannot be read is shown beside its good neighbours, but it is no FETCH item.
fn intact(items: &[FetchItem<'_>]) -> Result<(), Refused> {
    let fault = items.iter().find_map(|item| match item {
        FetchItem::Invalid { why, .. } => Some(why),
        _ => None,
    });
    fault.map_or(Ok(()), |why| Err(refused(why.expected, why.offset)))
}

/// Kind, and tag, code, text or data.
pub(crate) fn describe(response: Response<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| match response {
        Response::Continuation(continuation) => {
            pen.kind("continuation")?;
            words(continuation.code, &continuation.text, pen)
        }
        Response::Tagged { tag, status } => {
            pen.kind(status.condition.as_str())?;
            pen.fact("tag", tag.as_str())?;
            words(status.code, &status.text, pen)
        }
        Response::Untagged(Data::Status(status)) => {
            pen.kind(status.condition.as_str())?;
            words(status.code, &status.text, pen)
        }
        Response::Untagged(data) => untagged(data, pen),
    })
}

fn words(code: Option<Code<'_>>, text: &Text<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    if let Some(code) = code {
        pen.key("code")?;
        self::code(code, pen)?;
    }
    pen.fact("text", text.as_bytes())
}

/// `{"name": …, "arguments": […]}`
fn code(code: Code<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let mut octets = Vec::new();
    let status = Status {
        condition: Condition::Ok,
        code: Some(code),
        text: Text::default(),
    };
    Response::Untagged(Data::Status(status)).encode(Spelling::SERVER, &mut octets);
    let inner = octets
        .strip_prefix(b"* OK [")
        .and_then(|rest| rest.strip_suffix(b"] \r\n"));
    let mut wire = Wire::new(inner.unwrap_or_default());
    let name = wire.word();
    if !pen.is_json() {
        return pen.text(inner.unwrap_or_default());
    }
    pen.object(|pen| {
        pen.fact("name", name)?;
        pen.key("arguments")?;
        pen.list(|pen| wire.write(pen))
    })
}

fn untagged(data: Data<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    match data {
        Data::Fetch(data) => fetch::describe(data, pen),
        Data::Capability(capabilities) => self::capabilities("CAPABILITY", &capabilities, pen),
        Data::Enabled(capabilities) => self::capabilities("ENABLED", &capabilities, pen),
        Data::Search(found) => self::found("SEARCH", &found, pen),
        Data::Sort(found) => self::found("SORT", &found, pen),
        Data::List(listed) => self::listed("LIST", listed, pen),
        Data::Lsub(listed) => self::listed("LSUB", listed, pen),
        Data::XList(listed) => self::listed("XLIST", listed, pen),
        Data::MailboxStatus(status) => mailbox_status(status, pen),
        data => other(data, pen),
    }
}

fn capabilities(kind: &str, capabilities: &[Capability<'_>], pen: &mut Pen<'_>) -> io::Result<()> {
    pen.kind(kind)?;
    pen.texts("capabilities", capabilities.iter().map(Capability::as_str))
}

fn found(kind: &str, found: &Found, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.kind(kind)?;
    pen.key("numbers")?;
    pen.list(|pen| {
        found
            .numbers()
            .iter()
            .try_for_each(|number| pen.number(number.get().into()))
    })?;
    match found.highest_mod_sequence() {
        Some(highest) => {
            pen.key("modseq")?;
            pen.number(highest.get())
        }
        None => Ok(()),
    }
}

fn listed(kind: &str, mut listed: ListedMailbox<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.kind(kind)?;
    pen.fact("mailbox", listed.mailbox.to_text().as_bytes())?;
    pen.fact("wire", listed.mailbox.as_wire())?;
    pen.key("delimiter")?;
    match listed.delimiter {
        Some(delimiter) => pen.text([delimiter.get()])?,
        None => pen.none()?,
    }
    pen.texts("attributes", listed.attributes.iter().map(ToString::to_string))?;
    if listed.extended.is_empty() {
        return Ok(());
    }
    listed.attributes.clear();
    let octets = written(Data::List(listed));
    let mut wire = Wire::new(&octets);
    // LIST () "/" name
    wire.word();
    for _ in 0..4 {
        wire.next();
    }
    pen.key("extended")?;
    wire.write_value(pen)
}

fn mailbox_status(status: MailboxStatus<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.kind("STATUS")?;
    pen.fact("mailbox", status.mailbox.to_text().as_bytes())?;
    pen.fact("wire", status.mailbox.as_wire())?;
    let octets = written(Data::MailboxStatus(status));
    let mut wire = Wire::new(&octets);
    // STATUS name (
    for _ in 0..3 {
        wire.next();
    }
    pen.key("items")?;
    pen.entries(|pen| {
        while let name @ [_, ..] = wire.word() {
            pen.entry(name, |pen| wire.write_value(pen))?;
        }
        Ok(())
    })
}

/// `23 EXISTS`, and all that has no better form: kind and nested lists.
fn other(data: Data<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    let is_known = !matches!(data, Data::Other { .. });
    let octets = written(data);
    let mut wire = Wire::new(&octets);
    let first = wire.word();
    let number = str::from_utf8(first).ok().and_then(|word| word.parse::<u32>().ok());
    pen.kind(if number.is_some() { wire.word() } else { first })?;
    if !is_known {
        pen.key("known")?;
        pen.boolean(false)?;
    }
    if let Some(number) = number {
        pen.key("number")?;
        pen.number(number.into())?;
    }
    if number.is_some() && wire.rest().is_empty() {
        return Ok(());
    }
    pen.key("data")?;
    pen.list(|pen| wire.write(pen))
}

/// In the spelling of the wire, without `* ` and CRLF.
pub(crate) fn written(data: Data<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    Response::Untagged(data).encode(Spelling::SERVER, &mut octets);
    octets.truncate(octets.len() - b"\r\n".len());
    octets.drain(..b"* ".len());
    octets
}
