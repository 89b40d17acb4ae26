//! The server's words. Each reply goes into the output in one piece; none allocates but the greeting and EHLO's.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use mail_wire::encode_sasl;

use super::state::{Dialect, Rights};
use super::{Hello, Server};
use crate::capabilities::{EIGHT_BIT_MIME, ENHANCED_STATUS_CODES, LIMITS, PIPELINING, SIZE};
use crate::reply::write_lines;
use crate::{Class, CommandError, EnhancedCode, Refusal, ReplyCode, ReplyText, Verb};

/// A reply whose code is fixed, and its words unless the application has better ones.
pub(super) struct Standard {
    code: ReplyCode,
    /// None in the greeting, the answers to HELO and EHLO, and 3yz (RFC 2034 §4).
    enhanced: Option<EnhancedCode>,
    text: &'static str,
}

impl Standard {
    const fn positive(code: u16, subject: u16, detail: u16, text: &'static str) -> Self {
        let code = ReplyCode::known(code);
        let enhanced = Some(EnhancedCode::known(Class::Positive, subject, detail));
        Self { code, enhanced, text }
    }

    const fn plain(code: u16, text: &'static str) -> Self {
        let code = ReplyCode::known(code);
        let enhanced = None;
        Self { code, enhanced, text }
    }
}

pub(super) const SENDER: Standard = Standard::positive(250, 1, 0, "Sender ok");
pub(super) const RECIPIENT: Standard = Standard::positive(250, 1, 5, "Recipient ok");
pub(super) const START_INPUT: Standard = Standard::plain(354, "Start mail input; end with <CRLF>.<CRLF>");
pub(super) const MESSAGE: Standard = Standard::positive(250, 6, 0, "Message accepted");
pub(super) const CHUNK: Standard = Standard::positive(250, 0, 0, "Chunk received");
pub(super) const GO_AHEAD: Standard = Standard::positive(220, 0, 0, "Ready to start TLS");
pub(super) const AUTHENTICATED: Standard = Standard::positive(235, 7, 0, "Authentication successful");
pub(super) const QUEUE_STARTED: Standard = Standard::positive(250, 0, 0, "Queuing started");
pub(super) const FORWARDED: Standard = Standard::positive(250, 0, 0, "Ok");
pub(super) const CANNOT_VERIFY: Standard = Standard::positive(252, 0, 0, "Cannot verify user, but will accept mail");
/// RFC 6531 §3.7.4.2
pub(super) const NEEDS_UTF8: Standard =
    Standard::positive(252, 6, 8, "Cannot name it without SMTPUTF8, but will accept mail");
pub(super) const MAILBOXES: Standard = Standard::positive(250, 1, 5, "");
pub(super) const RESET: Standard = Standard::positive(250, 0, 0, "Reset ok");
pub(super) const NOOP: Standard = Standard::positive(250, 0, 0, "Ok");
pub(super) const QUIT: Standard = Standard::positive(221, 0, 0, "Service closing transmission channel");
pub(super) const HELP: Standard = Standard::positive(
    214,
    0,
    0,
    "Commands: HELO EHLO MAIL RCPT DATA RSET VRFY EXPN HELP NOOP QUIT\nSee RFC 5321",
);

impl Server {
    /// A standard reply, in the application's words if it has any.
    pub(super) fn say(&mut self, standard: &Standard, words: Option<&str>) {
        let text = words.unwrap_or(standard.text);
        self.write(standard.code, standard.enhanced, text);
    }

    /// The application's refusal.
    pub(super) fn say_refusal(&mut self, refusal: &Refusal) {
        self.say_refused(refusal, None);
    }

    /// The machine's.
    pub(super) fn say_fault(&mut self, fault: CommandError) {
        self.say_refused(&fault.refusal(), Some(fault));
    }

    fn say_refused(&mut self, refusal: &Refusal, fault: Option<CommandError>) {
        let explained = self.explained(refusal, fault);
        let text = explained.as_deref().unwrap_or(refusal.text.as_str());
        self.write(refusal.code, Some(refusal.enhanced), text);
    }

    /// `Greeting = "220 " (Domain / address-literal) [ SP textstring ] CRLF / …` (RFC 5321 §4.2)
    pub(super) fn say_greeting(&mut self) {
        let text = self.behind_hostname(self.config.greeting.as_str());
        self.write(ReplyCode::known(220), None, &text);
    }

    /// The greeting of a server that takes nothing (RFC 5321 §3.1). Its code is 554, or 521 where that was given
    /// (RFC 7504 §3).
    pub(super) fn say_rejection(&mut self, refusal: &Refusal) {
        let text = self.turned_away_text(refusal);
        let code = if refusal.code.number() == 521 { 521 } else { 554 };
        self.write(ReplyCode::known(code), None, &text);
    }

    /// In place of a greeting: 554 would send the client's mail back to its senders.
    pub(super) fn say_not_now(&mut self, refusal: &Refusal) {
        let text = self.turned_away_text(refusal);
        self.write(ReplyCode::known(421), Some(refusal.enhanced), &text);
    }

    fn turned_away_text(&self, refusal: &Refusal) -> String {
        let explained = self.explained(refusal, None);
        self.behind_hostname(explained.as_deref().unwrap_or(refusal.text.as_str()))
    }

    pub(super) fn say_quit(&mut self) {
        let text = self.behind_hostname(QUIT.text);
        self.say(&QUIT, Some(&text));
    }

    /// ```text
    /// ehlo-ok-rsp = ( "250" SP Domain [ SP ehlo-greet ] CRLF ) /
    ///               ( "250-" Domain [ SP ehlo-greet ] CRLF *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF )
    /// ```
    pub(super) fn say_hello(&mut self, hello: &Hello) {
        let mut text = self.behind_hostname(&format!("greets {}", hello.client));
        self.dialect = Dialect::Basic;
        if hello.verb != Verb::Helo {
            self.dialect = Dialect::Extended;
            self.list_extensions(&mut text);
        }
        self.write(ReplyCode::known(250), None, &text);
    }

    /// The server's name in front of a text's first line, which is cut where the two are too long for a line.
    fn behind_hostname(&self, text: &str) -> String {
        let (first, others) = text.split_at(text.find('\n').unwrap_or(text.len()));
        let mut line = format!("{} {first}", self.config.hostname);
        line.truncate(ReplyText::MAX_LINE);
        line + others
    }

    fn list_extensions(&self, text: &mut String) {
        let mut line = |line: &dyn core::fmt::Display| {
            // Writing to a String does not fail.
            let _ = write!(text, "\n{line}");
        };
        line(&PIPELINING);
        // 0 says that there is no limit (RFC 1870 §3), as it does in ours.
        line(&format!("{SIZE} {}", self.config.limits.message));
        line(&EIGHT_BIT_MIME);
        line(&ENHANCED_STATUS_CODES);
        self.config.offers.list(self.standing, &mut |offer| line(&offer));
        self.list_limits(&mut line);
        self.list_trust(&mut line);
        if self.config.expand {
            line(&Verb::Expn);
        }
        self.config
            .extensions
            .iter()
            .for_each(|extension| line(&extension.line));
        line(&Verb::Help);
    }

    /// ```text
    /// limits = "LIMITS" SP "RCPTMAX=" … (RFC 9422 §3.1): numbers of one to six digits, not 0
    /// ```
    fn list_limits(&self, line: &mut dyn FnMut(&dyn core::fmt::Display)) {
        let limits = &self.config.limits;
        let known = [
            ("MAILMAX", limits.transactions),
            ("RCPTMAX", limits.recipients),
            ("RCPTDOMAINMAX", limits.recipient_domains),
        ];
        let mut text = String::from(LIMITS);
        for (name, limit) in known.iter().filter(|(_, limit)| (1..1_000_000).contains(limit)) {
            // Writing to a String does not fail.
            let _ = write!(text, " {name}={limit}");
        }
        if self.config.offers.limits && text.len() > LIMITS.len() {
            line(&text);
        }
    }

    fn list_trust(&self, line: &mut dyn FnMut(&dyn core::fmt::Display)) {
        if self.trust.xclient == Rights::Once {
            line(&"XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT");
        }
        if self.trust.xforward {
            line(&"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE");
        }
    }

    /// `continue-req = "334" SP [base64] CRLF` (RFC 4954 §8)
    pub(super) fn say_challenge(&mut self, challenge: &[u8]) {
        let out = self.outbox.buffer();
        out.extend_from_slice(b"334 ");
        encode_sasl(challenge, out);
        out.extend_from_slice(b"\r\n");
    }

    fn write(&mut self, code: ReplyCode, enhanced: Option<EnhancedCode>, text: &str) {
        write_lines(self.outbox.buffer(), code, enhanced, text.as_bytes());
    }
}
