//! What a submission server does to a message before it goes on (RFC 6409 §8): the blind recipients are taken out, and
//! what is missing is put in.

use rfc5322::{AddrSpec, DateTime, Field, FieldName, FieldSplit, MsgId};

/// Edits the header section of a message that streams through; the body passes as it is.
///
/// `Bcc` and `Resent-Bcc` go, since all copies are the same (RFC 5322 §3.6.3). `Date`, `Message-ID` and `From` come where
/// they are missing (RFC 6409 §8.2, §8.3), behind the others. All other octets stay, whatever the chunks.
///
/// Holds one field at a time. A header section beyond 128 KiB is edited no further, which [`finish`](Self::finish) tells:
/// such a message should be refused, for a blind recipient may be named in the rest.
///
/// ```
/// use mailhost::submission::{Completion, HeaderEditor};
/// use rfc5322::{AddrSpec, DateTime, MsgId, Zone};
///
/// let mut editor = HeaderEditor::new(Completion {
///     date: DateTime::from_unix(1_057_049_557, Zone::UTC)?,
///     message_id: MsgId::new("17.spoon", "crepes.fr")?,
///     from: Some(AddrSpec::parse(b"alice@crepes.fr")?),
/// });
/// let mut message = Vec::new();
/// editor.push(b"From: alice@crepes.fr\r\nBcc: chef@crepes.fr,\r\n kim@crepes.fr\r\nSub", &mut message);
/// editor.push(b"ject: lunch\r\n\r\nAt noon?\r\n", &mut message);
/// editor.finish(&mut message)?;
/// assert_eq!(
///     String::from_utf8(message)?,
///     "From: alice@crepes.fr\r\nSubject: lunch\r\nDate: Tue, 01 Jul 2003 08:52:37 +0000\r\n\
///      Message-ID: <17.spoon@crepes.fr>\r\n\r\nAt noon?\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct HeaderEditor {
    completion: Completion,
    place: Place,
    /// Octets that are not given yet: a field as far as it is known, and from `line` on the line that goes on.
    held: Vec<u8>,
    line: usize,
    /// Octets of the header section so far.
    seen: usize,
    has: Has,
}

/// What a message gets that lacks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The time of submission.
    pub date: DateTime,
    /// An identifier that no other message has.
    pub message_id: MsgId,
    /// Who has logged in, or the reverse-path; `None`: nobody is known, and a message without `From` stays so.
    pub from: Option<AddrSpec>,
}

/// The header section is longer than is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the header section is longer than {LIMIT} octets")]
pub struct TooLong;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// No field was seen yet: there may be no header section.
    Start,
    Header,
    Body,
    /// In a header section beyond the limit.
    Beyond,
}

/// Which fields were seen.
#[derive(Debug, Default)]
struct Has {
    date: bool,
    message_id: bool,
    from: bool,
}

impl HeaderEditor {
    /// For a message that gets what it lacks from `completion`.
    pub fn new(completion: Completion) -> Self {
        Self {
            completion,
            place: Place::Start,
            held: Vec::new(),
            line: 0,
            seen: 0,
            has: Has::default(),
        }
    }

    /// The next octets of the message; what is ready goes to `out`.
    pub fn push(&mut self, mut octets: &[u8], out: &mut Vec<u8>) {
        while matches!(self.place, Place::Start | Place::Header) && !octets.is_empty() {
            let end = memchr::memchr(b'\n', octets).map_or(octets.len(), |lf| lf + 1);
            let (piece, rest) = octets.split_at(end);
            octets = rest;
            self.held.extend_from_slice(piece);
            self.seen += piece.len();
            if piece.ends_with(b"\n") {
                self.line(out);
            }
            if self.seen > LIMIT && self.place != Place::Body {
                self.place = Place::Beyond;
                out.append(&mut self.held);
            }
        }
        out.extend_from_slice(octets);
    }

    /// The message has ended; what is left goes to `out`.
    ///
    /// # Errors
    ///
    /// [`TooLong`]: the header section was not edited to its end.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        match self.place {
            Place::Body => return Ok(()),
            Place::Beyond => return Err(TooLong),
            Place::Start | Place::Header => {}
        }
        if self.line < self.held.len() {
            // A last line without an end is one.
            self.line(out);
        }
        if self.place != Place::Body {
            self.end_field(out);
            if !out.is_empty() && !out.ends_with(b"\n") {
                out.extend_from_slice(b"\r\n");
            }
            self.complete(out);
        }
        self.place = Place::Body;
        Ok(())
    }

    /// A line is whole: it goes on with the field, begins another, or ends the header section.
    fn line(&mut self, out: &mut Vec<u8>) {
        let line = &self.held[self.line..];
        let goes_on = self.line > 0 && matches!(line.first(), Some(b' ' | b'\t'));
        if goes_on {
            self.line = self.held.len();
            return;
        }
        let is_empty = matches!(line, b"\r\n" | b"\n");
        let is_field = FieldSplit::of(line).is_some();
        let line = self.held.split_off(self.line);
        self.end_field(out);
        if is_empty || !is_field && self.place == Place::Start {
            self.complete(out);
            // A message that begins with its body gets a header section, and the line that ends it.
            out.extend_from_slice(if is_empty { b"" } else { b"\r\n" });
            out.extend_from_slice(&line);
            self.place = Place::Body;
            return;
        }
        self.place = Place::Header;
        self.held = line;
        self.line = self.held.len();
    }

    /// The field that was held is whole: it passes, or is dropped.
    fn end_field(&mut self, out: &mut Vec<u8>) {
        self.line = 0;
        let field = std::mem::take(&mut self.held);
        let name = FieldSplit::of(&field).map(|split| field[..split.name_len].to_ascii_lowercase());
        match name.as_deref() {
            Some(b"bcc" | b"resent-bcc") => return,
            Some(b"date") => self.has.date = true,
            Some(b"message-id") => self.has.message_id = true,
            Some(b"from") => self.has.from = true,
            _ => {}
        }
        out.extend_from_slice(&field);
    }

    fn complete(&mut self, out: &mut Vec<u8>) {
        if let (false, Some(from)) = (self.has.from, &self.completion.from) {
            let mut writer = rfc5322::AddressListWriter::utf8(&FieldName::FROM);
            if writer.mailbox("", from).is_ok() {
                out.extend_from_slice(writer.finish().as_bytes());
            }
        }
        if !self.has.date {
            out.extend_from_slice(Field::date(&FieldName::DATE, self.completion.date).as_bytes());
        }
        if !self.has.message_id {
            let ids = [&self.completion.message_id];
            out.extend_from_slice(Field::msg_ids(&FieldName::MESSAGE_ID, ids).as_bytes());
        }
    }
}

/// Octets of header section that are looked at.
const LIMIT: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rfc5322::Zone;

    use super::*;

    fn completion() -> Completion {
        Completion {
            date: DateTime::from_unix(1_057_049_557, Zone::UTC).unwrap(),
            message_id: MsgId::new("17", "crepes.fr").unwrap(),
            from: Some(AddrSpec::parse(b"alice@crepes.fr").unwrap()),
        }
    }

    fn edited(message: &[u8], size: usize) -> Result<Vec<u8>, TooLong> {
        let mut editor = HeaderEditor::new(completion());
        let mut out = Vec::new();
        message.chunks(size).for_each(|chunk| editor.push(chunk, &mut out));
        editor.finish(&mut out)?;
        Ok(out)
    }

    const DATE: &str = "Date: Tue, 01 Jul 2003 08:52:37 +0000\r\n";
    const ID: &str = "Message-ID: <17@crepes.fr>\r\n";
    const FROM: &str = "From: alice@crepes.fr\r\n";

    #[test]
    fn fields_go_and_come_at_every_split() {
        let all = "fRoM: x@y.z\r\ndate: d\r\nMESSAGE-ID: <i>\r\n";
        for (message, expected) in [
            (format!("{all}\r\nbody\r\nBcc: stays\r\n"), format!("{all}\r\nbody\r\nBcc: stays\r\n")),
            (format!("bcc: a\r\n{all}Bcc : b\r\n c\r\n\td\r\nRESENT-bcc: e\r\n\r\n"), format!("{all}\r\n")),
            (format!("{all}Bcc: a"), all.to_owned()),
            (format!("{all}X: a\r\n b"), format!("{all}X: a\r\n b\r\n")),
            ("X: 1\r\n\r\nhi".to_owned(), format!("X: 1\r\n{FROM}{DATE}{ID}\r\nhi")),
            ("Hello\r\nyou: there\r\n".to_owned(), format!("{FROM}{DATE}{ID}\r\nHello\r\nyou: there\r\n")),
            ("\r\nhi".to_owned(), format!("{FROM}{DATE}{ID}\r\nhi")),
            (String::new(), format!("{FROM}{DATE}{ID}")),
            ("X: 1\r\nodd line\r\n Bcc: folded\r\n\r\n".to_owned(), format!("X: 1\r\nodd line\r\n Bcc: folded\r\n{FROM}{DATE}{ID}\r\n")),
        ] {
            for size in 1..=message.len().max(1) {
                let out = edited(message.as_bytes(), size).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{message:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn an_endless_header_is_told() {
        let long = "X: y\r\n".repeat(LIMIT / 6 + 2);
        assert_eq!(edited(long.as_bytes(), 1000), Err(TooLong));
        let line = "x".repeat(LIMIT + 1);
        assert_eq!(edited(format!("X: {line}").as_bytes(), 7), Err(TooLong));
    }

    proptest! {
        /// Any message, cut anywhere: no blind recipient is left, and what there is below passes.
        #[test]
        fn chunking_never_matters(
            fields in proptest::collection::vec("(Bcc|Date|X|Resent-Bcc|odd)[: ]?[ab]{0,3}(\r\n [ab]{0,2})?\r\n", 0..8),
            size in 1..40usize,
        ) {
            let message = format!("{}\r\nthe body\r\n", fields.concat());
            let whole = edited(message.as_bytes(), message.len()).unwrap();
            prop_assert_eq!(&edited(message.as_bytes(), size).unwrap(), &whole);
            let text = String::from_utf8(whole).unwrap();
            prop_assert!(text.ends_with("\r\nthe body\r\n"));
            let header = rfc5322::Fields::new(text.as_bytes()).flatten().map(|field| field.name.to_owned());
            prop_assert!(header.into_iter().all(|name| !name.to_lowercase().ends_with("bcc")), "{}", text);
        }
    }
}
