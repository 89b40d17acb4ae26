//! Transfer encodings and the other codecs.

use crate::Defect;
use crate::flowed::{DelSp, flow, unflow};
use crate::maildir::MaildirName;
use crate::mbox::{Event, FromLine, Reader, Variant, Writer};
use crate::tnef::{Tnef, decompress_rtf};
use crate::transfer::{Decoder, Encoder, TransferEncoding, decode, decode_octets, encode};

/// See `transfer`.
pub fn base64(data: &[u8]) {
    transfer(TransferEncoding::Base64, data);
}

/// See `transfer`; and text, too, comes back as it was.
pub fn quoted_printable(data: &[u8]) {
    transfer(TransferEncoding::QuotedPrintable, data);
    let mut encoder = Encoder::new(TransferEncoding::QuotedPrintable).text();
    let mut encoded = Vec::new();
    data.chunks(3).for_each(|piece| encoder.update(piece, &mut encoded));
    encoder.finish(&mut encoded);
    let decoded = decode(TransferEncoding::QuotedPrintable, &encoded);
    assert_eq!((&*decoded.octets, decoded.defect_count), (data, 0));
}

/// See `transfer`.
pub fn uuencode(data: &[u8]) {
    transfer(TransferEncoding::Uuencode, data);
    transfer(TransferEncoding::Uuencode, &[b"begin 644 a\n", data].concat());
}

/// See `transfer`.
pub fn yenc(data: &[u8]) {
    transfer(TransferEncoding::Yenc, data);
    transfer(
        TransferEncoding::Yenc,
        &[b"=ybegin line=128 size=9 name=a\n", data].concat(),
    );
}

/// Whole and in pieces the same comes out, with the same defects; and what was encoded decodes without any.
fn transfer(encoding: TransferEncoding, data: &[u8]) {
    let whole = decode(encoding, data);
    let most = match encoding {
        TransferEncoding::Uuencode => 32 * data.len(),
        _ => data.len(),
    };
    assert!(whole.octets.len() <= most);
    assert!(whole.defects.is_sorted_by_key(|defect| defect.offset));
    assert!(whole.defects.iter().all(|defect| defect.offset <= data.len()));
    assert_eq!(decode_octets(encoding, data), whole.octets);
    for size in [1, 3, 77] {
        let pieces = decoded_in_pieces(encoding, data, size);
        assert_eq!(pieces.0, *whole.octets);
        assert_eq!((pieces.1, pieces.2), (whole.defects.clone(), whole.defect_count));
    }
    let encoded = encode(encoding, data);
    assert!(
        encoded.split(|&octet| octet == b'\n').all(|line| line.len() <= 300),
        "lines have an end"
    );
    let again = decode(encoding, &encoded);
    assert_eq!((&*again.octets, again.defect_count), (data, 0));
}

fn decoded_in_pieces(encoding: TransferEncoding, data: &[u8], size: usize) -> (Vec<u8>, Vec<Defect>, usize) {
    let mut decoder = Decoder::new(encoding);
    let mut octets = Vec::new();
    data.chunks(size).for_each(|piece| decoder.update(piece, &mut octets));
    decoder.finish(&mut octets);
    (octets, decoder.defects().to_vec(), decoder.defect_count())
}

/// What was unflowed flows and unflows to the same, once spaces at the ends of paragraphs are gone.
pub fn flowed(data: &[u8]) {
    for del_sp in [DelSp::No, DelSp::Yes] {
        let once = unflow(&flow(&unflow(data, del_sp), 40, del_sp), del_sp)
            .into_iter()
            .map(crate::flowed::Paragraph::into_owned)
            .collect::<Vec<_>>();
        for width in [0, 20, 72] {
            assert_eq!(unflow(&flow(&once, width, del_sp), del_sp), once);
        }
    }
}

/// Whole and in pieces a file holds the same messages; and what was read of it, written as mboxrd, reads the same. Names of files
/// and lines in front of messages are read, too.
pub fn mbox(data: &[u8]) {
    for variant in [Variant::Mboxo, Variant::Mboxrd, Variant::Mboxcl2] {
        let whole = messages(variant, data, data.len().max(1));
        assert_eq!(messages(variant, data, 1), whole);
        assert_eq!(messages(variant, data, 5), whole);
        let mut file = Vec::new();
        let mut writer = Writer::new(Variant::Mboxrd);
        let Some(line) = FromLine::parse(b"From a") else {
            return;
        };
        for message in &whole.0 {
            writer.start(&line, &mut file);
            message.chunks(4).for_each(|piece| writer.write(piece, &mut file));
            writer.end(&mut file);
        }
        let read = messages(Variant::Mboxrd, &file, 3);
        assert_eq!(read.1, []);
        assert_eq!(read.0.len(), whole.0.len());
        for (read, written) in read.0.iter().zip(&whole.0) {
            assert_eq!(
                read.strip_suffix(b"\n").unwrap_or(read),
                written.strip_suffix(b"\n").unwrap_or(written)
            );
        }
    }
    if let Some(line) = FromLine::parse(data) {
        let mut written = Vec::new();
        line.write(&mut written);
        let again = FromLine::parse(&written)
            .and_then(|line| line.date)
            .map(|date| date.unix_seconds());
        assert_eq!(again, Some(line.date.map_or(0, |date| date.unix_seconds())));
    }
    if let Some(name) = MaildirName::parse(data) {
        let written = name.to_bytes();
        assert_eq!(MaildirName::parse(&written), Some(name));
    }
}

fn messages(variant: Variant, data: &[u8], size: usize) -> (Vec<Vec<u8>>, Vec<Defect>) {
    let (mut messages, mut defects) = (Vec::<Vec<u8>>::new(), Vec::new());
    let mut collect = |event: Event| match event {
        Event::Start(_) => messages.push(Vec::new()),
        Event::Octets(octets) => messages
            .last_mut()
            .expect("a message has begun")
            .extend_from_slice(octets),
        Event::End => {}
        Event::Defect(defect) => defects.push(defect),
    };
    let mut reader = Reader::new(variant);
    data.chunks(size).for_each(|piece| reader.update(piece, &mut collect));
    reader.finish(&mut collect);
    (messages, defects)
}

/// Whatever the octets, what is read lies in them, messages inside included.
pub fn tnef(data: &[u8]) {
    for input in [data.to_vec(), [&[0x78, 0x9f, 0x3e, 0x22, 0, 0], data].concat()] {
        let tnef = Tnef::parse(&input);
        let octets: usize = tnef.attachments.iter().map(|attachment| attachment.data.len()).sum();
        assert!(octets <= input.len());
        if let Some(rtf) = tnef.compressed_rtf {
            assert!(decompress_rtf(rtf).octets.len() <= 9 * rtf.len());
        }
    }
    assert!(decompress_rtf(data).octets.len() <= 9 * data.len());
}
