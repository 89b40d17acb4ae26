//! The words of HTML, for who reads in a terminal: a look at the text and not a browser. `mua read --html` has the source.

/// Text without what stands between `<` and `>`, without scripts, styles and titles, with a line end where a block ends. Linear.
pub(crate) fn words(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push(&rest[..at], &mut text);
        let tag = &rest[at + 1..];
        let name = name(tag);
        let end = match HIDDEN.contains(&name.as_str()) {
            true => behind(tag, &format!("</{name}")),
            false if tag.starts_with("!--") => behind(tag, "-->"),
            false => tag.find('>').map(|end| end + 1),
        };
        if breaks(&name, &text) {
            text.push('\n');
        }
        rest = &tag[end.unwrap_or(tag.len())..];
    }
    push(rest, &mut text);
    text
}

/// Whether a line ends here: once for a block, and once more where somebody says so.
fn breaks(name: &str, text: &str) -> bool {
    match name {
        "br" => !text.is_empty() && !text.ends_with("\n\n"),
        name => BLOCKS.contains(&name) && !text.is_empty() && !text.ends_with('\n'),
    }
}

/// The tag's name in lower case, with the slash of an end tag.
fn name(tag: &str) -> String {
    let name = tag
        .chars()
        .take(LONGEST_NAME)
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '/');
    name.collect::<String>().trim_end_matches('/').to_ascii_lowercase()
}

/// Where what ends it is over, or at the tag that ends it.
fn behind(tag: &str, end: &str) -> Option<usize> {
    let octets = tag.as_bytes();
    let at = octets
        .windows(end.len())
        .position(|window| window.eq_ignore_ascii_case(end.as_bytes()))?;
    Some(if end.starts_with('<') { at } else { at + end.len() })
}

/// White space of any kind and length is one space, and none at the beginning of a line.
fn push(html: &str, text: &mut String) {
    for piece in html.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        push_word(word, text);
        if word.len() < piece.len() && !text.ends_with([' ', '\n']) && !text.is_empty() {
            text.push(' ');
        }
    }
}

fn push_word(word: &str, text: &mut String) {
    let mut rest = word;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let end = behind.bytes().take(LONGEST_NAME).position(|octet| octet == b';');
        let meant = end.and_then(|end| Some((entity(&behind[..end])?, end)));
        match meant {
            Some((c, end)) => {
                text.push(c);
                rest = &behind[end + 1..];
            }
            None => {
                text.push('&');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
}

/// A character by its number, or one of the few names that everybody uses.
fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#');
    let hexadecimal = number.and_then(|number| number.strip_prefix(['x', 'X']));
    match (number, hexadecimal) {
        (_, Some(digits)) => char::from_u32(u32::from_str_radix(digits, 16).ok()?),
        (Some(digits), _) => char::from_u32(digits.parse().ok()?),
        _ => NAMED.iter().find(|(own, _)| *own == name).map(|(_, c)| *c),
    }
}

const NAMED: [(&str, char); 10] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("copy", '©'),
];

const HIDDEN: [&str; 3] = ["script", "style", "title"];

const BLOCKS: [&str; 14] = [
    "hr",
    "p",
    "/p",
    "/div",
    "/h1",
    "/h2",
    "/h3",
    "/h4",
    "li",
    "/li",
    "/ul",
    "/tr",
    "/table",
    "/blockquote",
];

/// Characters of the name of a tag or an entity.
const LONGEST_NAME: usize = 12;
