//! The tokens of addresses: words, domains, routes.

use alloc::vec::Vec;

use mail_wire::octets::is_wsp;

use crate::address::is_plain_octet;
use crate::address_list::Span;
use crate::lexis::{is_space, pass_comment, pass_quoted};
use crate::{Defect, DefectKind};

/// A position in an address list. It goes back only over what was looked at once.
pub(crate) struct Lexis<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) position: usize,
    pub(crate) defects: Vec<Defect>,
    /// A quote was found that nothing closes; then no quote behind it is closed either, and none is looked for.
    is_quote_open: bool,
}

/// A run of words, all that stands before what [`Stop`] names.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where the last of the words begins that have nothing but dots between them.
    pub(crate) run: usize,
    /// The end of what stands before `run`.
    pub(crate) before_run: usize,
    /// How many such runs there are.
    pub(crate) count: usize,
    /// The first dot; [`NOWHERE`] if there is none.
    pub(crate) dot: usize,
    /// The first octet that would have to be quoted; [`NOWHERE`] if there is none.
    pub(crate) special: usize,
}

/// What ends words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// `@`, `<`, `,`, `;`, `:`
    Outside,
    /// Inside of angle brackets: `@`, `<`, `,`, `;`, `>`
    Inside,
}

const NOWHERE: usize = usize::MAX;

impl Words {
    pub(crate) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn dot(&self) -> Option<usize> {
        (self.dot < self.end).then_some(self.dot)
    }

    pub(crate) fn special(&self) -> Option<usize> {
        (self.special < self.end).then_some(self.special)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `atext`, and octets of 128 and above (RFC 6532 §3.2).
    Text,
    Dot,
    Space,
    /// `(`
    Comment,
    Quote,
    /// `@`, `<`, `>`, `,`, `;`, `:`
    Separator,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut octet = 0;
    while octet < 256 {
        classes[octet] = match octet as u8 {
            b'.' => Class::Dot,
            b'(' => Class::Comment,
            b'"' => Class::Quote,
            b'@' | b'<' | b'>' | b',' | b';' | b':' => Class::Separator,
            octet if is_plain_octet(octet) => Class::Text,
            octet if is_space(octet) => Class::Space,
            _ => Class::Other,
        };
        octet += 1;
    }
    classes
};

fn class(octet: u8) -> Class {
    CLASSES[usize::from(octet)]
}

impl<'a> Lexis<'a> {
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            position: 0,
            defects: Vec::new(),
            is_quote_open: false,
        }
    }

    pub(crate) fn defect(&mut self, offset: usize, kind: DefectKind) {
        self.defects.push(Defect { offset, kind });
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.input.get(self.position).copied()
    }

    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        let found = self.peek() == Some(octet);
        self.position += usize::from(found);
        found
    }

    pub(crate) fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.position += 1;
        }
    }

    pub(crate) fn skip_cfws(&mut self) {
        loop {
            self.skip_space();
            if self.peek() != Some(b'(') {
                return;
            }
            self.comment();
        }
    }

    fn comment(&mut self) {
        let (end, is_closed) = pass_comment(self.input, self.position);
        if !is_closed {
            self.defect(self.position, DefectKind::UnclosedComment);
        }
        self.position = end;
    }

    /// Passes over a quoted string, or over a quote that opens none; says whether it was one.
    fn quoted(&mut self) -> bool {
        if !self.is_quote_open {
            let (end, is_closed) = pass_quoted(self.input, self.position);
            if is_closed {
                self.position = end;
                return true;
            }
            self.is_quote_open = true;
            self.defect(self.position, DefectKind::UnclosedQuote);
        }
        self.position += 1;
        false
    }

    fn text(&mut self) {
        let rest = &self.input[self.position..];
        let length = rest.iter().position(|&octet| class(octet) != Class::Text);
        self.position += length.unwrap_or(rest.len());
    }

    /// An octet that has no business there, with the one that a backslash quotes.
    fn other(&mut self) {
        let next = self.input.get(self.position + 1);
        let is_pair = self.peek() == Some(b'\\') && next.is_some_and(|&octet| !is_space(octet));
        self.position += 1 + usize::from(is_pair);
    }

    /// Words of any kind, with the comments and white space around them.
    pub(crate) fn words(&mut self, stop: Stop) -> Words {
        let start = self.position;
        let mut words = Words {
            start,
            end: start,
            run: start,
            before_run: start,
            count: 0,
            dot: NOWHERE,
            special: NOWHERE,
        };
        let (mut is_spaced, mut is_dotted) = (true, false);
        while let Some(octet) = self.peek() {
            let start = self.position;
            let mut is_special = false;
            match class(octet) {
                Class::Text => self.text(),
                Class::Dot => {
                    self.position += 1;
                    words.dot = words.dot.min(start);
                }
                Class::Quote => is_special = !self.quoted(),
                Class::Space | Class::Comment => {
                    self.skip_cfws();
                    is_spaced = true;
                    continue;
                }
                Class::Separator if !is_plain_inside(octet, stop) => break,
                Class::Separator | Class::Other => {
                    self.other();
                    is_special = true;
                }
            }
            let is_dot = octet == b'.';
            if words.is_empty() {
                words.start = start;
                words.end = start;
            }
            if is_spaced && !is_dotted && (!is_dot || words.is_empty()) {
                words.run = start;
                words.before_run = words.end;
                words.count += 1;
            }
            if is_special {
                words.special = words.special.min(start);
            }
            (is_spaced, is_dotted) = (false, is_dot);
            words.end = self.position;
        }
        words
    }

    /// What stands behind an `@`: a literal, or words with dots between, up to one that has none in front.
    ///
    /// ```text
    /// domain     = dot-atom / domain-literal / obs-domain     ; RFC 5322 §3.4.1
    /// obs-domain = atom *("." atom)                           ; RFC 5322 §4.4
    /// ```
    pub(crate) fn domain(&mut self) -> Span {
        self.skip_cfws();
        let start = self.position;
        if let Some(end) = self.literal() {
            self.position = end;
            return Span::new(start, end);
        }
        let mut end = start;
        let (mut is_spaced, mut is_dotted) = (false, true);
        while let Some(octet) = self.peek() {
            let is_dot = octet == b'.';
            match class(octet) {
                Class::Space | Class::Comment => {
                    self.skip_cfws();
                    is_spaced = true;
                    continue;
                }
                Class::Quote | Class::Separator => break,
                _ if is_spaced && !is_dotted && !is_dot => break,
                Class::Text => self.text(),
                Class::Dot => self.position += 1,
                Class::Other => self.other(),
            }
            (is_spaced, is_dotted) = (false, is_dot);
            end = self.position;
        }
        Span::new(start, end)
    }

    /// The end of the literal that begins here.
    ///
    /// ```text
    /// domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]     ; RFC 5322 §3.4.1
    /// ```
    fn literal(&self) -> Option<usize> {
        if self.peek() != Some(b'[') {
            return None;
        }
        let mut position = self.position + 1;
        loop {
            match self.input.get(position)? {
                b']' => return Some(position + 1),
                b'[' => return None,
                b'\\' => position += 2,
                _ => position += 1,
            }
        }
    }

    /// ```text
    /// obs-route       = obs-domain-list ":"                                        ; RFC 5322 §4.4
    /// obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
    /// ```
    pub(crate) fn route(&mut self) -> Span {
        let start = self.position;
        if !matches!(self.peek(), Some(b'@' | b',')) {
            return Span::default();
        }
        let mut end = start;
        while matches!(self.peek(), Some(b'@' | b',')) {
            if self.eat(b'@') {
                self.domain();
            } else {
                self.position += 1;
            }
            self.skip_cfws();
            end = self.position;
        }
        if !self.eat(b':') {
            self.position = start;
            return Span::default();
        }
        self.defect(start, DefectKind::ObsoleteRoute);
        self.skip_cfws();
        Span::new(start, end)
    }
}

/// Whether a separator of the other place is an octet like others.
fn is_plain_inside(octet: u8, stop: Stop) -> bool {
    match stop {
        Stop::Outside => octet == b'>',
        Stop::Inside => octet == b':',
    }
}

/// Whether a line end at the beginning of `rest` folds the value: white space follows, or nothing.
pub(crate) fn is_fold(rest: &[u8]) -> bool {
    match rest {
        [b'\r', b'\n'] | [b'\n'] => true,
        [b'\r', b'\n', next, ..] | [b'\n', next, ..] => is_wsp(*next),
        _ => false,
    }
}
