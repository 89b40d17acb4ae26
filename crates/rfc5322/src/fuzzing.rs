//! Properties for the fuzz targets, which are one line each. Also called by `tests/properties.rs`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{
    AddrSpec, DateTime, Field, FieldName, Fields, HeaderEnd, HeaderScanner, LoopGuard, MsgId, ReceivedClauses, Scan,
};

/// Whole, octet by octet and in pairs, a header section has the same fields.
pub fn header(data: &[u8]) {
    let mut fields = Fields::new(data);
    let whole: Vec<Vec<u8>> = fields
        .by_ref()
        .map(|field| match field {
            Ok(field) => field.raw.to_vec(),
            Err(malformed) => malformed.raw.to_vec(),
        })
        .collect();
    let end = fields.end().expect("the iterator has ended");
    assert!(end.body() <= data.len());
    for piece in [1, 2, data.len().max(1)] {
        assert_eq!(scanned(data, piece), (whole.clone(), end));
    }
    LoopGuard::of(data);
    for field in Fields::new(data).flatten() {
        let received = ReceivedClauses::parse(field.value);
        let _ = (
            received.client_address(),
            received.protocol(),
            received.recipient(),
            received.date_time(),
        );
    }
}

/// A date that was read is written so that it reads the same.
pub fn date(data: &[u8]) {
    for date in [DateTime::parse(data), DateTime::parse_lenient(data)]
        .into_iter()
        .flatten()
    {
        assert_eq!(DateTime::parse(date.to_string().as_bytes()), Ok(date));
        assert_eq!(
            DateTime::from_unix(date.unix_seconds(), date.zone()).map(|again| again.unix_seconds()),
            Ok(date.unix_seconds())
        );
    }
}

/// Addresses and message ids that were read are written so that they read the same.
pub fn address(data: &[u8]) {
    if let Ok(address) = AddrSpec::parse(data) {
        assert_eq!(AddrSpec::parse(address.to_string().as_bytes()), Ok(address));
    }
    if let Ok(id) = MsgId::parse(data) {
        assert_eq!(MsgId::parse(id.to_string().as_bytes()), Ok(id));
    }
}

/// Whatever the text, what is written is one field with lines of at most 998 octets.
pub fn field(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let name = FieldName::SUBJECT;
    for field in [Field::new(&name, &text), Field::lossy(&name, &text)]
        .into_iter()
        .flatten()
    {
        let mut fields = Fields::new(field.as_bytes());
        assert!(
            fields
                .next()
                .is_some_and(|field| field.is_ok_and(|field| field.is(&name)))
        );
        assert!(fields.next().is_none(), "one field");
        assert!(
            field
                .as_str()
                .split("\r\n")
                .all(|line| line.len() <= 998 && !line.contains(['\r', '\n', '\0']))
        );
    }
}

fn scanned(data: &[u8], piece: usize) -> (Vec<Vec<u8>>, HeaderEnd) {
    let mut scanner = HeaderScanner::new(usize::MAX);
    let mut items = Vec::new();
    let mut pieces = data.chunks(piece);
    let mut rest: &[u8] = &[];
    loop {
        let scan = scanner.scan(&mut rest);
        match scan {
            Scan::Field(field) => items.push(field.raw.to_vec()),
            Scan::Malformed(malformed) => items.push(malformed.raw.to_vec()),
            Scan::End(end) => return (items, end),
            Scan::OverLimit => unreachable!("there is no limit"),
            Scan::NeedInput => match pieces.next() {
                Some(piece) => rest = piece,
                None => break,
            },
        }
    }
    loop {
        match scanner.finish() {
            Scan::Field(field) => items.push(field.raw.to_vec()),
            Scan::Malformed(malformed) => items.push(malformed.raw.to_vec()),
            Scan::End(end) => return (items, end),
            Scan::NeedInput | Scan::OverLimit => unreachable!("the message has ended"),
        }
    }
}
