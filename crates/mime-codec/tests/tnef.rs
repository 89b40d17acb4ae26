//! TNEF that is built here, read back whole, cut and damaged.

use mime_codec::DefectKind;
use mime_codec::tnef::{AttachMethod, MAX_ATTACHMENTS, Text, Tnef, decompress_rtf};
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

/// Octets of TNEF, attribute by attribute.
struct Builder(Vec<u8>);

impl Builder {
    fn new() -> Self {
        Self(vec![0x78, 0x9f, 0x3e, 0x22, 1, 0])
    }

    fn attribute(mut self, level: u8, id: u32, data: &[u8]) -> Self {
        self.0.push(level);
        self.0.extend(id.to_le_bytes());
        self.0.extend((data.len() as u32).to_le_bytes());
        self.0.extend(data);
        let sum = data.iter().fold(0u16, |sum, octet| sum.wrapping_add((*octet).into()));
        self.0.extend(sum.to_le_bytes());
        self
    }
}

/// A list of properties.
#[derive(Default)]
struct Properties(u32, Vec<u8>);

impl Properties {
    fn tag(mut self, id: u16, kind: u16) -> Self {
        self.0 += 1;
        self.1.extend(kind.to_le_bytes());
        self.1.extend(id.to_le_bytes());
        self
    }

    fn raw(mut self, octets: &[u8]) -> Self {
        self.1.extend(octets);
        self
    }

    fn value(mut self, octets: &[u8]) -> Self {
        self.1.extend((octets.len() as u32).to_le_bytes());
        self.1.extend(octets);
        self.1.resize(self.1.len().next_multiple_of(4), 0);
        self
    }

    fn counted(self, id: u16, kind: u16, octets: &[u8]) -> Self {
        self.tag(id, kind).raw(&1u32.to_le_bytes()).value(octets)
    }

    fn build(self) -> Vec<u8> {
        [self.0.to_le_bytes().to_vec(), self.1].concat()
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn message() -> Vec<u8> {
    let message = Properties::default()
        .tag(0x0e07, 3)
        .raw(&7u32.to_le_bytes())
        .counted(0x0037, 0x1f, &utf16("Grüße 🐈"))
        .tag(0x8001, 0x101e)
        .raw(&[9; 16])
        .raw(&1u32.to_le_bytes())
        .value(&utf16("keywords"))
        .raw(&2u32.to_le_bytes())
        .value(b"a\0")
        .value(b"bcd\0")
        .tag(0x8002, 3)
        .raw(&[9; 16])
        .raw(&[0; 4])
        .raw(&[1; 4])
        .raw(&[0; 4])
        .counted(0x1013, 0x102, b"<p>Hi")
        .counted(0x1009, 0x102, b"rtf!")
        .build();
    let cat = Properties::default()
        .counted(0x3707, 0x1f, &utf16("A long name.txt"))
        .counted(0x370e, 0x1e, b"text/plain\0")
        .counted(0x3712, 0x1e, b"cat@crepes.fr\0")
        .tag(0x3705, 3)
        .raw(&1u32.to_le_bytes())
        .build();
    let embedded = Properties::default()
        .counted(0x3701, 0x0d, &[&[7u8; 16][..], &Builder::new().0].concat())
        .tag(0x3705, 3)
        .raw(&5u32.to_le_bytes())
        .counted(0x3001, 0x1e, b"Another message\0")
        .build();
    Builder::new()
        .attribute(1, 0x0008_9006, &[0, 0, 1, 0])
        .attribute(1, 0x0006_9007, &1252u32.to_le_bytes())
        .attribute(1, 0x0007_8008, b"IPM.Microsoft Mail.Note\0")
        .attribute(1, 0x0001_8004, b"Gr\xfc\xdfe\0")
        .attribute(1, 0x0002_800c, b"Hi\0")
        .attribute(1, 0x0006_9003, &message)
        .attribute(2, 0x0006_9002, &[1; 14])
        .attribute(2, 0x0001_8010, b"ALONGN~1.TXT\0")
        .attribute(2, 0x0006_800f, b"Meow\0meow")
        .attribute(2, 0x0006_9005, &cat)
        .attribute(2, 0x0006_9002, &[1; 14])
        .attribute(2, 0x0006_9005, &embedded)
        .0
}

fn text(text: &Option<Text>) -> String {
    text.as_ref()
        .map_or_else(String::new, |text| text.to_text().into_owned())
}

#[test]
fn a_message_with_attachments() {
    let octets = message();
    let tnef = Tnef::parse(&octets);
    assert_eq!(tnef.defects, []);
    assert_eq!(text(&tnef.message_class), "IPM.Microsoft Mail.Note");
    assert_eq!(text(&tnef.subject), "Grüße 🐈");
    assert_eq!(text(&tnef.body), "Hi");
    assert_eq!(
        (tnef.html, tnef.compressed_rtf),
        (Some(&b"<p>Hi"[..]), Some(&b"rtf!"[..]))
    );
    assert_eq!(tnef.code_page, Some(1252));
    let [cat, embedded] = tnef.attachments.as_slice() else {
        panic!("{:?}", tnef.attachments);
    };
    assert_eq!(text(&cat.title), "ALONGN~1.TXT");
    assert_eq!(cat.file_name().unwrap().to_text(), "A long name.txt");
    assert_eq!(text(&cat.mime_tag), "text/plain");
    assert_eq!(text(&cat.content_id), "cat@crepes.fr");
    assert_eq!(cat.method, AttachMethod::ByValue);
    // docs/threats.md row 21
    assert_eq!(cat.data, b"Meow\0meow");
    assert_eq!(embedded.method, AttachMethod::EmbeddedMessage);
    assert_eq!(embedded.file_name().unwrap().to_text(), "Another message");
    assert_eq!(Tnef::parse(embedded.data), Tnef::default());
}

/// Cut anywhere, what was there before the cut is kept, and a cut inside an attribute is told.
#[test]
fn truncated_messages() {
    let octets = message();
    let whole = Tnef::parse(&octets);
    let mut boundaries = 0;
    for cut in 6..octets.len() {
        let tnef = Tnef::parse(&octets[..cut]);
        let truncated = tnef
            .defects
            .iter()
            .any(|defect| defect.kind == DefectKind::TnefTruncated);
        boundaries += usize::from(!truncated);
        assert!(tnef.attachments.len() <= whole.attachments.len());
        if cut > octets.len() - 20 {
            assert_eq!(tnef.attachments[0], whole.attachments[0]);
        }
    }
    assert_eq!(
        boundaries, 12,
        "between the twelve attributes, and in front of the first"
    );
    let in_data = octets.windows(4).position(|four| four == b"Meow").unwrap() + 4;
    assert_eq!(Tnef::parse(&octets[..in_data]).attachments[0].data, b"Meow");
}

#[test]
fn what_is_wrong_and_where() {
    let kinds = |octets: &[u8]| -> Vec<_> {
        let tnef = Tnef::parse(octets);
        tnef.defects.iter().map(|defect| (defect.offset, defect.kind)).collect()
    };
    assert_eq!(kinds(b""), [(0, DefectKind::TnefSignature)]);
    assert_eq!(kinds(b"PK\x03\x04"), [(0, DefectKind::TnefSignature)]);
    let mut damaged = Builder::new().attribute(1, 0x0002_800c, b"Hi\0").0;
    damaged[15] ^= 1;
    assert_eq!(kinds(&damaged), [(6, DefectKind::TnefChecksum)]);
    assert_eq!(text(&Tnef::parse(&damaged).body), "Ii");
    assert_eq!(
        kinds(&Builder::new().attribute(3, 1, b"").0),
        [(6, DefectKind::TnefLevel)]
    );
    let bad = Properties::default()
        .counted(0x37, 0x1e, b"a\0")
        .tag(0x38, 0x0fff)
        .counted(0x1000, 0x1e, b"b\0")
        .build();
    let bad = Builder::new().attribute(1, 0x0006_9003, &bad).0;
    assert_eq!(kinds(&bad), [(6 + 9 + 4 + 16, DefectKind::TnefProperty)]);
    assert_eq!(text(&Tnef::parse(&bad).subject), "a");
}

/// Numbers that a sender makes up cost nothing (docs/threats.md rows 10 and 11).
#[test]
fn made_up_numbers() {
    let many = u32::MAX.to_le_bytes();
    for (kind, value) in [
        (0x1001u16, &many[..]),
        (0x1003, &many),
        (0x101e, &many),
        (0x1e, &many),
        (1, &[]),
    ] {
        let list = Properties::default().tag(0x37, kind).raw(value).build();
        let list = [&many[..], &list[4..]].concat();
        Tnef::parse(&Builder::new().attribute(1, 0x0006_9003, &list).0);
    }
    let mut builder = Builder::new();
    for _ in 0..MAX_ATTACHMENTS + 10 {
        builder = builder.attribute(2, 0x0006_9002, b"");
    }
    let tnef = Tnef::parse(&builder.0);
    assert_eq!((tnef.attachments.len(), tnef.defect_count), (MAX_ATTACHMENTS, 1));
    assert_eq!(tnef.defects[0].kind, DefectKind::TnefAttachments);
}

/// Compresses as the format's decompressor reads it: the longest match of the last octets, tried one by one.
fn compress(data: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut at = 0;
    let mut ended = false;
    while !ended {
        let mut control = 0;
        let mut items = Vec::new();
        for item in 0..8 {
            let best = (1..=at.min(4000))
                .map(|back| {
                    let length = (0..17)
                        .take_while(|step| data.get(at + step) == Some(&data[at - back + step]))
                        .count();
                    (length, back)
                })
                .max_by_key(|(length, back)| (*length, usize::MAX - back))
                .filter(|(length, _)| *length >= 2);
            if at == data.len() {
                control |= 1 << item;
                items.extend(((((207 + at) % 4096) << 4) as u16).to_be_bytes());
                ended = true;
                break;
            }
            match best {
                Some((length, back)) => {
                    control |= 1 << item;
                    items.extend(((((207 + at - back) % 4096) << 4 | (length - 2)) as u16).to_be_bytes());
                    at += length;
                }
                None => {
                    items.push(data[at]);
                    at += 1;
                }
            }
        }
        body.push(control);
        body.extend(items);
    }
    let crc = body.iter().fold(0u32, |crc, &octet| {
        (0..8).fold(crc ^ u32::from(octet), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    let mut packed = ((body.len() + 12) as u32).to_le_bytes().to_vec();
    packed.extend((data.len() as u32).to_le_bytes());
    packed.extend(b"LZFu");
    packed.extend(crc.to_le_bytes());
    packed.extend(body);
    packed
}

#[test]
fn compressed_rtf_begins_with_known_words() {
    // One reference to the first 17 octets of the window, then the end.
    let mut packed = compress(b"");
    packed.splice(16.., [0b11, 0, 15, 0x0e, 0x00]);
    packed[..8].copy_from_slice(&[17, 0, 0, 0, 17, 0, 0, 0]);
    let decoded = decompress_rtf(&packed);
    assert_eq!(decoded.octets, &b"{\\rtf1\\ansi\\mac\\d"[..]);
    assert_eq!(decoded.defects[0].kind, DefectKind::RtfChecksum);
}

/// docs/threats.md row 15: what comes out is bounded by what went in.
#[test]
fn compressed_rtf_does_not_explode() {
    let mut bomb = compress(b"");
    bomb.truncate(16);
    bomb[..8].fill(0xff);
    for _ in 0..10_000 {
        bomb.extend([0xff; 1]);
        bomb.extend([0, 15].repeat(8));
    }
    let decoded = decompress_rtf(&bomb);
    assert!(decoded.octets.len() <= 9 * bomb.len() && decoded.defect_count > 0);
}

proptest! {
    #[test]
    fn what_was_compressed_decompresses(words in prop::collection::vec(prop::sample::select(&["\\par ", "a", "é", "{\\b hello}"][..]), 0..600)) {
        let data = words.concat().into_bytes();
        let packed = compress(&data);
        let decoded = decompress_rtf(&packed);
        prop_assert_eq!(&*decoded.octets, &data);
        prop_assert_eq!(&decoded.defects, &vec![]);
        let cut = decompress_rtf(&packed[..packed.len() - 1]);
        prop_assert!(cut.defect_count > 0 && data.starts_with(&cut.octets));
    }

    #[test]
    fn any_octets(data in prop::collection::vec(any::<u8>(), 0..300), place in 0usize..600, octet: u8) {
        let tnef = [&[0x78, 0x9f, 0x3e, 0x22, 0, 0][..], &data].concat();
        Tnef::parse(&tnef);
        decompress_rtf(&data);
        let mut damaged = message();
        let place = place % damaged.len();
        damaged[place] = octet;
        Tnef::parse(&damaged);
    }
}
