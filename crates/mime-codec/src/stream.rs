//! A message that streams through: octets in, in any chunking, events out, in memory that the limits bound.

mod layer;

use std::collections::VecDeque;

use rfc5322::{Malformed, RawField};

use crate::entity::{Found, Kind, Section};
use crate::transfer::Decoder;
use crate::{Defect, DefectKind, Limits, entity};
use layer::Layer;

/// Parses a message that streams through.
///
/// It finds what [`Message::parse`](crate::Message::parse) finds, with the same offsets and the same defects, whatever the
/// chunking; only the cuts of body octets depend on that. It holds at most a window of 16 KiB, or of one header field if that is longer
/// ([`Limits::field`]), for the message and for each transfer-encoded message inside that is being decoded
/// ([`Limits::decoded_layers`]).
///
/// 1. [`poll`](Self::poll) until it says [`Event::NeedInput`];
/// 2. [`push`](Self::push) octets: it takes as many as it has room for; or, at the end of the message, call
///    [`finish`](Self::finish);
/// 3. again, until [`Event::End`].
///
/// ```
/// use mime_codec::{Bodies, Event, StreamParser};
///
/// let mut parser = StreamParser::new(Bodies::Decoded);
/// let mut chunks = [&b"Content-Transfer-Enc"[..], b"oding: base64\r", b"\n\r\nS2V0", b"Y2h1cA=="].into_iter();
/// let mut unread: &[u8] = b"";
/// let mut body = Vec::new();
/// loop {
///     match parser.poll() {
///         Event::Body(octets) => body.extend_from_slice(octets),
///         Event::NeedInput if unread.is_empty() => match chunks.next() {
///             Some(chunk) => unread = chunk,
///             None => parser.finish(),
///         },
///         Event::NeedInput => {
///             let taken = parser.push(unread);
///             unread = &unread[taken..];
///         }
///         Event::End => break,
///         _ => {}
///     }
/// }
/// assert_eq!(body, b"Ketchup");
/// ```
#[derive(Debug)]
pub struct StreamParser {
    limits: Limits,
    bodies: Bodies,
    /// The message, and messages that are being decoded inside, each in the body of the one before.
    layers: Vec<Layer>,
    /// The layer whose octets are looked at; those above it wait for what it decodes.
    active: usize,
    defects: VecDeque<Defect>,
    /// Decoded octets that were told last.
    decoded: Vec<u8>,
    /// An end that waits until the last decoded octets were told.
    ending: Option<usize>,
}

/// How the bodies of leaves are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// As they stand.
    Raw,
    /// Without their transfer encoding.
    #[default]
    Decoded,
}

/// What a [`StreamParser`] found.
///
/// ```text
/// message  = entity End
/// entity   = PartBegins *(Field / Malformed) HeaderEnds content PartEnds
/// content  = *Body                                       ; a leaf
///          / *Preamble *entity *Epilogue                 ; a multipart
///          / entity                                      ; a message
/// ```
///
/// with `Defect` and `NeedInput` anywhere between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'p> {
    /// An entity begins.
    PartBegins {
        /// Where it stands among all entities of the message: [`Part::index`](crate::Part::index).
        index: usize,
        /// Octets before it, of the message or of the decoded message that it lies in.
        offset: usize,
        /// Whether it lies in a message that came transfer-encoded, so that offsets count in the decoded octets.
        is_decoded: bool,
    },
    /// A header field.
    Field(RawField<'p>),
    /// Lines in the header section that are no field.
    Malformed(Malformed<'p>),
    /// The header section is over.
    HeaderEnds {
        /// Octets before the body.
        body: usize,
        /// What the body is.
        content: Content,
    },
    /// Octets of the body of a leaf.
    Body(&'p [u8]),
    /// Octets of a multipart in front of its first part.
    Preamble(&'p [u8]),
    /// Octets of a multipart behind its last part.
    Epilogue(&'p [u8]),
    /// The entity that began last, and has not ended, ends.
    PartEnds {
        /// Octets before the end of its body, which is the line end in front of a delimiter line or the end of the message.
        body_end: usize,
    },
    /// Something that is wrong.
    Defect(Defect),
    /// All octets were looked at: [`push`](StreamParser::push) more, or [`finish`](StreamParser::finish).
    NeedInput,
    /// The message is over.
    End,
}

/// What the body of an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Octets.
    Leaf,
    /// Entities between delimiter lines.
    Multipart,
    /// One entity; a message that came transfer-encoded is decoded.
    Message,
}

/// What to tell next, without a hold on the octets.
enum Told {
    Begins,
    Field(entity::FieldPlace),
    Malformed { len: usize },
    HeaderEnds(Content),
    Octets(Section, usize),
    Decoded,
    Ends { body_end: usize },
    Defect(Defect),
    NeedInput,
    End,
}

impl StreamParser {
    /// A parser with the default [`Limits`].
    pub fn new(bodies: Bodies) -> Self {
        Self::within(bodies, Limits::default())
    }

    /// A parser with limits of one's own.
    pub fn within(bodies: Bodies, limits: Limits) -> Self {
        Self {
            limits,
            bodies,
            layers: vec![Layer::new(limits, 0, 0)],
            active: 0,
            defects: VecDeque::new(),
            decoded: Vec::new(),
            ending: None,
        }
    }

    /// Takes octets off the front of `input`, as many as there is room for, and returns how many. There is room for at least
    /// one when [`poll`](Self::poll) said [`Event::NeedInput`]. After [`finish`](Self::finish) none are taken.
    pub fn push(&mut self, input: &[u8]) -> usize {
        self.layers[0].push(input)
    }

    /// Says that the message has ended.
    pub fn finish(&mut self) {
        self.layers[0].finish();
    }

    /// Octets of the message in front of what was not looked at yet. Once [`poll`](Self::poll) said [`Event::NeedInput`], nothing that comes
    /// lies in front of it, but for the end of a multipart, which may be a line end earlier.
    pub fn position(&self) -> usize {
        self.layers[0].walker.position()
    }

    /// What comes next.
    pub fn poll(&mut self) -> Event<'_> {
        let told = self.advance();
        let layer = &self.layers[self.active];
        let walker = &layer.walker;
        match told {
            Told::Begins => Event::PartBegins {
                index: walker.parts() - 1,
                offset: walker.position(),
                is_decoded: self.active > 0,
            },
            Told::Field(place) => Event::Field(place.field_in(layer.window(), layer.base())),
            Told::Malformed { len } => Event::Malformed(Malformed {
                raw: layer.last(len),
                offset: walker.position() - len,
            }),
            Told::HeaderEnds(content) => Event::HeaderEnds {
                body: walker.position(),
                content,
            },
            Told::Octets(Section::Body, len) => Event::Body(layer.last(len)),
            Told::Octets(Section::Preamble, len) => Event::Preamble(layer.last(len)),
            Told::Octets(Section::Epilogue, len) => Event::Epilogue(layer.last(len)),
            Told::Decoded => Event::Body(&self.decoded),
            Told::Ends { body_end } => Event::PartEnds { body_end },
            Told::Defect(defect) => Event::Defect(defect),
            Told::NeedInput => Event::NeedInput,
            Told::End => Event::End,
        }
    }

    /// Goes on to what is told next.
    fn advance(&mut self) -> Told {
        loop {
            if let Some(defect) = self.defects.pop_front() {
                return Told::Defect(defect);
            }
            if let Some(body_end) = self.ending.take() {
                return Told::Ends { body_end };
            }
            if let Some(told) = self.step() {
                return told;
            }
        }
    }
}

/// The walk through the layers.
impl StreamParser {
    /// One step in the active layer. `None` when there is nothing to tell yet.
    fn step(&mut self) -> Option<Told> {
        let is_feeding = self.active + 1 < self.layers.len();
        let layer = &mut self.layers[self.active];
        let found = layer.step();
        self.defects.extend(layer.walker.take_defects());
        match found {
            Found::NeedInput if self.active == 0 => Some(Told::NeedInput),
            Found::NeedInput => {
                self.active -= 1;
                None
            }
            Found::Octets(_, len) if is_feeding => {
                self.feed(len);
                None
            }
            Found::Ends { body_end } if is_feeding => {
                self.end_feeding(body_end);
                None
            }
            Found::Done => self.end_layer(),
            Found::Begins => Some(Told::Begins),
            Found::Field(place) => Some(Told::Field(place)),
            Found::Malformed { len } => Some(Told::Malformed { len }),
            Found::HeaderEnds(kind) => Some(self.end_header(kind)),
            Found::Octets(Section::Body, len) if layer.decoder.is_some() => self.decode(len),
            Found::Octets(section, len) => Some(Told::Octets(section, len)),
            Found::Ends { body_end } => Some(self.end_part(body_end)),
        }
    }

    /// The header section is over: says how the body is read.
    fn end_header(&mut self, kind: Kind) -> Told {
        let layers = self.layers.len();
        let layer = &mut self.layers[self.active];
        layer.body = layer.walker.position();
        let is_decoded = self.bodies == Bodies::Decoded;
        let (content, encoding) = match kind {
            Kind::Leaf(encoding) => (Content::Leaf, encoding.filter(|_| is_decoded)),
            Kind::Multipart => (Content::Multipart, None),
            Kind::Message => (Content::Message, None),
            Kind::EncodedMessage(encoding) if layers > self.limits.decoded_layers() => {
                let kind = DefectKind::DecodedLayerLimit(self.limits.decoded_layers());
                let offset = layer.body;
                self.defects.push_back(Defect { offset, kind });
                (Content::Leaf, Some(encoding).filter(|_| is_decoded))
            }
            Kind::EncodedMessage(encoding) => {
                layer.decoder = Some(Decoder::new(encoding));
                let inner = Layer::new(self.limits, layer.walker.depth(), layer.walker.parts());
                self.layers.push(inner);
                return Told::HeaderEnds(Content::Message);
            }
        };
        layer.decoder = encoding.filter(|encoding| !encoding.is_identity()).map(Decoder::new);
        Told::HeaderEnds(content)
    }

    /// Decodes octets of the body of a leaf.
    fn decode(&mut self, len: usize) -> Option<Told> {
        let layer = &mut self.layers[self.active];
        self.decoded.clear();
        if let Some(mut decoder) = layer.decoder.take() {
            decoder.update(layer.last(len), &mut self.decoded);
            layer.decoder = Some(decoder);
        }
        (!self.decoded.is_empty()).then_some(Told::Decoded)
    }

    /// An entity ends; a leaf's last octets are told first.
    fn end_part(&mut self, body_end: usize) -> Told {
        self.decoded.clear();
        if let Some(mut decoder) = self.layers[self.active].decoder.take() {
            decoder.finish(&mut self.decoded);
            self.report(&decoder);
        }
        if self.decoded.is_empty() {
            return Told::Ends { body_end };
        }
        self.ending = Some(body_end);
        Told::Decoded
    }

    /// Decodes octets of a message into the layer above, and goes there.
    fn feed(&mut self, len: usize) {
        let (below, above) = self.layers.split_at_mut(self.active + 1);
        let (layer, inner) = (&mut below[self.active], &mut above[0]);
        if let Some(mut decoder) = layer.decoder.take() {
            decoder.update(layer.last(len), inner.fill());
            layer.decoder = Some(decoder);
        }
        self.active += 1;
    }

    /// The last octet of a message that is being decoded was seen: goes to the layer above, up to its end.
    fn end_feeding(&mut self, body_end: usize) {
        let (below, above) = self.layers.split_at_mut(self.active + 1);
        let (layer, inner) = (&mut below[self.active], &mut above[0]);
        layer.ending = Some(body_end);
        inner.finish();
        if let Some(mut decoder) = layer.decoder.take() {
            decoder.finish(inner.fill());
            self.report(&decoder);
        }
        self.active += 1;
    }

    /// The active layer is over: so is the entity below that it was decoded from.
    fn end_layer(&mut self) -> Option<Told> {
        if self.active == 0 {
            return Some(Told::End);
        }
        let parts = self.layers[self.active].walker.parts();
        self.layers.truncate(self.active);
        self.active -= 1;
        let layer = &mut self.layers[self.active];
        layer.walker.set_parts(parts);
        let body_end = layer.ending.take()?;
        Some(Told::Ends { body_end })
    }

    /// Tells what was wrong with a body of the active layer.
    fn report(&mut self, decoder: &Decoder) {
        let body = self.layers[self.active].body;
        self.defects.extend(decoder.defects().iter().map(|defect| Defect {
            offset: body + defect.offset,
            kind: defect.kind,
        }));
    }
}
