//! Charsets of seven bits that change their meaning by escapes, turned into what `encoding_rs` reads.

/// How octets become those of another encoding.
#[derive(Debug, Clone)]
pub(super) enum Escapes {
    /// ISO-2022-JP without escapes that another one follows directly. Mail has them where every character was encoded by
    /// itself; the WHATWG's decoder, which is made for the Web, calls them an attack.
    Japanese { waits: Vec<u8>, held: Vec<u8> },
    /// ISO-2022-KR (RFC 1557) as EUC-KR: SO and SI shift, and the designation at the start means nothing more.
    Korean { held: Vec<u8>, is_shifted: bool },
    /// HZ (RFC 1843) as GBK: `~{` and `~}` shift.
    Hz { has_tilde: bool, is_shifted: bool },
}

impl Escapes {
    pub(super) const JAPANESE: Self = Self::Japanese {
        waits: Vec::new(),
        held: Vec::new(),
    };
    pub(super) const KOREAN: Self = Self::Korean {
        held: Vec::new(),
        is_shifted: false,
    };
    pub(super) const HZ: Self = Self::Hz {
        has_tilde: false,
        is_shifted: false,
    };

    /// The octets for `encoding_rs`.
    pub(super) fn turn(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len() + 8);
        for &octet in octets {
            match self {
                Self::Japanese { waits, held } => japanese(waits, held, octet, &mut out),
                Self::Korean { held, is_shifted } => korean(held, is_shifted, octet, &mut out),
                Self::Hz { has_tilde, is_shifted } => hz(has_tilde, is_shifted, octet, &mut out),
            }
        }
        out
    }

    /// What was held back for more octets that never came.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        match self {
            Self::Japanese { waits, held } => {
                let mut out = std::mem::take(waits);
                out.append(held);
                out
            }
            Self::Korean { held, .. } => std::mem::take(held),
            Self::Hz { has_tilde, .. } => vec![b'~'; usize::from(std::mem::take(has_tilde))],
        }
    }
}

/// `waits` is a whole escape, `held` the beginning of one.
fn japanese(waits: &mut Vec<u8>, held: &mut Vec<u8>, octet: u8, out: &mut Vec<u8>) {
    if octet == ESC || !held.is_empty() {
        if octet == ESC && !held.is_empty() {
            out.append(waits);
            out.append(held);
        }
        held.push(octet);
        if held.len() < 3 {
            return;
        }
        if matches!(held[1..], [b'(', b'B' | b'J' | b'I'] | [b'$', b'@' | b'B']) {
            *waits = std::mem::take(held);
        } else {
            out.append(waits);
            out.append(held);
        }
        return;
    }
    out.append(waits);
    out.push(octet);
}

fn korean(held: &mut Vec<u8>, is_shifted: &mut bool, octet: u8, out: &mut Vec<u8>) {
    if octet == ESC || !held.is_empty() {
        held.push(octet);
        let is_prefix = DESIGNATION.starts_with(held);
        if !is_prefix {
            out.append(held);
        } else if held.len() == DESIGNATION.len() {
            held.clear();
        }
        return;
    }
    match octet {
        0x0E => *is_shifted = true,
        0x0F => *is_shifted = false,
        octet => out.push(shifted(octet, is_shifted)),
    }
}

fn hz(has_tilde: &mut bool, is_shifted: &mut bool, octet: u8, out: &mut Vec<u8>) {
    if !std::mem::take(has_tilde) {
        *has_tilde = octet == b'~';
        if !*has_tilde {
            out.push(shifted(octet, is_shifted));
        }
        return;
    }
    match octet {
        b'{' => *is_shifted = true,
        b'}' => *is_shifted = false,
        b'~' => out.push(b'~'),
        // A tilde hides a line end.
        b'\n' => {}
        octet => out.extend([b'~', shifted(octet, is_shifted)]),
    }
}

/// A line end undoes a shift.
fn shifted(octet: u8, is_shifted: &mut bool) -> u8 {
    *is_shifted &= octet != b'\n';
    let is_printable = (0x21..=0x7E).contains(&octet);
    if *is_shifted && is_printable {
        octet | 0x80
    } else {
        octet
    }
}

const ESC: u8 = 0x1B;

const DESIGNATION: &[u8] = b"\x1B$)C";
