//! What a client makes of the server's octets.

use alloc::boxed::Box;

use mail_wire::{DotReader, Dots, Framed, Layer, LineFault, SaslResponse, Secret, Step};

use super::event::{Event, Invalid, InvalidLine};
use super::queue::{Extent, Flow, Sent};
use super::{Apop, Client, Course, Error, Pipelining};
use crate::{
    Capabilities, Capability, DropListing, Greeting, Keyword, LanguageListing, Phase, Response, ScanListing, Status,
    SyntaxError, Text, Transition, UniqueIdListing, auth,
};

/// What the next octets of the server are.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A greeting or a response's first line.
    Line,
    /// The same, where challenges may come: with the initial response that the server wants to be asked for.
    Exchange(Option<Secret>),
    /// None: a challenge was told, and the caller owes the response.
    Challenged,
    /// None: STLS was accepted, and TLS is being put in place.
    Securing,
    /// The lines of the answer to LIST, UIDL, AUTH or LANG, of which so many have come.
    Listing(u32),
    /// The lines of the answer to CAPA.
    Capabilities(Capabilities),
    /// None: the end of a one-line answer to LIST or UIDL is to be told.
    ListingEnd,
    /// A message, of which so many octets at the front of the window are known to be body.
    Body(DotReader, usize),
    /// None: the message is complete.
    BodyEnd,
    /// None: the message is void, its rest will be skipped.
    Void(DotReader),
    /// None: the message is void, and there will be no rest.
    Lost,
    /// The rest of a void message.
    Skip(DotReader),
}

type Progress = Option<Step<Event>>;

impl Client {
    /// Looks at the octets at the front of the window. None: look again.
    pub(super) fn advance(&mut self) -> Progress {
        match &mut self.incoming {
            Incoming::Line | Incoming::Exchange(_) => self.next_line(),
            Incoming::Listing(_) | Incoming::Capabilities(_) => self.next_line(),
            Incoming::Challenged if self.course == Course::ShuttingDown => {
                self.send_response(&SaslResponse::Cancel);
                None
            }
            Incoming::Challenged => Some(Step::NeedAnswer),
            Incoming::Securing if self.outbox.is_empty() => Some(Step::Upgrade(Layer::Tls)),
            Incoming::Securing => Some(Step::NeedFlush),
            Incoming::ListingEnd => self.listing_end(),
            Incoming::Body(..) => self.next_of_body(),
            Incoming::BodyEnd => Some(Step::BodyEnd),
            Incoming::Void(_) | Incoming::Lost => Some(Step::BodyAborted),
            Incoming::Skip(_) => self.skip(),
        }
    }

    fn next_line(&mut self) -> Progress {
        let (content, octets) = match self.framer.next(self.window.unread()) {
            Framed::Incomplete => return self.wait(),
            Framed::Drop { octets } => {
                self.window.consume(octets);
                self.watch.progress(octets, self.config.timeouts.progress);
                return None;
            }
            Framed::Refused { octets, why } => {
                self.window.consume(octets);
                return self.bad_line(octets, why);
            }
            Framed::Line { content, octets } => (content, octets),
        };
        let line = &self.window.unread()[..content];
        if matches!(self.incoming, Incoming::Exchange(_)) && matches!(line, b"+" | [b'+', b' ', ..]) {
            let challenge = auth::challenge(line);
            self.window.consume(octets);
            return self.challenged(challenge);
        }
        if matches!(self.incoming, Incoming::Line | Incoming::Exchange(_)) {
            self.watch.restart();
            if self.phase == Phase::Greeting {
                let (greeting, response) = (Greeting::parse(line), Response::parse(line));
                self.window.consume(octets);
                return self.greeting(greeting, response);
            }
            let response = Response::parse(line);
            self.window.consume(octets);
            return self.response(response);
        }
        self.watch.progress(octets, self.config.timeouts.progress);
        let progress = match line.strip_prefix(b".") {
            Some(b"") => Line::End,
            stuffed => self.item(stuffed.unwrap_or(line)),
        };
        self.window.consume(octets);
        self.listed(progress)
    }

    /// Nothing more to look at.
    fn wait(&mut self) -> Progress {
        if !self.window.is_closed() {
            return Some(Step::NeedInput);
        }
        let awaited = self.awaited();
        self.fail(Error::Disconnected { awaited });
        None
    }

    /// A line that the framer refused. Among items it costs one item; a bare LF leaves unclear where lines end.
    fn bad_line(&mut self, octets: usize, why: LineFault) -> Progress {
        match self.queue.front() {
            Some(sent)
                if matches!(self.incoming, Incoming::Listing(_) | Incoming::Capabilities(_))
                    && why != LineFault::BareLf =>
            {
                self.watch.progress(octets, self.config.timeouts.progress);
                self.listed(Line::Event(invalid(sent.keyword, b"", why.into())))
            }
            _ => {
                self.fail(Error::Line(why));
                None
            }
        }
    }

    fn greeting(
        &mut self,
        greeting: Result<Greeting, SyntaxError>,
        response: Result<Response, SyntaxError>,
    ) -> Progress {
        match (greeting, response) {
            (Ok(greeting), _) => {
                if self.config.apop == Apop::WhenOffered {
                    self.timestamp = greeting.timestamp().cloned();
                }
                self.step(Transition::Greeted);
                Some(Step::Event(Event::Greeting(Box::new(greeting))))
            }
            (_, Ok(response)) => {
                self.fail(Error::TurnedAway(Box::new(response)));
                None
            }
            (Err(error), _) => {
                self.fail(Error::Syntax(error));
                None
            }
        }
    }

    fn response(&mut self, response: Result<Response, SyntaxError>) -> Progress {
        let (response, sent) = match (response, self.queue.front()) {
            (Ok(response), Some(sent)) => (response, sent),
            (Err(error), _) => {
                self.fail(Error::Syntax(error));
                return None;
            }
            (_, None) => {
                self.fail(Error::Unsolicited);
                return None;
            }
        };
        match response.status() {
            Status::Ok => self.accepted(sent, response.text()),
            Status::Err => Some(Step::Event(self.refused(sent.keyword, response))),
        }
    }

    fn refused(&mut self, keyword: Keyword, response: Response) -> Event {
        self.end_exchange();
        self.step(Transition::Refused(keyword));
        self.queue.answered();
        match keyword {
            Keyword::User | Keyword::Pass | Keyword::Apop | Keyword::Auth => {
                self.queue.frustrated(keyword, self.phase);
            }
            Keyword::Stls => {
                self.queue.orphan();
                self.queue.frustrated(keyword, self.phase);
            }
            _ => {}
        }
        Event::Refused(keyword, Box::new(response))
    }

    fn accepted(&mut self, sent: Sent, text: &Text) -> Progress {
        let keyword = sent.keyword;
        if (keyword, sent.extent) == (Keyword::Auth, Extent::All) {
            self.step(Transition::Listed);
        } else {
            self.step(Transition::Accepted(keyword));
        }
        let event = match (keyword, sent.extent) {
            (_, Extent::All) => {
                self.incoming = Incoming::Listing(0);
                return None;
            }
            (Keyword::Capa, _) => {
                self.incoming = Incoming::Capabilities(Capabilities::default());
                return None;
            }
            (Keyword::Retr | Keyword::Top, _) => return self.message_begins(sent, text),
            (Keyword::List | Keyword::Uidl, _) => {
                self.incoming = Incoming::ListingEnd;
                return Some(Step::Event(listing_item(keyword, text.as_bytes())));
            }
            (Keyword::Stls, _) => return self.go_ahead(text),
            (Keyword::Stat, _) => match DropListing::parse(text.as_bytes()) {
                Ok(listing) => Event::Status(listing),
                Err(error) => invalid(keyword, text.as_bytes(), error.into()),
            },
            (Keyword::Lang, _) => match LanguageListing::parse(text.as_bytes()) {
                Ok(language) => Event::Language(language),
                Err(error) => invalid(keyword, text.as_bytes(), error.into()),
            },
            (Keyword::Pass | Keyword::Apop | Keyword::Auth, _) => Event::LoggedIn(text.clone()),
            (Keyword::Quit, _) => {
                self.step(Transition::Updated);
                Event::Done(keyword, text.clone())
            }
            _ => Event::Done(keyword, text.clone()),
        };
        self.end_exchange();
        self.queue.answered();
        // USER is half of a login, which is told as a whole.
        (keyword != Keyword::User).then_some(Step::Event(event))
    }

    fn message_begins(&mut self, sent: Sent, text: &Text) -> Progress {
        let number = sent.number?;
        self.incoming = Incoming::Body(DotReader::new(self.config.leniency.bare_line_ends), 0);
        let size_hint = size_hint(text);
        Some(Step::Event(Event::Message { number, size_hint }))
    }

    fn listing_end(&mut self) -> Progress {
        let keyword = self.queue.front().map(|sent| sent.keyword);
        self.incoming = Incoming::Line;
        self.queue.answered();
        Some(Step::Event(match keyword {
            Some(Keyword::Uidl) => Event::UniqueIdEnd,
            Some(Keyword::Auth) => Event::MechanismEnd,
            Some(Keyword::Lang) => Event::LanguageEnd,
            _ => Event::ListEnd,
        }))
    }

    /// Reads one line among several.
    fn item(&self, line: &[u8]) -> Line {
        match (&self.incoming, self.queue.front()) {
            (Incoming::Listing(_), Some(sent)) => Line::Event(listing_item(sent.keyword, line)),
            _ => match Capability::parse(line) {
                Ok(capability) => Line::Capability(capability),
                Err(error) => Line::Event(invalid(Keyword::Capa, line, error.into())),
            },
        }
    }

    /// Counts a line against the limits, and tells what it means.
    fn listed(&mut self, line: Line) -> Progress {
        let limits = self.config.limits;
        match (&mut self.incoming, line) {
            (Incoming::Listing(_), Line::End) => return self.listing_end(),
            (Incoming::Listing(lines), Line::Event(event)) => {
                let limit = match self.queue.front().map(|sent| sent.keyword) {
                    Some(Keyword::Auth | Keyword::Lang) => u32::try_from(limits.capabilities).unwrap_or(u32::MAX),
                    _ => limits.listing,
                };
                if *lines < limit {
                    *lines += 1;
                    return Some(Step::Event(event));
                }
                self.fail(Error::Listing { limit });
            }
            (Incoming::Capabilities(capabilities), Line::End) => {
                let capabilities = core::mem::take(capabilities);
                return Some(Step::Event(self.offers(capabilities)));
            }
            (Incoming::Capabilities(capabilities), line) => {
                if capabilities.len() >= limits.capabilities {
                    let limit = limits.capabilities;
                    self.fail(Error::Capabilities { limit });
                    return None;
                }
                match line {
                    Line::Capability(capability) => capabilities.push(capability),
                    Line::Event(event) => return Some(Step::Event(event)),
                    Line::End => {}
                }
            }
            _ => {}
        }
        None
    }

    fn offers(&mut self, capabilities: Capabilities) -> Event {
        let pipelined = self.config.pipelining == Pipelining::WhenOffered && capabilities.has("PIPELINING");
        self.queue.flow = if pipelined { Flow::Pipelined } else { Flow::OneByOne };
        self.incoming = Incoming::Line;
        self.queue.answered();
        self.offered = Some(Box::new(capabilities.clone()));
        Event::Capabilities(capabilities)
    }

    fn next_of_body(&mut self) -> Progress {
        let Incoming::Body(reader, ready) = &mut self.incoming else {
            return None;
        };
        match reader.next(self.window.unread()) {
            Dots::Body(n) => {
                *ready = n;
                return Some(Step::Body);
            }
            Dots::Drop(n) => self.window.consume(n),
            Dots::End(n) => {
                self.window.consume(n);
                self.incoming = Incoming::BodyEnd;
            }
            Dots::Bare => {
                self.incoming = Incoming::Void(reader.clone());
            }
            Dots::Incomplete => return self.wait(),
        }
        None
    }

    fn skip(&mut self) -> Progress {
        let Incoming::Skip(reader) = &mut self.incoming else {
            return None;
        };
        match reader.next(self.window.unread()) {
            Dots::Body(n) => {
                reader.consumed(n);
                self.window.consume(n);
                self.watch.progress(n, self.config.timeouts.progress);
            }
            Dots::Drop(n) => self.window.consume(n),
            Dots::End(n) => {
                self.window.consume(n);
                self.body_done();
            }
            Dots::Bare => reader.keep_bare(),
            Dots::Incomplete => return self.wait(),
        }
        None
    }

    /// Goes on to the next answer.
    pub(super) fn body_done(&mut self) {
        self.incoming = Incoming::Line;
        self.queue.answered();
        self.watch.restart();
    }
}

/// What a line among several is.
enum Line {
    End,
    Event(Event),
    Capability(Capability),
}

fn listing_item(keyword: Keyword, line: &[u8]) -> Event {
    let item = match keyword {
        Keyword::Uidl => UniqueIdListing::parse(line).map(Event::UniqueIdItem),
        Keyword::Auth => auth::mechanism(line).map(Event::MechanismItem),
        Keyword::Lang => LanguageListing::parse(line).map(Event::LanguageItem),
        _ => ScanListing::parse(line).map(Event::ListItem),
    };
    item.unwrap_or_else(|error| invalid(keyword, line, error.into()))
}

fn invalid(keyword: Keyword, raw: &[u8], why: InvalidLine) -> Event {
    let raw = Text::lossy(raw);
    Event::Invalid(Box::new(Invalid { keyword, raw, why }))
}

/// The number in `+OK 120 octets`.
fn size_hint(text: &Text) -> Option<u64> {
    let word = text.as_bytes().split(|&octet| octet == b' ').next()?;
    crate::number::decimal(word, crate::Expected::Number).ok()
}
