//! Text out of HTML, character by character: enough for a preview, and never the begin of a tag that a reader would obey.

/// What is being read.
#[derive(Debug, Default)]
enum State {
    #[default]
    Text,
    /// Behind `<`; the name so far, with a slash in front of that of an end.
    Name(String),
    /// Behind the name of a tag, or in a quoted value.
    Tag { name: String, quote: Option<char> },
    /// Behind `<!`: how many hyphens were seen last, and whether it is a comment.
    Markup { hyphens: u8, is_comment: bool, at: u8 },
    /// Behind `&`.
    Reference(String),
}

/// Reads HTML.
#[derive(Debug, Default)]
pub(super) struct Markup {
    state: State,
    /// The element whose content nobody sees.
    hidden: Option<&'static str>,
}

impl Markup {
    /// Takes the next character, and gives out the text that there is now.
    pub(super) fn char(&mut self, char: char, out: &mut dyn FnMut(char)) {
        match std::mem::take(&mut self.state) {
            State::Text => self.text(char, out),
            State::Name(name) => self.name(name, char, out),
            State::Tag { name, quote: None } if char == '>' => self.tag(&name, out),
            State::Tag { name, quote } => {
                let quote = match quote {
                    Some(open) => Some(open).filter(|open| *open != char),
                    None => Some(char).filter(|char| matches!(char, '"' | '\'')),
                };
                self.state = State::Tag { name, quote };
            }
            State::Markup {
                hyphens,
                is_comment,
                at,
            } => self.markup(hyphens, is_comment, at, char),
            State::Reference(name) => self.reference(name, char, out),
        }
    }

    fn text(&mut self, char: char, out: &mut dyn FnMut(char)) {
        match char {
            '<' => self.state = State::Name(String::new()),
            _ if self.hidden.is_some() => {}
            '&' => self.state = State::Reference(String::new()),
            char => out(char),
        }
    }

    fn name(&mut self, mut name: String, char: char, out: &mut dyn FnMut(char)) {
        match char {
            '!' if name.is_empty() => {
                self.state = State::Markup {
                    hyphens: 0,
                    is_comment: false,
                    at: 0,
                };
            }
            '/' if name.is_empty() => self.state = State::Name("/".into()),
            '>' => self.tag(&name, out),
            _ if char.is_ascii_alphanumeric() || (char == '?' && name.is_empty()) => {
                if name.len() < LONGEST {
                    name.push(char.to_ascii_lowercase());
                }
                self.state = State::Name(name);
            }
            _ if matches!(name.as_str(), "" | "/") => {
                // No tag: a sign of arithmetic.
                if self.hidden.is_none() {
                    out('<');
                    name.chars().for_each(&mut *out);
                }
                self.text(char, out);
            }
            _ => {
                let quote = None;
                self.state = State::Tag { name, quote };
            }
        }
    }

    /// A tag is over.
    fn tag(&mut self, name: &str, out: &mut dyn FnMut(char)) {
        match (self.hidden, name.strip_prefix('/')) {
            (Some(hidden), Some(end)) if hidden == end => self.hidden = None,
            (None, None) => self.hidden = HIDDEN.iter().find(|hidden| **hidden == name).copied(),
            _ => {}
        }
        let name = name.strip_prefix('/').unwrap_or(name);
        if self.hidden.is_none() && !INLINE.contains(&name) {
            out(' ');
        }
    }

    /// `<!-- … -->`, or `<! … >`.
    fn markup(&mut self, hyphens: u8, is_comment: bool, at: u8, char: char) {
        if char == '>' && (!is_comment || hyphens >= 2) {
            return;
        }
        let hyphens = if char == '-' { hyphens.saturating_add(1) } else { 0 };
        self.state = State::Markup {
            hyphens,
            is_comment: is_comment || (at == 1 && hyphens == 2),
            at: at.saturating_add(1),
        };
    }

    /// `&amp;`, `&#38;`, `&#x26;`
    fn reference(&mut self, mut name: String, char: char, out: &mut dyn FnMut(char)) {
        let is_part = char.is_ascii_alphanumeric() || (char == '#' && name.is_empty());
        if is_part && name.len() < LONGEST {
            name.push(char);
            self.state = State::Reference(name);
            return;
        }
        match meaning(&name) {
            Some(meaning) if char == ';' => return out(meaning),
            _ => {
                out('&');
                name.chars().for_each(&mut *out);
            }
        }
        self.text(char, out);
    }
}

fn meaning(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        let named = NAMED.iter().find(|(known, _)| *known == name);
        return named.map(|&(_, meaning)| meaning);
    };
    let number = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(
        char::from_u32(number)
            .filter(|char| *char != '\0')
            .unwrap_or('\u{fffd}'),
    )
}

/// Elements whose content is not shown.
const HIDDEN: [&str; 4] = ["head", "script", "style", "title"];

/// Elements that begin and end inside of words.
const INLINE: [&str; 14] = [
    "a", "abbr", "b", "code", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// The references that texts hold most often (HTML names many more).
const NAMED: [(&str, char); 24] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("euro", '€'),
    ("copy", '©'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
];

/// Characters of a name that matter.
const LONGEST: usize = 16;
