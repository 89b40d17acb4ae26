//! How [`AddressList`](crate::AddressList) reads real mail: one pass, no recursion, a table out.

use alloc::vec::Vec;

use crate::address_lexis::{Lexis, Stop, Words};
use crate::address_list::{Entry, Span, Spans};
use crate::lexis::is_space;
use crate::{Defect, DefectKind};

/// Between two elements, or inside of one.
pub(crate) struct Parser<'a> {
    lexis: Lexis<'a>,
    entries: Vec<Entry>,
    place: Place,
    /// The entry of the open group.
    group: Option<usize>,
    /// The commas behind the words at the end of the table that may turn out to begin a display name.
    commas: Vec<usize>,
    /// Whether the last entry is words alone.
    is_bare: bool,
}

/// What the list or group has in front of the position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing yet.
    Start,
    /// An element.
    Element,
    /// A comma, at this offset.
    Comma(usize),
}

impl<'a> Parser<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self {
            lexis: Lexis::new(input),
            entries: Vec::new(),
            place: Place::Start,
            group: None,
            commas: Vec::new(),
            is_bare: false,
        }
    }

    /// The table, and the defects that cannot be told from it.
    pub(crate) fn parse(mut self) -> (Vec<Entry>, Vec<Defect>) {
        loop {
            self.lexis.skip_space();
            let start = self.lexis.position;
            self.lexis.skip_cfws();
            match self.lexis.peek() {
                None => break,
                Some(b',') => self.comma(),
                Some(b';') => self.semicolon(),
                Some(_) => self.element(start),
            }
        }
        self.end();
        (self.entries, self.lexis.defects)
    }

    fn comma(&mut self) {
        let offset = self.lexis.position;
        self.lexis.position += 1;
        if self.place != Place::Element {
            self.lexis.defect(offset, DefectKind::ObsoleteEmptyElement);
            self.is_bare = false;
        }
        if self.is_bare {
            self.commas.push(offset);
        } else {
            self.commas.clear();
        }
        self.place = Place::Comma(offset);
    }

    fn semicolon(&mut self) {
        let offset = self.lexis.position;
        self.lexis.position += 1;
        self.forget_bare();
        if self.group.is_none() {
            self.lexis.defect(offset, DefectKind::StraySemicolon);
            self.place = Place::Start;
            return;
        }
        self.check_last_comma();
        self.close_group(offset + 1);
        self.place = Place::Element;
    }

    fn end(&mut self) {
        self.check_last_comma();
        if self.group.is_some() {
            let end = self.lexis.input.len();
            self.lexis.defect(end, DefectKind::UnclosedGroup);
            self.close_group(end);
        }
    }

    fn check_last_comma(&mut self) {
        if let Place::Comma(offset) = self.place {
            self.lexis.defect(offset, DefectKind::ObsoleteEmptyElement);
        }
    }

    fn close_group(&mut self, end: usize) {
        let end = self.trimmed(end);
        if let Some(index) = self.group.take() {
            let members = (self.entries.len() - index - 1) as u32;
            if let Entry::Group(spans, count) = &mut self.entries[index] {
                spans.raw.end = end as u32;
                *count = members;
            }
        }
    }

    fn forget_bare(&mut self) {
        self.is_bare = false;
        self.commas.clear();
    }

    /// An element begins at `start`, at a comment perhaps; the position is behind that.
    fn element(&mut self, start: usize) {
        if self.place == Place::Element {
            self.lexis.defect(self.lexis.position, DefectKind::MissingComma);
            self.forget_bare();
        }
        self.place = Place::Element;
        let words = self.lexis.words(Stop::Outside);
        match self.lexis.peek() {
            Some(b'<') => self.angle(start, words),
            Some(b'@') => self.spec(start, words),
            Some(b':') => self.open_group(start, words),
            _ => self.bare(start, words),
        }
    }

    /// Words alone: the beginning of a display name with commas, a local part, or a name without an address.
    fn bare(&mut self, start: usize, words: Words) {
        let mut spans = Spans::default();
        if words.count > 1 {
            spans.name = self.name(words);
        } else {
            spans.local = Span::new(words.start, words.end);
        }
        self.push(start, spans);
        self.is_bare = true;
    }

    /// ```text
    /// group = display-name ":" [group-list] ";" [CFWS]     ; RFC 5322 §3.4
    /// ```
    fn open_group(&mut self, start: usize, words: Words) {
        let colon = self.lexis.position;
        self.lexis.position += 1;
        self.forget_bare();
        self.place = Place::Start;
        match self.group {
            Some(index) if words.is_empty() || index + 1 == self.entries.len() => {
                return self.lexis.defect(start, DefectKind::NestedGroup);
            }
            Some(_) => {
                self.lexis.defect(start, DefectKind::UnclosedGroup);
                self.close_group(start);
            }
            None => {}
        }
        if words.is_empty() {
            self.lexis.defect(colon, DefectKind::MissingGroupName);
        }
        let spans = Spans {
            raw: Span::new(start, colon + 1),
            name: self.name(words),
            ..Spans::default()
        };
        self.group = Some(self.entries.len());
        self.entries.push(Entry::Group(spans, 0));
    }

    /// An address without angle brackets: the position is at its `@`.
    fn spec(&mut self, start: usize, words: Words) {
        let at = self.lexis.position;
        let (local, domain) = self.around_at(Span::new(words.run, words.end));
        self.lexis.skip_cfws();
        let behind = self.lexis.position;
        if matches!(self.lexis.peek(), Some(octet) if !matches!(octet, b',' | b';')) {
            self.pass_text();
        }
        if self.lexis.peek() == Some(b'<') {
            let end = self.trimmed(self.lexis.position);
            let special = words.special.min(at);
            return self.angle(start, Words { end, special, ..words });
        }
        if self.lexis.position > behind {
            self.lexis.defect(behind, DefectKind::TextBehindAddress);
        }
        let mut spans = Spans {
            local,
            domain,
            ..Spans::default()
        };
        if words.run > words.start {
            self.lexis.defect(words.run, DefectKind::MissingAngle);
            spans.name = self.name(Words {
                end: words.before_run,
                ..words
            });
        }
        self.push(start, spans);
        self.forget_bare();
    }

    /// An address in angle brackets, with the display name in front of it: the position is at the `<`.
    fn angle(&mut self, start: usize, mut name: Words) {
        let spans = loop {
            let open = self.lexis.position;
            let (spans, is_closed) = self.in_angle();
            let has_address = !spans.domain.is_empty();
            let end = self.lexis.position;
            let stops_at_angle = self.find_next_angle(is_closed, has_address);
            if !has_address && stops_at_angle {
                // What looked like an address belongs to the name of the one behind it.
                let name_start = if name.is_empty() { open } else { name.start };
                name = Words {
                    start: name_start,
                    end: self.trimmed(self.lexis.position),
                    special: name.special.min(open),
                    count: 2,
                    ..name
                };
                continue;
            }
            if has_address && stops_at_angle {
                self.lexis.position = end;
            }
            if !is_closed {
                self.lexis.defect(open, DefectKind::UnclosedAngle);
            }
            break spans;
        };
        let (start, name) = self.join(start, name);
        let name = self.name(name);
        self.push(start, Spans { name, ..spans });
        self.forget_bare();
    }

    /// Passes over what stands between the `>` and the next element, and says whether that is another `<`.
    fn find_next_angle(&mut self, is_closed: bool, has_address: bool) -> bool {
        if !is_closed {
            return self.lexis.peek() == Some(b'<') && !has_address;
        }
        self.lexis.skip_cfws();
        let behind = self.lexis.position;
        match self.lexis.peek() {
            None | Some(b',' | b';') => return false,
            Some(b'<') => return true,
            Some(_) => self.pass_text(),
        }
        let stops_at_angle = self.lexis.peek() == Some(b'<');
        if !stops_at_angle {
            self.lexis.defect(behind, DefectKind::TextBehindAddress);
        }
        stops_at_angle
    }

    /// ```text
    /// angle-addr     = [CFWS] "<" addr-spec ">" [CFWS] / obs-angle-addr    ; RFC 5322 §3.4
    /// obs-angle-addr = [CFWS] "<" obs-route addr-spec ">" [CFWS]           ; RFC 5322 §4.4
    /// ```
    fn in_angle(&mut self) -> (Spans, bool) {
        self.lexis.position += 1;
        self.lexis.skip_cfws();
        self.pass_angles(b'<');
        let route = self.lexis.route();
        let words = self.lexis.words(Stop::Inside);
        let mut local = Span::new(words.start, words.end);
        let mut domain = Span::default();
        if self.lexis.peek() == Some(b'@') {
            (local, domain) = self.around_at(local);
            let behind = self.lexis.position;
            while !self.lexis.words(Stop::Inside).is_empty() || self.lexis.eat(b'@') {
                self.lexis.defect(behind, DefectKind::TextBehindAddress);
            }
        }
        let is_closed = self.lexis.eat(b'>');
        if is_closed {
            self.pass_angles(b'>');
        }
        let spans = Spans {
            route,
            local,
            domain,
            ..Spans::default()
        };
        (spans, is_closed)
    }

    /// Passes over brackets that are one too many.
    fn pass_angles(&mut self, angle: u8) {
        while self.lexis.peek() == Some(angle) {
            self.lexis.defect(self.lexis.position, DefectKind::StrayAngle);
            self.lexis.position += 1;
            self.lexis.skip_cfws();
        }
    }

    /// The position is at the `@` behind a local part. If there are several, the last one counts.
    fn around_at(&mut self, mut local: Span) -> (Span, Span) {
        if local.is_empty() {
            local = Span::new(self.lexis.position, self.lexis.position);
        }
        loop {
            let at = self.lexis.position;
            self.lexis.position += 1;
            let domain = self.lexis.domain();
            self.lexis.skip_cfws();
            if self.lexis.peek() != Some(b'@') {
                return (local, domain);
            }
            local.end = if domain.is_empty() { at as u32 + 1 } else { domain.end };
        }
    }

    /// Passes over text that has no business behind an address, up to a separator or a `<`.
    fn pass_text(&mut self) {
        loop {
            self.lexis.words(Stop::Outside);
            match self.lexis.peek() {
                Some(b'@' | b':') => self.lexis.position += 1,
                _ => return,
            }
        }
    }

    /// Puts words with commas behind them, which came just before, in front of a display name.
    fn join(&mut self, start: usize, name: Words) -> (usize, Words) {
        let first = self.entries.len() - self.commas.len();
        let (false, Some(Entry::Mailbox(spans))) = (name.is_empty(), self.entries.get(first)) else {
            return (start, name);
        };
        let start = spans.raw.start as usize;
        let words = if spans.name.is_empty() { spans.local } else { spans.name };
        let joined = Words {
            start: words.start as usize,
            ..name
        };
        self.entries.truncate(first);
        for comma in core::mem::take(&mut self.commas) {
            self.lexis.defect(comma, DefectKind::UnquotedComma);
        }
        (start, joined)
    }

    fn push(&mut self, start: usize, spans: Spans) {
        let raw = Span::new(start, self.trimmed(self.lexis.position).max(start));
        self.entries.push(Entry::Mailbox(Spans { raw, ..spans }));
    }

    /// Where a phrase stands, with what is wrong with it.
    fn name(&mut self, words: Words) -> Span {
        if let Some(offset) = words.dot() {
            self.lexis.defect(offset, DefectKind::ObsoletePhrase);
        }
        if let Some(offset) = words.special() {
            self.lexis.defect(offset, DefectKind::UnquotedSpecial);
        }
        Span::new(words.start, words.end)
    }

    /// The end of what stands before `end`, without the white space there.
    fn trimmed(&self, end: usize) -> usize {
        let before = &self.lexis.input[..end];
        before
            .iter()
            .rposition(|&octet| !is_space(octet))
            .map_or(0, |last| last + 1)
    }
}
