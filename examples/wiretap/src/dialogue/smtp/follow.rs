//! The machine, and how it is kept where the real server is.

use std::sync::Arc;

use mail_wire::{Answers, Ask, Machine, MechanismName, Step, decode_sasl};
use smtp_proto::phase::Phase;
use smtp_proto::server::{Acceptance, Config, Event, Limits, Message, Offers, Protocol as Dialect, SaslStep};
use smtp_proto::server::{Arrival, StartTls};
use smtp_proto::{Class, Command, Leniency, Refusal, Reply, ReplyCode, Server, Verb};

use super::{PIECE, Sent, Smtp, is_accepted, lines, smtp_about};
use crate::item::{Kind, Line, Log, Side, Stamp};
use crate::message::Gathering;

/// A machine that accepts all that any server may, since the real one decides; its greeting is not said yet.
pub(super) fn fresh(dialect: Dialect, mechanism: Option<MechanismName>) -> Server {
    let host = std::net::Ipv4Addr::LOCALHOST.into();
    let mut config = Config::new(host);
    config.protocol = dialect;
    config.leniency = lenient();
    config.limits = unlimited();
    config.expand = true;
    config.offers = everything(mechanism);
    let mut arrival = Arrival::default();
    (arrival.xclient, arrival.xforward) = (true, true);
    Server::arriving(Arc::new(config), arrival)
}

pub(super) fn lenient() -> Leniency {
    let mut leniency = Leniency::default();
    leniency.space_after_colon = true;
    leniency.missing_brackets = true;
    leniency.any_hello_name = true;
    leniency.long_paths = true;
    leniency.any_parameter_value = true;
    leniency.smtp_utf8 = true;
    leniency.bare_lf_after_commands = true;
    leniency.bare_line_ends_in_messages = true;
    leniency
}

fn unlimited() -> Limits {
    let mut limits = Limits::default();
    limits.command_line = 16 * 1024;
    limits.message = 0;
    limits.recipients = u32::MAX;
    limits.errors = u32::MAX;
    limits.idle_commands = u32::MAX;
    limits.drained = u64::MAX;
    limits
}

fn everything(mechanism: Option<MechanismName>) -> Offers {
    let mut offers = Offers::default();
    offers.chunking = true;
    offers.binary_mime = true;
    offers.smtp_utf8 = true;
    offers.start_tls = StartTls::Offered;
    offers.dsn = true;
    offers.deliver_by = Some(None);
    offers.mt_priority = true;
    offers.rrvs = true;
    offers.etrn = true;
    let known = MECHANISMS.iter().filter_map(|name| name.parse().ok());
    offers.authentication.plaintext = known.chain(mechanism).collect();
    offers
}

impl Smtp {
    /// The server's first reply.
    pub(super) fn greet(&mut self, reply: &Reply) {
        if !is_accepted(reply) {
            let dialect = fresh(self.dialect, None);
            drop(std::mem::replace(&mut self.machine, dialect));
        }
        self.feed(b"", Some(reply));
    }

    /// Feeds the machine, and answers what it asks as the real server did; without a reply, positively. The code of the
    /// machine's own reply is returned if it is a refusal that nobody told it to make.
    pub(super) fn feed(&mut self, octets: &[u8], reply: Option<&Reply>) -> Option<ReplyCode> {
        let mut rest = octets;
        let mut refused = None;
        loop {
            rest = &rest[self.machine.receive(rest)..];
            let Ok(step) = self.machine.poll() else { return refused };
            match step {
                Step::Event(event) => self.answer(event, reply),
                Step::Body => {
                    if let Some(message) = &mut self.message {
                        message.push(self.machine.body());
                    }
                    self.machine.consume(usize::MAX);
                }
                Step::BodyEnd | Step::BodyAborted => self.machine.close_body(),
                Step::NeedFlush => {}
                Step::NeedInput if !rest.is_empty() && !self.machine.space().is_empty() => {}
                _ => {
                    refused = self.flush().or(refused);
                    return refused.filter(|code| code.class() == Class::Permanent || code.class() == Class::Transient);
                }
            }
            refused = self.flush().or(refused);
        }
    }

    /// Throws away what the machine says, and tells the code of its last reply.
    fn flush(&mut self) -> Option<ReplyCode> {
        let code = lines::code_of(self.machine.transmit());
        self.machine.transmitted(usize::MAX);
        code
    }

    fn answer(&mut self, event: Event, reply: Option<&Reply>) {
        let accepted = reply.is_none_or(is_accepted);
        let verdict = || match accepted {
            true => Ok(Acceptance::default()),
            false => Err(refusal(reply)),
        };
        let machine = &mut self.machine;
        let answered = match event {
            Event::Mail(ask, _) => machine.answer(ask, verdict()),
            Event::Recipient(ask, _) => machine.answer(ask, verdict()),
            Event::Data(ask) => machine.answer(ask, verdict()),
            Event::Message(ask) | Event::MessageFor(ask, _) => {
                self.asked = Some(ask);
                Ok(())
            }
            Event::Authenticate(ask, _) | Event::SaslResponse(ask, _) => machine.answer(ask, sasl_step(reply)),
            other => machine.unhandled(other),
        };
        debug_assert!(answered.is_ok(), "an ask that was just opened can be answered");
    }

    pub(super) fn answer_message(&mut self, ask: Ask<Message>, accepted: bool) {
        let verdict = match accepted {
            true => Ok(Acceptance::default()),
            false => Err(Refusal::denied()),
        };
        let answered = self.machine.answer(ask, verdict);
        debug_assert!(answered.is_ok(), "the machine asks once for a message");
        self.feed(b"", None);
    }

    /// Brings the machine to where the real server is, which has accepted what the machine did not.
    pub(super) fn follow(&mut self, verb: Option<Verb>, line: &[u8]) {
        use Phase::{Body, Chunk, Closed, Connected, Greeted, Ready, Recipients, Rejected, Sender};
        if matches!(self.machine.phase(), Closed | Rejected | Connected) {
            self.machine = fresh(self.dialect, None);
            self.feed(b"", None);
        }
        let hello: &[u8] = match self.dialect {
            Dialect::Lmtp => b"LHLO [127.0.0.1]\r\n",
            Dialect::Smtp => b"EHLO [127.0.0.1]\r\n",
        };
        let wanted = match verb {
            Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo) => Ready,
            Some(Verb::Mail) => Sender,
            Some(Verb::Rcpt) => Recipients,
            Some(Verb::Bdat) => Chunk,
            Some(Verb::Data) => Body,
            Some(Verb::Auth) => return self.offer(line),
            _ => return,
        };
        if verb == Some(Verb::Mail) && self.machine.phase().in_transaction() {
            self.feed(b"RSET\r\n", None);
        }
        // Each line leads one phase further.
        let way: [(&[Phase], &[u8]); 3] = [
            (&[Greeted], hello),
            (&[Ready], b"MAIL FROM:<>\r\n"),
            (&[Sender], b"RCPT TO:<postmaster@[127.0.0.1]>\r\n"),
        ];
        for (here, line) in way {
            if here.contains(&self.machine.phase()) && self.machine.phase() != wanted {
                self.feed(line, None);
            }
        }
        if wanted == Body && self.machine.phase() == Recipients {
            self.feed(b"DATA\r\n", None);
        }
    }

    /// AUTH by a mechanism that the machine did not offer: another machine does.
    fn offer(&mut self, line: &[u8]) {
        let Ok(Command::Auth(auth)) = Command::parse(super::super::content(line)) else {
            return;
        };
        self.machine = fresh(self.dialect, Some(auth.mechanism));
        self.feed(b"", None);
        self.follow(Some(Verb::Ehlo), b"");
    }

    /// BDAT: its octets follow, whatever the reply will be.
    pub(super) fn begin_chunk(&mut self, sent: &Sent, size: u64, log: &mut Log) {
        self.chunk_left = size;
        let before = self.machine.phase();
        if !matches!(before, Phase::Recipients | Phase::Chunks) {
            self.follow(Some(Verb::Bdat), b"");
        }
        if self.message.is_none() {
            self.message = Some(self.gathering("BDAT"));
        }
        self.feed(&sent.line, None);
        self.tell_phase(sent.stamp, before, log);
    }

    /// The reply to a chunk; that to the last is the message's.
    pub(super) fn conclude_chunk(&mut self, stamp: Stamp, accepted: bool, log: &mut Log) {
        if let Some(ask) = self.asked.take() {
            self.answer_message(ask, accepted);
            let outcome = if accepted { "accepted" } else { "refused" };
            return self.finish_message(outcome.into(), stamp, log);
        }
        if !accepted {
            self.finish_message("a chunk was refused".into(), stamp, log);
            self.feed(b"RSET\r\n", None);
        }
    }

    /// Nothing more is to be learned of what waits: it is taken for accepted.
    pub(super) fn assume(&mut self, log: &mut Log) {
        self.greeted = true;
        if matches!(self.machine.phase(), Phase::Connected) {
            self.feed(b"", None);
        }
        if let Some(ask) = self.asked.take() {
            self.answer_message(ask, true);
            let stamp = self.client.stamp();
            self.finish_message("no reply was captured".into(), stamp, log);
        }
        while let Some(sent) = self.sent.pop_front() {
            if sent.verb == Some(Verb::Bdat) {
                continue;
            }
            if self.feed(&sent.line, None).is_some() {
                self.follow(sent.verb, &sent.line);
            }
            // Without the reply, only what follows shows whether TLS began.
            let is_tls = self.client.unread().starts_with(&[0x16, 3]);
            if sent.verb == Some(Verb::StartTls) && is_tls {
                self.client.take(usize::MAX);
            }
            self.remember(&sent, sent.verb != Some(Verb::StartTls) || is_tls, sent.stamp, log);
        }
    }

    /// Octets of the client are missing. A message goes on at its next line; commands, too.
    pub(super) fn client_hole(&mut self, octets: u64, log: &mut Log) {
        if self.is_in_message() {
            let most = if self.chunk_left > 0 {
                self.chunk_left as usize
            } else {
                usize::MAX
            };
            let (_, rest) = self.client.take(most);
            self.chunk_left = self.chunk_left.saturating_sub(rest.len() as u64);
            self.feed(&rest, None);
            if let Some(message) = &mut self.message {
                message.lose(octets);
            }
            if self.chunk_left > 0 {
                return self.skip_chunk(octets, log);
            }
            self.feed(b"\r\n", None);
        } else if !self.client.is_empty() {
            let text = Kind::Line(Line::new(self.client.unread()));
            log.say(self.client.stamp(), Side::Client, text);
        }
        self.client.resume(|octets| smtp_about::verb(octets).is_some());
    }

    /// A chunk's length is known: what was not captured is made up for.
    fn skip_chunk(&mut self, octets: u64, log: &mut Log) {
        let count = octets.min(self.chunk_left);
        self.chunk_left -= count;
        let message = self.message.take();
        if count > MOST_MADE_UP {
            self.message = message;
            self.lose_message(log);
            return;
        }
        let made_up = vec![b'?'; PIECE];
        let mut left = count as usize;
        while left > 0 {
            self.feed(&made_up[..left.min(PIECE)], None);
            left -= left.min(PIECE);
        }
        self.message = message;
        if octets > count {
            self.client.resume(|octets| smtp_about::verb(octets).is_some());
        }
    }

    /// The end of the message was not captured, but the reply to it was, if there is one.
    pub(super) fn lose_message(&mut self, log: &mut Log) -> bool {
        let reply = self.replies.pop_front();
        let stamp = reply.as_ref().map_or(self.client.stamp(), |(stamp, _)| *stamp);
        let outcome = reply.map_or("its end was not captured".into(), |(_, reply)| lines::shown(&reply));
        self.message.iter_mut().for_each(Gathering::cut);
        self.finish_message(outcome, stamp, log);
        self.machine = fresh(self.dialect, None);
        self.feed(b"", None);
        self.follow(Some(Verb::Ehlo), b"");
        self.chunk_left = 0;
        true
    }

    /// Replies are missing: which, nobody knows.
    pub(super) fn server_hole(&mut self, log: &mut Log) {
        self.reply.clear();
        self.server
            .resume(|octets| octets.len() > 3 && octets[..3].iter().all(u8::is_ascii_digit));
        self.assume(log);
    }
}

fn refusal(reply: Option<&Reply>) -> Refusal {
    let code = reply.map_or(550, |reply| reply.code().number());
    let class = if code < 500 { "4.0.0" } else { "5.0.0" };
    Refusal::new(code, class, "refused").unwrap_or(Refusal::denied())
}

/// What a mechanism does next, as the real server's reply says.
fn sasl_step(reply: Option<&Reply>) -> Result<SaslStep, Refusal> {
    let Some(reply) = reply else {
        return Ok(SaslStep::Success);
    };
    match reply.code().number() {
        334 => {
            let text = reply.lines().next().unwrap_or_default();
            let challenge = decode_sasl(text).map(|challenge| challenge.expose().to_vec());
            Ok(SaslStep::Challenge(challenge.unwrap_or_default()))
        }
        _ if is_accepted(reply) => Ok(SaslStep::Success),
        _ => Err(Refusal::bad_credentials()),
    }
}

/// Octets of a hole in a chunk that are made up for.
const MOST_MADE_UP: u64 = 256 << 20;
/// The mechanisms of mail.
const MECHANISMS: [&str; 14] = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512-PLUS",
    "XOAUTH2",
    "OAUTHBEARER",
    "EXTERNAL",
    "ANONYMOUS",
    "GSSAPI",
];
