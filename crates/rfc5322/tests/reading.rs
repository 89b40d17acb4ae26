//! Reading header sections: every short message against a naive reading of it, and at every split.

use rfc5322::{Fields, HeaderEnd, HeaderScanner, Scan, unfold};

/// An item as owned values: name and value of a field, or the raw lines of what is none; with its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Field(String, Vec<u8>, usize),
    Malformed(Vec<u8>, usize),
}

impl Item {
    fn from_scan(scan: Scan<'_>) -> Result<Self, Scan<'static>> {
        match scan {
            Scan::Field(field) => Ok(Self::Field(field.name.into(), field.value.into(), field.offset)),
            Scan::Malformed(bad) => Ok(Self::Malformed(bad.raw.into(), bad.offset)),
            Scan::NeedInput => Err(Scan::NeedInput),
            Scan::End(end) => Err(Scan::End(end)),
            Scan::OverLimit => Err(Scan::OverLimit),
        }
    }
}

type Reading = (Vec<Item>, HeaderEnd);

fn read_whole(message: &[u8]) -> Reading {
    let mut fields = Fields::new(message);
    let items: Vec<Item> = fields
        .by_ref()
        .map(|item| match item {
            Ok(field) => Item::from_scan(Scan::Field(field)).unwrap(),
            Err(bad) => Item::from_scan(Scan::Malformed(bad)).unwrap(),
        })
        .collect();
    let mut again = Fields::new(message);
    assert_eq!(again.body(), fields.end().unwrap().body());
    (items, fields.end().unwrap())
}

fn read_chunks<'a>(limit: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Reading, Vec<Item>> {
    let mut scanner = HeaderScanner::new(limit);
    let mut items = Vec::new();
    for mut chunk in chunks {
        loop {
            match Item::from_scan(scanner.scan(&mut chunk)) {
                Ok(item) => items.push(item),
                Err(Scan::End(end)) => return Ok((items, end)),
                Err(Scan::OverLimit) => return Err(items),
                Err(_) => break,
            }
        }
        assert!(chunk.is_empty());
    }
    loop {
        match Item::from_scan(scanner.finish()) {
            Ok(item) => items.push(item),
            Err(Scan::End(end)) => return Ok((items, end)),
            Err(other) => panic!("{other:?} after the end"),
        }
    }
}

/// Reads line by line, by the words of RFC 5322 §2.1 and §2.2, without a thought for cost.
fn naive(message: &[u8]) -> Reading {
    let mut items = Vec::new();
    let mut field_seen = false;
    let mut lines: Vec<&[u8]> = message.split_inclusive(|&octet| octet == b'\n').collect();
    let mut offset = 0;
    while !lines.is_empty() {
        let first = lines.remove(0);
        if first == b"\r\n" || first == b"\n" {
            return (
                items,
                HeaderEnd::EmptyLine {
                    body: offset + first.len(),
                },
            );
        }
        if !field_seen && !first.contains(&b':') {
            return (items, HeaderEnd::NoHeader);
        }
        let mut raw = first.to_vec();
        while !lines.is_empty() && (lines[0][0] == b' ' || lines[0][0] == b'\t') {
            raw.extend(lines.remove(0));
        }
        let text = String::from_utf8(raw.clone()).unwrap();
        let field = text.split_once(':').filter(|(name, _)| {
            let name = name.trim_end_matches([' ', '\t']);
            !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic())
        });
        let length = raw.len();
        items.push(match field {
            Some((name, value)) => {
                field_seen = true;
                let value = value.strip_suffix("\r\n").or(value.strip_suffix('\n')).unwrap_or(value);
                Item::Field(name.trim_end().into(), value.into(), offset)
            }
            None => Item::Malformed(raw, offset),
        });
        offset += length;
    }
    (items, HeaderEnd::EndOfInput { body: offset })
}

/// Calls `check` with every string over the alphabet of up to `longest` octets.
fn every_string(alphabet: &[u8], longest: usize, mut check: impl FnMut(&[u8])) {
    let mut text = Vec::new();
    for length in 0..=longest {
        for number in 0..alphabet.len().pow(length as u32) {
            text.clear();
            let mut rest = number;
            for _ in 0..length {
                text.push(alphabet[rest % alphabet.len()]);
                rest /= alphabet.len();
            }
            check(&text);
        }
    }
}

#[test]
fn every_short_message_reads_as_the_naive_reader_says() {
    every_string(b"a: \r\n", 8, |message| {
        assert_eq!(
            read_whole(message),
            naive(message),
            "{:?}",
            message.escape_ascii().to_string()
        );
    });
}

#[test]
fn every_short_message_reads_the_same_at_every_split() {
    every_string(b"a: \r\n", 7, |message| {
        let whole = Ok(read_whole(message));
        let show = || message.escape_ascii().to_string();
        assert_eq!(
            read_chunks(99, message.chunks(1)),
            whole,
            "octet by octet: {:?}",
            show()
        );
        for cut in 0..=message.len() {
            let (head, tail) = message.split_at(cut);
            assert_eq!(read_chunks(99, [head, tail]), whole, "cut at {cut}: {:?}", show());
        }
    });
}

/// A message that lies within the limit reads as ever; of a longer one, whole fields within the limit come out.
#[test]
fn the_limit_is_exact_at_every_split() {
    every_string(b"a:\r\n", 7, |message| {
        let (items, end) = read_whole(message);
        let needed = match end {
            HeaderEnd::EmptyLine { body } => body,
            HeaderEnd::EndOfInput { .. } => message.len(),
            HeaderEnd::NoHeader => match message.iter().position(|&octet| octet == b'\n') {
                _ if !items.is_empty() => return,
                Some(lf) => lf + 1,
                None => message.len(),
            },
        };
        assert_eq!(read_chunks(needed, message.chunks(1)), Ok((items.clone(), end)));
        assert_eq!(read_chunks(needed, [message]), Ok((items.clone(), end)));
        if needed > 0 {
            let within = read_chunks(needed - 1, [message]).unwrap_err();
            assert_eq!(read_chunks(needed - 1, message.chunks(1)), Err(within.clone()));
            assert!(items.starts_with(&within));
        }
    });
}

#[test]
fn the_body_is_left_in_the_chunk() {
    let mut scanner = HeaderScanner::default();
    let mut chunk = &b"A: b\r\n\r\nbody"[..];
    assert!(matches!(scanner.scan(&mut chunk), Scan::Field(_)));
    assert_eq!(scanner.scan(&mut chunk), Scan::End(HeaderEnd::EmptyLine { body: 8 }));
    assert_eq!(chunk, b"body");
    assert_eq!(scanner.finish(), Scan::End(HeaderEnd::EmptyLine { body: 8 }));
}

#[test]
fn unfolding_is_removing_line_ends_before_white_space() {
    every_string(b"a \r\n", 8, |value| {
        let mut naive = Vec::new();
        let mut rest = value;
        while let Some(&octet) = rest.first() {
            if rest.starts_with(b"\r\n ") {
                rest = &rest[2..];
            } else if rest.starts_with(b"\n ") {
                rest = &rest[1..];
            } else {
                naive.push(octet);
                rest = &rest[1..];
            }
        }
        assert_eq!(unfold(value), naive, "{:?}", value.escape_ascii().to_string());
    });
}

/// threats: many small things, quadratic reads. Seconds would become hours if an octet were looked at again and again.
#[test]
fn hostile_header_sections_are_linear() {
    let many = b"A:\r\n".repeat(500_000);
    let bad = b"x\r\n".repeat(500_000);
    let folds = [&b"A:"[..], &b"\r\n ".repeat(500_000)].concat();
    let late_colon = [&b"(".repeat(500_000)[..], b":", &b"\r\n ".repeat(500_000)].concat();
    for message in [many, [&b"A:\r\n"[..], &bad].concat(), folds, late_colon] {
        let whole = read_whole(&message);
        assert_eq!(whole.1.body(), message.len());
        assert_eq!(read_chunks(usize::MAX, message.chunks(1)), Ok(whole));
    }
}
