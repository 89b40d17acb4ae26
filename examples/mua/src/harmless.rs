//! Text from others, made harmless for a terminal.
//!
//! All that `mua` prints of a message or a server goes through here: no control character and no escape sequence of
//! theirs reaches the terminal, nor a character that hides or turns around what stands beside it (docs/threats.md row
//! 30).

use mail_wire::Escaped;

/// One line: line ends and tabs are escaped, too.
///
/// ```
/// assert_eq!(mua::harmless::line("C:\\menu \x1b[2J\n"), "C:\\menu \\x1b[2J\\n");
/// ```
pub fn line(text: &str) -> String {
    // Backslashes stay what they are: people write them.
    format!("{:#}", Escaped(text.as_bytes()))
}

/// The lines of a text, tabs made spaces, without the empty ones at its end.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .trim_end()
        .split('\n')
        .map(|text| line(&spaced(text.strip_suffix('\r').unwrap_or(text))))
        .collect();
    if lines == [""] {
        lines.clear();
    }
    lines
}

/// JSON whose texts have no control character but as `\u`.
pub(crate) fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let is_hidden = !c.is_ascii()
            && Escaped(c.encode_utf8(&mut [0; 4]).as_bytes())
                .to_string()
                .starts_with('\\');
        match is_hidden || c.is_ascii_control() {
            true => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| shown.push_str(&format!("\\u{unit:04x}"))),
            false => shown.push(c),
        }
    }
    shown
}

/// Tabs up to the next column that eight divides.
fn spaced(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        let width = if c == '\t' { TAB - column % TAB } else { 1 };
        match c {
            '\t' => shown.extend(std::iter::repeat_n(' ', width)),
            c => shown.push(c),
        }
        column += width;
    }
    shown
}

const TAB: usize = 8;
