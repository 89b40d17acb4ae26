//! From a tree of parts to a row of segments: types, encodings and boundaries are settled here.

use std::borrow::Cow;
use std::io::Read;

use memchr::memmem;
use rfc5322::Field;

use super::choice::{Traits, carries, for_octets};
use super::part::Content;
use super::{ComposeError, PartBuilder, Transport};
use crate::{ContentDisposition, ContentType, TransferEncoding};

/// A piece of the message, in order.
pub(super) enum Segment<'c> {
    /// As it stands.
    Octets(Vec<u8>),
    /// To be encoded; whether it is text.
    Body(Cow<'c, [u8]>, TransferEncoding, bool),
    /// To be read and encoded.
    Reader(Box<dyn Read + Send + 'c>, TransferEncoding),
}

/// What is left to do, the next on top.
enum Task<'c> {
    Part(PartBuilder<'c>),
    Octets(Vec<u8>),
}

/// Lays out a tree. `header` is what a message has in front of the root's own fields; a part that goes into another has none.
pub(super) fn lay_out<'c>(
    header: Option<Vec<u8>>,
    root: PartBuilder<'c>,
    transport: Transport,
) -> Result<Vec<Segment<'c>>, ComposeError> {
    let plan = Plan::of(&root, transport)?;
    let is_leaf_alone = header.is_some() && !matches!(root.content, Content::Parts(_));
    let mut assembly = Assembly {
        encodings: plan.encodings.into_iter(),
        seed: plan.seed,
        segments: Vec::new(),
        pending: header.unwrap_or_default(),
        boundaries: 0,
    };
    let mut tasks = vec![Task::Part(root)];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Octets(octets) => assembly.pending.extend_from_slice(&octets),
            Task::Part(part) => assembly.part(part, &mut tasks)?,
        }
    }
    if is_leaf_alone {
        assembly.end_last_line();
    }
    assembly.segments.push(Segment::Octets(assembly.pending));
    Ok(assembly.segments)
}

/// What has to be known before the first octet: encodings of parts, in the order of their begin, and boundaries that occur in none.
struct Plan {
    encodings: Vec<TransferEncoding>,
    /// No part that goes unencoded holds a boundary with this number.
    seed: u32,
}

impl Plan {
    fn of(root: &PartBuilder<'_>, transport: Transport) -> Result<Self, ComposeError> {
        let mut encodings: Vec<TransferEncoding> = Vec::new();
        let mut parents = Vec::new();
        let mut plain: Vec<&[u8]> = Vec::new();
        let mut tasks = vec![(root, 0)];
        while let Some((part, parent)) = tasks.pop() {
            let index = encodings.len();
            let encoding = encoding(part, transport)?;
            if let (true, Some(octets)) = (encoding.is_identity(), part.octets_in_memory()) {
                plain.push(octets);
            }
            encodings.push(encoding);
            parents.push(parent);
            if let Content::Parts(parts) = &part.content {
                tasks.extend(parts.iter().rev().map(|part| (part, index)));
            }
        }
        // A multipart is what the parts inside are (RFC 2045 §6.4). Parents stand in front of their children.
        for index in (1..encodings.len()).rev() {
            let parent = parents[index];
            encodings[parent] = wider(encodings[parent], encodings[index]);
        }
        let needs_boundary = encodings.len() > 1;
        let seed = (0..)
            .find(|&seed| !needs_boundary || !occurs(seed, &plain))
            .unwrap_or(u32::MAX);
        Ok(Self { encodings, seed })
    }
}

/// The transfer encoding of a part; of a multipart without regard to its parts.
fn encoding(part: &PartBuilder<'_>, transport: Transport) -> Result<TransferEncoding, ComposeError> {
    match &part.content {
        Content::Parts(parts) if parts.is_empty() => Err(ComposeError::EmptyMultipart),
        Content::Parts(_) => Ok(TransferEncoding::SevenBit),
        Content::Text(text) => Ok(Traits::encoding_for_text(text.as_bytes(), transport)),
        Content::Reader(_) => Ok(TransferEncoding::Base64),
        Content::Octets(octets) => {
            // Reports and the like are read by machines that expect lines; all else must arrive as it is.
            let content_type = &part.content_type;
            let is_lines =
                content_type.type_().eq_ignore_ascii_case("message") || content_type.is("text", "rfc822-headers");
            let natural = Traits::of_some(octets, is_lines).natural();
            let is_fit = is_lines && natural != TransferEncoding::Binary && carries(transport, natural);
            Ok(if is_fit { natural } else { for_octets(transport) })
        }
        Content::Message(message) => {
            let natural = Traits::of(message).natural();
            let is_fit = carries(transport, natural);
            is_fit.then_some(natural).ok_or(ComposeError::MessageNeedsTransport)
        }
    }
}

/// What holds octets of both kinds.
fn wider(a: TransferEncoding, b: TransferEncoding) -> TransferEncoding {
    match (a, b) {
        (TransferEncoding::Binary, _) | (_, TransferEncoding::Binary) => TransferEncoding::Binary,
        (TransferEncoding::EightBit, _) | (_, TransferEncoding::EightBit) => TransferEncoding::EightBit,
        _ => a,
    }
}

/// Base64 and quoted-printable never hold `=_`; what goes unencoded is searched.
fn occurs(seed: u32, plain: &[&[u8]]) -> bool {
    let stem = stem(seed);
    let finder = memmem::Finder::new(&stem);
    plain.iter().any(|octets| finder.find(octets).is_some())
}

fn stem(seed: u32) -> String {
    format!("=_{seed}.")
}

struct Assembly<'c> {
    encodings: std::vec::IntoIter<TransferEncoding>,
    seed: u32,
    segments: Vec<Segment<'c>>,
    /// Octets that go in front of the next body.
    pending: Vec<u8>,
    /// How many boundaries were made.
    boundaries: u32,
}

impl<'c> Assembly<'c> {
    /// Writes the header section of a part, and its body or what is to be done for it.
    fn part(&mut self, part: PartBuilder<'c>, tasks: &mut Vec<Task<'c>>) -> Result<(), ComposeError> {
        let encoding = self.encodings.next().unwrap_or(TransferEncoding::Base64);
        match part.content {
            Content::Parts(parts) => {
                let boundary = self.boundary();
                let content_type = part.content_type.with_param("boundary", &boundary)?;
                self.header(&content_type, part.disposition.as_ref(), &part.fields, encoding)?;
                push_parts(parts, &boundary, tasks);
                return Ok(());
            }
            _ => self.header(&part.content_type, part.disposition.as_ref(), &part.fields, encoding)?,
        }
        self.segments.push(Segment::Octets(std::mem::take(&mut self.pending)));
        self.segments.push(match part.content {
            Content::Text(Cow::Borrowed(text)) => Segment::Body(Cow::Borrowed(text.as_bytes()), encoding, true),
            Content::Text(Cow::Owned(text)) => Segment::Body(Cow::Owned(text.into_bytes()), encoding, true),
            Content::Octets(octets) | Content::Message(octets) => Segment::Body(octets, encoding, false),
            Content::Reader(source) => Segment::Reader(source, encoding),
            Content::Parts(_) => return Ok(()),
        });
        Ok(())
    }

    /// The fields of a part and the empty line.
    fn header(
        &mut self,
        content_type: &ContentType<'_>,
        disposition: Option<&ContentDisposition<'_>>,
        fields: &[Field],
        encoding: TransferEncoding,
    ) -> Result<(), ComposeError> {
        self.pending.extend_from_slice(content_type.to_field()?.as_bytes());
        if let Some(disposition) = disposition {
            self.pending.extend_from_slice(disposition.to_field()?.as_bytes());
        }
        for field in fields {
            self.pending.extend_from_slice(field.as_bytes());
        }
        if encoding != TransferEncoding::SevenBit {
            let value = encoding.as_str();
            self.pending.extend_from_slice(b"Content-Transfer-Encoding: ");
            self.pending.extend_from_slice(value.as_bytes());
            self.pending.extend_from_slice(b"\r\n");
        }
        self.pending.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// A boundary that is neither in a part nor the beginning of another.
    fn boundary(&mut self) -> String {
        self.boundaries += 1;
        format!("{}{}_=", stem(self.seed), self.boundaries)
    }

    /// A message that is no multipart ends with a line end, for it travels in lines.
    fn end_last_line(&mut self) {
        let is_open = match self.segments.last() {
            Some(Segment::Body(octets, encoding, _)) => {
                *encoding != TransferEncoding::Base64
                    && *encoding != TransferEncoding::Binary
                    && !octets.ends_with(b"\r\n")
            }
            _ => false,
        };
        if is_open {
            self.pending.extend_from_slice(b"\r\n");
        }
    }
}

/// The parts between their delimiter lines. The line end in front of a delimiter line belongs to it.
fn push_parts<'c>(parts: Vec<PartBuilder<'c>>, boundary: &str, tasks: &mut Vec<Task<'c>>) {
    tasks.push(Task::Octets(format!("\r\n--{boundary}--\r\n").into_bytes()));
    for (index, part) in parts.into_iter().enumerate().rev() {
        let line_end = if index == 0 { "" } else { "\r\n" };
        tasks.push(Task::Part(part));
        tasks.push(Task::Octets(format!("{line_end}--{boundary}\r\n").into_bytes()));
    }
}
