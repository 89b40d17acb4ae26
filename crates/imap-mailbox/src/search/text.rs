//! A search in the text of one message, as it streams by.

use mime_codec::rfc5322::RawField;
use mime_codec::{Bodies, Charset, CharsetDecoder, Content, ContentType, Event, StreamParser};

use super::fields::{address_text, field_text, is_plain, text_charset};
use super::key::{Key, Sought};
use super::plan::SearchPlan;
use super::strings::{Group, Window};
use super::tree::Truth;
use crate::sent_date;

/// Whether a message matches, found in its octets: give them in order, in any pieces, until the answer is known.
///
/// Header fields are compared as they are decoded (RFC 2047), FROM and its like also by the names and addresses that the field consists
/// of. BODY looks into text parts and messages inside, without their transfer encoding and charset, and TEXT also into headers, as they
/// stand and decoded. Other parts are passed over, as RFC 9051 §6.4.4 allows. A message of any size takes some 200 KiB, and 4 KiB for
/// each field that is asked for; or four times the longest string, or a few times the longest header field, of at most 256 KiB, if that is
/// more.
#[derive(Debug)]
pub struct TextSearch<'p> {
    parser: StreamParser,
    state: State<'p>,
}

/// How much of a message's text a search still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextNeed {
    /// The header section, with the empty line.
    Header,
    /// All of it.
    Message,
}

#[derive(Debug)]
struct State<'p> {
    plan: &'p SearchPlan,
    truths: Vec<Truth>,
    /// Keys that can change the answer.
    open: Vec<bool>,
    is_changed: bool,
    answer: Option<bool>,
    has_date: bool,
    is_behind_header: bool,
    /// The entities that have begun and not ended.
    entities: Vec<Entity>,
    /// For each of the fields' groups.
    fields: Vec<Window>,
    raw: Window,
    decoded: Window,
    body: Window,
    decoder: Option<CharsetDecoder>,
    text: String,
}

#[derive(Debug, Clone, Copy)]
struct Entity {
    /// What its body is, when its header is over.
    content: Content,
    /// Its header is that of a message inside the message: a part of the body.
    is_inner_message: bool,
    /// The charset, if it is a text.
    charset: Option<Charset>,
    has_type: bool,
}

impl<'p> TextSearch<'p> {
    pub(super) fn new(plan: &'p SearchPlan, truths: Vec<Truth>) -> Self {
        let mut state = State {
            plan,
            open: vec![false; truths.len()],
            truths,
            is_changed: false,
            answer: None,
            has_date: false,
            is_behind_header: false,
            entities: Vec::new(),
            fields: vec![Window::default(); plan.strings.groups.len()],
            raw: Window::default(),
            decoded: Window::default(),
            body: Window::default(),
            decoder: None,
            text: String::new(),
        };
        state.note_open();
        Self {
            parser: StreamParser::new(Bodies::Decoded),
            state,
        }
    }

    /// What has to be read at most, as far as it is known.
    pub fn need(&self) -> TextNeed {
        let of_header = |at: usize| !matches!(&self.state.plan.keys[at], Key::Text(key) if !key.is_of_header());
        let mut open = self.state.open.iter().enumerate().filter(|(_, is_open)| **is_open);
        match open.all(|(at, _)| of_header(at)) {
            true => TextNeed::Header,
            false => TextNeed::Message,
        }
    }

    /// Takes the next octets of the message. The answer, as soon as it is known; then no more octets are needed.
    pub fn push(&mut self, octets: &[u8]) -> Option<bool> {
        let mut rest = octets;
        while self.state.answer.is_none() {
            self.poll();
            if rest.is_empty() {
                break;
            }
            let taken = self.parser.push(rest);
            rest = &rest[taken..];
        }
        self.state.answer
    }

    /// The answer when the message has ended.
    pub fn finish(mut self) -> bool {
        if self.state.answer.is_none() {
            self.parser.finish();
            self.poll();
            self.state.end();
        }
        self.state.answer.unwrap_or(false)
    }

    /// Looks at all octets that were given.
    fn poll(&mut self) {
        let state = &mut self.state;
        while state.answer.is_none() {
            match self.parser.poll() {
                Event::PartBegins { .. } => state.begin(),
                Event::Field(field) => state.field(&field),
                Event::Malformed(lines) => state.raw_header(lines.raw),
                Event::HeaderEnds { content, .. } => state.end_header(content),
                Event::Body(octets) => state.body(octets),
                Event::PartEnds { .. } => state.end_part(),
                Event::NeedInput | Event::End => {
                    state.conclude();
                    return;
                }
                _ => {}
            }
        }
    }
}

impl<'p> State<'p> {
    fn begin(&mut self) {
        let is_inner_message = self
            .entities
            .last()
            .is_some_and(|outer| outer.content == Content::Message);
        self.entities.push(Entity {
            content: Content::Leaf,
            is_inner_message,
            charset: Some(Charset::US_ASCII),
            has_type: false,
        });
    }

    fn field(&mut self, field: &RawField<'_>) {
        if !self.is_behind_header {
            self.root_field(field);
        }
        if let Some(entity) = self.entities.last_mut()
            && !entity.has_type
            && field.name.eq_ignore_ascii_case("Content-Type")
        {
            entity.has_type = true;
            entity.charset = text_charset(&ContentType::parse(field.value));
        }
        if !self.is_open(self.header_group()) {
            return;
        }
        self.raw_header(field.raw);
        if !is_plain(field.value) {
            for line in field_text(field.value).split('\n') {
                let line = format!("{}: {line}\n", field.name);
                self.plan.collation.fold(&line, self.decoded.text());
            }
            let group = self.header_group();
            let mut window = std::mem::take(&mut self.decoded);
            self.scan(&mut window, group, false);
            self.decoded = window;
        }
    }

    /// Answers keys about fields of the message itself.
    fn root_field(&mut self, field: &RawField<'_>) {
        let plan = self.plan;
        if plan.strings.fields.is_empty() {
            return;
        }
        let Some(keys) = plan.strings.fields.get(field.name.to_ascii_lowercase().as_str()) else {
            return;
        };
        for &key in &keys.presence {
            self.found(key);
        }
        if !keys.sent.is_empty() && !self.has_date {
            self.has_date = true;
            self.sent(&keys.sent, field.value);
        }
        if let Some(group) = keys.text {
            let window = self.fields[group].text();
            plan.collation.fold(&field_text(field.value), window);
            window.push(b'\n');
            self.scan_field(group, false);
        }
        if let Some(group) = keys.addresses {
            let window = self.fields[group].text();
            plan.collation.fold(&address_text(field.value), window);
            self.scan_field(group, false);
        }
    }

    /// The first Date field (RFC 9051 §6.4.4); without a day that can be read no such key matches.
    fn sent(&mut self, keys: &[u32], value: &[u8]) {
        let Some(day) = sent_date::day(value) else { return };
        for &key in keys {
            if let Key::Text(text) = &self.plan.keys[key as usize]
                && let Sought::Sent(when, named) = text.sought
                && when.matches(day, named)
            {
                self.found(key);
            }
        }
    }

    /// Header lines as they stand.
    fn raw_header(&mut self, raw: &[u8]) {
        let group = self.header_group();
        if !self.is_open(group) {
            return;
        }
        self.plan.collation.fold_octets(raw, self.raw.text());
        let mut window = std::mem::take(&mut self.raw);
        self.scan(&mut window, group, false);
        self.raw = window;
    }

    fn end_header(&mut self, content: Content) {
        let group = self.header_group();
        for mut window in [std::mem::take(&mut self.raw), std::mem::take(&mut self.decoded)] {
            self.scan(&mut window, group, true);
        }
        if let Some(entity) = self.entities.last_mut() {
            entity.content = content;
            self.decoder = entity
                .charset
                .filter(|_| content == Content::Leaf)
                .map(Charset::decoder);
        }
        if !self.is_behind_header {
            self.end_root_header();
        }
    }

    /// What was not found in the header is not there.
    fn end_root_header(&mut self) {
        self.is_behind_header = true;
        for group in 0..self.fields.len() {
            self.scan_field(group, true);
        }
        for (truth, key) in self.truths.iter_mut().zip(&self.plan.keys) {
            if matches!(key, Key::Text(key) if key.is_of_header()) && *truth == Truth::Unknown {
                *truth = Truth::False;
            }
        }
        self.is_changed = true;
        self.conclude();
    }

    fn body(&mut self, octets: &[u8]) {
        let Some(decoder) = &mut self.decoder else { return };
        self.text.clear();
        decoder.decode(octets, &mut self.text);
        self.body_text(false);
    }

    fn end_part(&mut self) {
        if let Some(mut decoder) = self.decoder.take() {
            self.text.clear();
            decoder.finish(&mut self.text);
            self.body_text(true);
        }
        self.entities.pop();
    }

    /// Looks through body text that was decoded.
    fn body_text(&mut self, is_last: bool) {
        let group = &self.plan.strings.body;
        if self.is_open(group) {
            self.plan.collation.fold(&self.text, self.body.text());
        }
        let mut window = std::mem::take(&mut self.body);
        self.scan(&mut window, group, is_last);
        self.body = window;
    }

    /// The message is over: what was not found is not there.
    fn end(&mut self) {
        for truth in &mut self.truths {
            if *truth == Truth::Unknown {
                *truth = Truth::False;
            }
        }
        self.is_changed = true;
        self.conclude();
    }

    /// What is looked for in the header of the entity that began last.
    fn header_group(&self) -> &'p Group {
        match self.entities.last() {
            Some(entity) if entity.is_inner_message => &self.plan.strings.body,
            _ => &self.plan.strings.text,
        }
    }

    fn is_open(&self, group: &Group) -> bool {
        group.is_open(|key| self.open[key as usize])
    }

    fn scan_field(&mut self, group: usize, is_last: bool) {
        let mut window = std::mem::take(&mut self.fields[group]);
        self.scan(&mut window, &self.plan.strings.groups[group], is_last);
        self.fields[group] = window;
    }

    fn scan(&mut self, window: &mut Window, group: &Group, is_last: bool) {
        let mut found = Vec::new();
        let is_open = |key: u32| self.open[key as usize];
        match is_last {
            true => window.finish(group, is_open, |key| found.push(key)),
            false => window.scan(group, is_open, |key| found.push(key)),
        }
        found.into_iter().for_each(|key| self.found(key));
    }

    fn found(&mut self, key: u32) {
        self.truths[key as usize] = Truth::True;
        self.open[key as usize] = false;
        self.is_changed = true;
    }

    /// Whether what was found is enough.
    fn conclude(&mut self) {
        if !std::mem::take(&mut self.is_changed) || self.answer.is_some() {
            return;
        }
        self.answer = self.plan.tree.evaluate(|leaf| self.truths[leaf as usize]).known();
        if self.answer.is_none() {
            self.note_open();
        }
    }

    fn note_open(&mut self) {
        let Self { plan, truths, open, .. } = self;
        open.fill(false);
        plan.tree
            .open_leaves(|leaf| truths[leaf as usize], |leaf| open[leaf as usize] = true);
    }
}
