//! Inputs and servers that the benchmarks share.

pub mod imap;
pub mod messages;
pub mod servers;

/// A body of ordinary text lines of 70 octets with their CRLF, none of which begins with a dot.
pub fn text(octets: usize) -> Vec<u8> {
    b"This line stands for the text of a message of no particular interest.\r\n"
        .iter()
        .copied()
        .cycle()
        .take(octets / 71 * 71)
        .collect()
}
