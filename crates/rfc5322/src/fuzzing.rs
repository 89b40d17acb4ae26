//! Properties for the fuzz targets, which are one line each. Also called by `tests/properties.rs`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{
    AddrSpec, Address, AddressList, CheckedAddress, DateTime, Field, FieldName, Fields, HeaderEnd, HeaderScanner,
    Keywords, ListId, ListUrls, LoopGuard, MsgId, MsgIdList, ReceivedClauses, Scan, parse_return_path,
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
    assert_raw_items_are_the_message(&whole, end, data);
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

/// The items as they stand, the empty line and the body are the message, octet by octet.
fn assert_raw_items_are_the_message(items: &[Vec<u8>], end: HeaderEnd, data: &[u8]) {
    let header = items.concat();
    let rest = data.strip_prefix(&*header).expect("the items stand at the beginning");
    let body = match end {
        HeaderEnd::EmptyLine { .. } => rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")),
        HeaderEnd::EndOfInput { .. } => Some(rest).filter(|rest| rest.is_empty()),
        HeaderEnd::NoHeader => Some(data),
    };
    assert_eq!(body, Some(&data[end.body()..]));
}

/// A date that was read is written so that it reads the same; what the strict parser takes, the lenient one does, too.
pub fn date(data: &[u8]) {
    let strict = DateTime::parse_strict(data);
    assert_eq!(strict.is_ok(), DateTime::defect(data).is_none());
    let Ok(date) = DateTime::parse(data) else {
        return assert!(strict.is_err());
    };
    assert!(strict.is_err() || strict == Ok(date));
    assert_eq!(DateTime::parse_strict(date.to_string().as_bytes()), Ok(date));
    assert_eq!(
        DateTime::parse(date.rfc3339().to_string().as_bytes()).map(|date| date.unix_seconds()),
        Ok(date.unix_seconds())
    );
    assert_eq!(
        DateTime::from_unix(date.unix_seconds(), date.zone()).map(|again| again.unix_seconds()),
        Ok(date.unix_seconds())
    );
}

/// Any octets are an address list: its parts stand in the value in order, what can be written reads the same again, and
/// strict is what has no defect.
pub fn address_list(data: &[u8]) {
    let list = AddressList::parse(data);
    assert!(list.defects().is_sorted_by_key(|defect| defect.offset));
    assert!(list.defects().iter().all(|defect| defect.offset <= data.len()));
    assert_eq!(AddressList::parse_strict(data).err(), list.defects().first().copied());
    let mut end = 0;
    for mailbox in list.mailboxes() {
        assert!(mailbox.offset() >= end);
        end = mailbox.offset() + mailbox.raw().len();
        assert_eq!(mailbox.raw(), &data[mailbox.offset()..end]);
        let _ = (
            mailbox.name().map(|name| name.unquoted()),
            mailbox.comments().count(),
            mailbox.to_string(),
        );
        if let Ok(address) = mailbox.addr_spec() {
            let written = alloc::format!("<{address}>");
            let again = AddressList::parse(written.as_bytes());
            assert!(
                again.first().is_some_and(|again| again.is_same_mailbox(&mailbox)),
                "{written:?}"
            );
            assert_eq!(again.mailboxes().count(), 1);
        }
    }
    let members: usize = list
        .iter()
        .map(|address| match address {
            Address::Mailbox(_) => 1,
            Address::Group(group) => group.members().count(),
        })
        .sum();
    assert_eq!(members, list.mailboxes().count());
    for checked in [CheckedAddress::parse(data), CheckedAddress::parse_smtp(data)]
        .into_iter()
        .flatten()
    {
        let mailboxes: Vec<_> = list
            .mailboxes()
            .map(|mailbox| (mailbox.local_part(), mailbox.domain()))
            .collect();
        assert_eq!(mailboxes, [(checked.local_part(), checked.domain())]);
    }
}

/// Any octets are a list of identifiers, keywords, list URLs: strict is what has no defect, and what can be written reads
/// the same again.
pub fn identifiers(data: &[u8]) {
    let list = MsgIdList::parse(data);
    assert_eq!(MsgIdList::parse_strict(data).err(), list.defects().first().copied());
    let ids: Vec<MsgId> = list.iter().filter_map(|id| id.msg_id().ok()).collect();
    let field = Field::msg_ids(&FieldName::REFERENCES, &ids);
    let again = MsgIdList::parse(field.value().as_bytes());
    assert!(again.iter().map(|id| id.msg_id()).eq(ids.into_iter().map(Ok)));
    let keywords = Keywords::parse(data);
    assert_eq!(Keywords::parse_strict(data).err(), keywords.defects().first().copied());
    assert!(
        keywords
            .iter()
            .all(|keyword| data[keyword.offset()..].starts_with(keyword.raw()))
    );
    let urls = ListUrls::parse(data);
    assert!(urls.iter().all(|url| data[url.offset()..].starts_with(url.raw())));
    let _ = (ListId::parse(data).map(|list| list.id().len()), parse_return_path(data));
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
