//! The short way for whole bodies that follow the rules, which most do.

/// Decodes a body without white space at the ends of lines, bare CR, and `=` that begin no escape; `None` for one that has some.
///
/// Hops from one octet that matters to the next, of which a line has few.
pub(super) fn decode(input: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some(at) = memchr::memchr3(b'=', b'\n', b'\r', rest) {
        let (text, stop) = rest.split_at(at);
        octets.extend_from_slice(text);
        rest = match stop {
            [b'=', ..] => escapes(stop, &mut octets)?,
            _ if ends_in_blank(text) => return None,
            [b'\r', b'\n', behind @ ..] => {
                octets.extend_from_slice(b"\r\n");
                behind
            }
            [b'\n', behind @ ..] => {
                octets.push(b'\n');
                behind
            }
            _ => return None,
        };
    }
    if ends_in_blank(rest) {
        return None;
    }
    octets.extend_from_slice(rest);
    Some(octets)
}

/// Decodes escapes and soft line breaks that stand one behind the other, as those of a character beyond ASCII do.
fn escapes<'i>(input: &'i [u8], octets: &mut Vec<u8>) -> Option<&'i [u8]> {
    let mut rest = input;
    loop {
        rest = match rest {
            [b'=', b'\r', b'\n', behind @ ..] | [b'=', b'\n', behind @ ..] => behind,
            [b'=', high, low, behind @ ..] => {
                octets.push(value(*high)? << 4 | value(*low)?);
                behind
            }
            [b'=', ..] => return None,
            _ => return Some(rest),
        };
    }
}

fn ends_in_blank(text: &[u8]) -> bool {
    matches!(text, [.., b' ' | b'\t'])
}

/// The value of a hexadecimal digit.
fn value(digit: u8) -> Option<u8> {
    Some(VALUES[digit as usize]).filter(|&value| value < 16)
}

const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 10 {
        values[b'0' as usize + value] = value as u8;
        value += 1;
    }
    while value < 16 {
        values[b'A' as usize + value - 10] = value as u8;
        values[b'a' as usize + value - 10] = value as u8;
        value += 1;
    }
    values
};
