//! A message for people: who wrote what to whom, the tree of parts, and what is wrong with it, in words.

use std::io::{self, Write};

use mail_wire::Escaped;
use mime_codec::rfc5322::Address;
use mime_codec::{Defect, Message, Part, decode_phrase, decode_text, display_name};

/// What of a message is shown besides its tree.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    /// Every field of the header section in place of the best known ones.
    pub(crate) all_fields: bool,
    /// The text of text parts.
    pub(crate) text: bool,
}

pub(crate) fn message(
    message: &Message<'_>,
    file: &str,
    defects: &[Defect],
    shown: Shown,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "{} ({} octets)\n",
        Escaped(file.as_bytes()),
        message.octets().len()
    )?;
    match shown.all_fields {
        true => all_fields(message, out)?,
        false => summary(message, out)?,
    }
    write!(out, "\n{}", message.outline())?;
    if shown.text {
        let is_text = |part: &Part<'_>| part.is_leaf() && part.content_type().is_text();
        message.parts().filter(is_text).try_for_each(|part| text(&part, out))?;
    }
    wrong(defects, out)
}

fn summary(message: &Message<'_>, out: &mut dyn Write) -> io::Result<()> {
    let header = message.header();
    let lists = [("From", header.from()), ("To", header.to()), ("Cc", header.cc())];
    for (name, list) in lists
        .iter()
        .filter(|(name, list)| *name == "From" || list.iter().next().is_some())
    {
        write!(out, "{name}: ")?;
        let mut separator = "";
        for item in list.iter() {
            write!(out, "{separator}")?;
            address(item, out)?;
            separator = ", ";
        }
        writeln!(out, "{}", if separator.is_empty() { "(nobody)" } else { "" })?;
    }
    let subject = message.subject();
    let subject = subject.as_deref().map_or("(none)", str::trim);
    writeln!(out, "Subject: {}", Escaped(subject.as_bytes()))?;
    match (message.date(), header.text("Date")) {
        (Some(date), _) => writeln!(out, "Date: {}", date.rfc3339()),
        (None, Some(unreadable)) => writeln!(out, "Date: {} (not understood)", Escaped(unreadable.trim().as_bytes())),
        (None, None) => Ok(()),
    }
}

fn address(address: Address<'_>, out: &mut dyn Write) -> io::Result<()> {
    match address {
        Address::Mailbox(mailbox) => match display_name(&mailbox) {
            Some(name) => write!(out, "{} <{}>", Escaped(name.as_bytes()), Escaped(&mailbox.address())),
            None => write!(out, "{}", Escaped(&mailbox.address())),
        },
        Address::Group(group) => {
            let name = decode_phrase(&group.name()).text;
            write!(out, "{}: {} members", Escaped(name.as_bytes()), group.members().count())
        }
    }
}

fn all_fields(message: &Message<'_>, out: &mut dyn Write) -> io::Result<()> {
    message.header().fields().try_for_each(|field| {
        let value = decode_text(field.value).text;
        writeln!(
            out,
            "{}: {}",
            Escaped(field.name.as_bytes()),
            Escaped(value.trim().as_bytes())
        )
    })
}

/// Line by line: escaped, but for the tabs, which do no harm.
fn text(part: &Part<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nText of the part at {}:", part.offset())?;
    let text = part.text();
    for line in text.lines() {
        out.write_all(b"  | ")?;
        for (i, piece) in line.split('\t').enumerate() {
            write!(out, "{}{}", if i > 0 { "\t" } else { "" }, Escaped(piece.as_bytes()))?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn wrong(defects: &[Defect], out: &mut dyn Write) -> io::Result<()> {
    match defects.len() {
        0 => return writeln!(out, "\nNo defects."),
        1 => writeln!(out, "\n1 defect:")?,
        n => writeln!(out, "\n{n} defects:")?,
    }
    defects
        .iter()
        .try_for_each(|defect| writeln!(out, "  at {}: {} ({})", defect.offset, defect.kind, defect.kind.name()))
}
