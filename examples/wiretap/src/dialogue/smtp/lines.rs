//! Lines of SMTP, taken apart and shown.

use mail_wire::{Escaped, MechanismName};
use smtp_proto::phase::Phase;
use smtp_proto::{Command, Reply, ReplyCode, Verb};

use super::super::content;
use super::{LONGEST_LINE, Smtp, smtp_about};
use crate::item::{Kind, Line, Log, Side, Stamp};
use crate::sasl::Exchange;

impl Smtp {
    /// Takes the server's lines, shows them, and puts them together to replies.
    pub(super) fn read_replies(&mut self, log: &mut Log) {
        while let Some((stamp, line)) = self.server.line(LONGEST_LINE) {
            let is_first = self.reply.is_empty();
            let is_last = line.get(3) != Some(&b'-') || self.reply.len() > LONGEST_REPLY;
            self.reply.extend_from_slice(&line);
            let reply = is_last
                .then(|| std::mem::take(&mut self.reply))
                .map(|octets| parse_reply(&octets));
            self.show_reply_line(stamp, &line, is_first, log);
            match reply {
                None => {}
                Some(None) => log.say(
                    stamp,
                    Side::Server,
                    Kind::Warning("this is no reply (RFC 5321 §4.2)".into()),
                ),
                Some(Some(reply)) => {
                    self.tally.replies += 1;
                    self.replies.push_back((stamp, reply));
                }
            }
        }
    }

    fn show_reply_line(&self, stamp: Stamp, line: &[u8], is_first: bool, log: &mut Log) {
        let is_greeting = !self.greeted && self.replies.is_empty();
        let code = parse_reply(&last_of(line)).map(|reply| reply.code());
        let about = match code {
            _ if !is_first => None,
            Some(code) if is_greeting && code.number() == 220 => Some(smtp_about::greeting()),
            code => code.and_then(smtp_about::reply),
        };
        log.say(stamp, Side::Server, Kind::Line(Line::new(line).about(about)));
        let content = content(line);
        if let (Some(exchange), Some(challenge)) = (&self.exchange, content.strip_prefix(b"334 ")) {
            let facts = exchange.server(challenge);
            if !facts.is_empty() {
                log.say(stamp, Side::Server, Kind::Decoded(facts));
            }
        }
    }

    pub(super) fn show_command(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        let content = content(line);
        let verb = smtp_about::verb(content);
        let shown = Line::new(line).about(verb.and_then(smtp_about::command));
        if verb == Some(Verb::Auth) {
            return self.show_auth(stamp, content, shown, log);
        }
        // What is no command may be the rest of a login whose beginning was not captured.
        let shown = shown.secret_from(verb.is_none().then_some(0));
        log.say(stamp, Side::Client, Kind::Line(shown));
        if let (Some(_), Err(error)) = (verb, Command::parse(content)) {
            log.say(
                stamp,
                Side::Client,
                Kind::Note(format!("not as the RFC has it: {error}")),
            );
        }
        if verb.is_none() {
            let warning = "no command of SMTP (RFC 5321 §4.1.1)";
            log.say(stamp, Side::Client, Kind::Warning(warning.into()));
        }
    }

    fn show_auth(&mut self, stamp: Stamp, content: &[u8], shown: Line, log: &mut Log) {
        let mut words = content.splitn(3, |octet| *octet == b' ').skip(1);
        let name = words.next().and_then(|word| std::str::from_utf8(word).ok());
        let mechanism: Option<MechanismName> = name.and_then(|name| name.parse().ok());
        let initial = words.next();
        let secret = initial.map(|initial| content.len() - initial.len());
        log.say(stamp, Side::Client, Kind::Line(shown.secret_from(secret)));
        let Some(mechanism) = mechanism else { return };
        let mut exchange = Exchange::new(mechanism);
        if let Some(initial) = initial {
            log.say(stamp, Side::Client, Kind::Decoded(exchange.initial(initial)));
        }
        log.say(
            stamp,
            Side::Client,
            Kind::Note(format!("{} ({})", exchange.lesson(), exchange.rfc())),
        );
        self.exchange = Some(exchange);
    }

    /// A line of the client in an exchange.
    pub(super) fn show_response(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        log.say(stamp, Side::Client, Kind::Line(Line::new(line).secret_from(Some(0))));
        if let Some(exchange) = &mut self.exchange {
            let facts = exchange.client(content(line));
            log.say(stamp, Side::Client, Kind::Decoded(facts));
        }
    }
}

/// The reply that consists of this line alone.
fn last_of(line: &[u8]) -> Vec<u8> {
    let mut line = line.to_vec();
    if let Some(octet) = line.get_mut(3)
        && *octet == b'-'
    {
        *octet = b' ';
    }
    line
}

fn parse_reply(octets: &[u8]) -> Option<Reply> {
    if let Ok(reply) = Reply::parse(octets) {
        return Some(reply);
    }
    // Old servers end their lines with LF alone.
    let mut repaired = Vec::with_capacity(octets.len() + 8);
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        repaired.extend_from_slice(content(line));
        repaired.extend_from_slice(b"\r\n");
    }
    Reply::parse(&repaired).ok()
}

/// A reply, on one line.
pub(super) fn shown(reply: &Reply) -> String {
    let text: Vec<String> = reply.lines().map(|line| Escaped(line).to_string()).collect();
    format!("{} {}", reply.code(), text.join(" / "))
}

/// The code of a machine's reply.
pub(super) fn code_of(octets: &[u8]) -> Option<ReplyCode> {
    let line = octets.split_inclusive(|octet| *octet == b'\n').next_back()?;
    parse_reply(&last_of(line)).map(|reply| reply.code())
}

/// What the machine calls where the dialogue stands.
pub(super) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Connected => "connected, not greeted",
        Phase::Rejected => "rejected",
        Phase::Greeted => "greeted",
        Phase::Ready => "ready for a message",
        Phase::Sender => "a message has a sender",
        Phase::Recipients => "a message has recipients",
        Phase::Body => "the message is sent",
        Phase::Chunk => "a chunk of the message is sent",
        Phase::Chunks => "chunks of the message were sent",
        Phase::Authenticating => "logging in",
        Phase::HandingOver => "TLS begins",
        Phase::Closed => "closed",
        _ => "elsewhere",
    }
}

/// Octets of a reply that are put together.
const LONGEST_REPLY: usize = 64 * 1024;
