//! What a parser saw, in a form that both can be brought into.

use crate::{Bodies, Content, Defect, Event, Limits, Message, StreamParser, TransferEncoding, transfer};

/// Everything about a message, with bodies as they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    entities: Vec<Entity>,
    defects: Vec<Defect>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entity {
    parent: Option<usize>,
    offset: usize,
    body: usize,
    end: usize,
    is_decoded: bool,
    content: Content,
    fields: Vec<(usize, String, Vec<u8>)>,
    preamble: Vec<u8>,
    octets: Vec<u8>,
    epilogue: Vec<u8>,
    encoding: Option<TransferEncoding>,
}

impl Outline {
    /// The same with the bodies of leaves as a stream parser tells them.
    pub(super) fn seen_as(&self, bodies: Bodies) -> Self {
        let mut seen = self.clone();
        for entity in &mut seen.entities {
            if let Some(encoding) = entity.encoding.take()
                && bodies == Bodies::Decoded
                && !encoding.is_identity()
            {
                let decoded = transfer::decode(encoding, &entity.octets);
                seen.defects.extend(decoded.defects.iter().map(|defect| Defect {
                    offset: entity.body + defect.offset,
                    ..*defect
                }));
                entity.octets = decoded.octets.to_vec();
            }
        }
        seen.sorted()
    }

    fn sorted(mut self) -> Self {
        self.defects.sort_by_key(|defect| (defect.offset, defect.kind.name()));
        self
    }
}

pub(super) fn of_message(message: &[u8], limits: &Limits) -> Outline {
    let message = Message::parse_within(message, limits);
    let entities = message.parts().map(|part| Entity {
        parent: part.parent().map(|parent| parent.index()),
        offset: part.offset(),
        body: part.offset() + part.raw_header().len(),
        end: part.offset() + part.raw().len(),
        is_decoded: part.is_decoded(),
        content: if part.is_multipart() {
            Content::Multipart
        } else if part.is_message() {
            Content::Message
        } else {
            Content::Leaf
        },
        fields: part
            .header()
            .fields()
            .map(|field| (field.offset, field.name.to_owned(), field.value.to_vec()))
            .collect(),
        preamble: part.preamble().to_vec(),
        octets: if part.is_leaf() {
            part.raw_body().to_vec()
        } else {
            Vec::new()
        },
        epilogue: part.epilogue().to_vec(),
        encoding: part.transfer_encoding().filter(|_| part.is_leaf()),
    });
    Outline {
        entities: entities.collect(),
        defects: message.defects().to_vec(),
    }
    .sorted()
}

pub(super) fn of_stream(message: &[u8], limits: Limits, bodies: Bodies, chunk: usize) -> Outline {
    let mut parser = StreamParser::within(bodies, limits);
    let mut outline = Outline::default();
    let mut open: Vec<usize> = Vec::new();
    let mut unread = message;
    loop {
        match parser.poll() {
            Event::NeedInput if unread.is_empty() => parser.finish(),
            Event::NeedInput => {
                let taken = parser.push(&unread[..chunk.min(unread.len())]);
                assert!(taken > 0, "a parser that needs input takes some");
                unread = &unread[taken..];
            }
            Event::End => break,
            Event::Defect(defect) => outline.defects.push(defect),
            Event::PartBegins {
                index,
                offset,
                is_decoded,
            } => {
                assert_eq!(index, outline.entities.len());
                outline.entities.push(begun(open.last().copied(), offset, is_decoded));
                open.push(index);
            }
            event => tell(&mut outline.entities, &mut open, event),
        }
    }
    assert!(open.is_empty(), "every entity ended");
    outline.sorted()
}

fn begun(parent: Option<usize>, offset: usize, is_decoded: bool) -> Entity {
    Entity {
        parent,
        offset,
        body: 0,
        end: 0,
        is_decoded,
        content: Content::Leaf,
        fields: Vec::new(),
        preamble: Vec::new(),
        octets: Vec::new(),
        epilogue: Vec::new(),
        encoding: None,
    }
}

/// Events about the entity that began last.
fn tell(entities: &mut [Entity], open: &mut Vec<usize>, event: Event<'_>) {
    let entity = &mut entities[*open.last().expect("inside of an entity")];
    match event {
        Event::Field(field) => entity
            .fields
            .push((field.offset, field.name.to_owned(), field.value.to_vec())),
        Event::HeaderEnds { body, content } => (entity.body, entity.content) = (body, content),
        Event::Body(octets) => entity.octets.extend_from_slice(octets),
        Event::Preamble(octets) => entity.preamble.extend_from_slice(octets),
        Event::Epilogue(octets) => entity.epilogue.extend_from_slice(octets),
        Event::PartEnds { body_end } => {
            entity.end = body_end;
            open.pop();
        }
        _ => {}
    }
}
