//! The flat table of a message's entities and fields, and how it is filled.

use std::ops::Range;

use crate::entity::{FieldPlace, Found, Kind, Section, Walker};
use crate::{Defect, DefectKind, Limits, TransferEncoding, transfer};

/// Where everything is. Entities stand in the order of their begin: a parent in front of its children, siblings in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) entities: Vec<Entity>,
    pub(super) fields: Vec<FieldPlace>,
    pub(super) defects: Vec<Defect>,
    /// The layer of each defect, in which its offset counts.
    pub(super) defect_layers: Vec<usize>,
    /// The contents of messages that came transfer-encoded.
    pub(super) decoded: Vec<Vec<u8>>,
}

/// One entity. Offsets count in its layer.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    /// 0 for the message as it came, above it one of the decoded messages.
    pub(super) layer: usize,
    pub(super) parent: Option<usize>,
    /// Index of the first entity that does not lie inside.
    pub(super) next: usize,
    pub(super) start: usize,
    pub(super) body: usize,
    pub(super) end: usize,
    /// Its fields, among all fields.
    pub(super) fields: Range<usize>,
    pub(super) shape: Shape,
}

/// What an entity is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Leaf,
    Multipart { preamble: usize, epilogue: usize },
    Message,
    EncodedMessage,
}

/// Takes a message apart.
pub(super) fn parse(octets: &[u8], limits: &Limits) -> Table {
    let mut filler = Filler {
        limits: *limits,
        ..Filler::default()
    };
    filler.table.fields.reserve(ORDINARY_HEADER);
    let mut decoded: Vec<Vec<u8>> = Vec::new();
    // Most messages are the only one: the layers around the innermost are few, and mostly none.
    let mut around: Vec<Layer> = Vec::new();
    let mut layer = Layer {
        index: 0,
        walker: Walker::new(*limits, 0, 0),
    };
    loop {
        let window = layer.index.checked_sub(1).map_or(octets, |index| &decoded[index]);
        filler.layers_left = limits.decoded_layers().saturating_sub(around.len());
        let encoded = filler.fill(&mut layer, window);
        let content = encoded.map(|message| filler.decode(&message, window));
        // All that was found by now and has no layer yet belongs to this one.
        filler
            .table
            .defect_layers
            .resize(filler.table.defects.len(), layer.index);
        if let Some(content) = content {
            let walker = Walker::new(*limits, layer.walker.depth() + 1, layer.walker.parts());
            decoded.push(content);
            let index = decoded.len();
            around.push(std::mem::replace(&mut layer, Layer { index, walker }));
            continue;
        }
        let Some(outer) = around.pop() else {
            break;
        };
        let parts = layer.walker.parts();
        layer = outer;
        layer.walker.set_parts(parts);
        filler.end_innermost();
    }
    Table {
        decoded,
        ..filler.table
    }
}

/// As many fields as most messages have at most, so that the table need not grow step by step.
const ORDINARY_HEADER: usize = 32;

/// The same for the entities of messages that have more than one.
const ORDINARY_PARTS: usize = 15;

/// A message that is being taken apart: the one that came, or one that was decoded in it.
struct Layer {
    index: usize,
    walker: Walker,
}

/// A message that has to be decoded before it can be taken apart.
struct Encoded {
    encoding: TransferEncoding,
    body: Range<usize>,
}

#[derive(Default)]
struct Filler {
    table: Table,
    /// Indices of the entities that have not ended, and how the last one is encoded.
    open: Vec<usize>,
    encoding: Option<TransferEncoding>,
    limits: Limits,
    /// How many messages may be decoded inside the one that is being taken apart.
    layers_left: usize,
}

impl Filler {
    /// Goes on in a layer up to the next message that has to be decoded, which stays open, or to the layer's end.
    fn fill(&mut self, layer: &mut Layer, window: &[u8]) -> Option<Encoded> {
        loop {
            let rest = &window[layer.walker.position()..];
            let found = layer.walker.step(rest, true);
            if layer.walker.has_defects() {
                self.table.defects.extend(layer.walker.take_defects());
            }
            match found {
                Found::Begins => self.begin(layer),
                Found::Field(place) => self.table.fields.push(place),
                Found::Malformed { .. } => {}
                Found::HeaderEnds(kind) => self.end_header(kind, layer.walker.position()),
                Found::Octets(section, len) => self.count(section, len),
                Found::Ends { body_end } => {
                    if let Some(encoded) = self.end(body_end) {
                        return Some(encoded);
                    }
                }
                Found::NeedInput | Found::Done => return None,
            }
        }
    }

    fn begin(&mut self, layer: &Layer) {
        let index = self.table.entities.len();
        if index == 1 {
            self.table.entities.reserve(ORDINARY_PARTS);
        }
        let position = layer.walker.position();
        let fields = self.table.fields.len();
        self.table.entities.push(Entity {
            layer: layer.index,
            parent: self.open.last().copied(),
            next: index + 1,
            start: position,
            body: position,
            end: position,
            fields: fields..fields,
            shape: Shape::Leaf,
        });
        self.open.push(index);
    }

    fn innermost(&mut self) -> Option<&mut Entity> {
        let index = *self.open.last()?;
        self.table.entities.get_mut(index)
    }

    fn end_header(&mut self, kind: Kind, position: usize) {
        let fields = self.table.fields.len();
        let shape = match kind {
            Kind::Leaf(_) => Shape::Leaf,
            Kind::Multipart => Shape::Multipart {
                preamble: 0,
                epilogue: 0,
            },
            Kind::Message => Shape::Message,
            Kind::EncodedMessage(_) if self.layers_left == 0 => {
                let kind = DefectKind::DecodedLayerLimit(self.limits.decoded_layers());
                let offset = position;
                self.table.defects.push(Defect { offset, kind });
                Shape::Leaf
            }
            Kind::EncodedMessage(encoding) => {
                self.encoding = Some(encoding);
                Shape::EncodedMessage
            }
        };
        if let Some(entity) = self.innermost() {
            entity.body = position;
            entity.fields.end = fields;
            entity.shape = shape;
        }
    }

    fn count(&mut self, section: Section, len: usize) {
        if let Some(Entity {
            shape: Shape::Multipart { preamble, epilogue },
            ..
        }) = self.innermost()
        {
            match section {
                Section::Preamble => *preamble += len,
                Section::Epilogue => *epilogue += len,
                Section::Body => {}
            }
        }
    }

    fn end(&mut self, body_end: usize) -> Option<Encoded> {
        let entity = self.innermost()?;
        entity.end = body_end;
        if entity.shape == Shape::EncodedMessage {
            let body = entity.body..body_end;
            let encoding = self.encoding.take()?;
            return Some(Encoded { encoding, body });
        }
        self.end_innermost();
        None
    }

    fn end_innermost(&mut self) {
        let next = self.table.entities.len();
        if let Some(entity) = self.innermost() {
            entity.next = next;
        }
        self.open.pop();
    }

    /// Decodes a message, and tells what is wrong with its encoding.
    fn decode(&mut self, message: &Encoded, window: &[u8]) -> Vec<u8> {
        let decoded = transfer::decode(message.encoding, &window[message.body.clone()]);
        self.table.defects.extend(decoded.defects.iter().map(|defect| Defect {
            offset: message.body.start + defect.offset,
            kind: defect.kind,
        }));
        decoded.octets.into_owned()
    }
}
