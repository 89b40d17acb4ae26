//! Refusals that explain themselves.

use alloc::string::String;

use crate::phase::Phase;
use crate::{CommandError, Refusal, ReplyText, Verb};

use super::Server;

/// A reply that refuses something, for a server that teaches: see [`Config::explain`](super::Config::explain).
///
/// ```
/// use smtp_proto::server::{Config, Refused};
///
/// fn explain(refused: &Refused<'_>) -> Option<String> {
///     refused.fault.map(|fault| format!("What went wrong: {fault}"))
/// }
/// let mut config = Config::new("mx.hamburger.example".parse().unwrap());
/// config.explain = Some(explain);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refused<'a> {
    /// What is said.
    pub refusal: &'a Refusal,
    /// The command in hand, where its name could be read. Of its arguments nothing is told: they may be secrets.
    pub verb: Option<Verb>,
    /// What the machine found wrong; `None` where the application refuses.
    pub fault: Option<CommandError>,
    /// Where the dialogue stands.
    pub phase: Phase,
}

impl<'a> Refused<'a> {
    /// Of a command that the machine refuses (`Some` fault) or the application.
    pub const fn new(refusal: &'a Refusal, verb: Option<Verb>, fault: Option<CommandError>, phase: Phase) -> Self {
        Self {
            refusal,
            verb,
            fault,
            phase,
        }
    }
}

impl Server {
    /// A refusal's text, and behind it what explains it, line by line.
    pub(super) fn explained(&self, refusal: &Refusal, fault: Option<CommandError>) -> Option<String> {
        let refused = Refused::new(refusal, self.verb, fault, self.standing.phase);
        let words = (self.config.explain?)(&refused)?;
        let mut text = String::from(refusal.text.as_str());
        for line in words.lines() {
            text.push('\n');
            text.push_str(ReplyText::lossy(line).as_str());
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;
    use alloc::sync::Arc;

    use mail_wire::{Machine, Step};

    use super::super::Config;
    use super::*;

    fn explain(refused: &Refused<'_>) -> Option<String> {
        let verb = refused.verb.map_or("nothing", Verb::as_str);
        match refused.fault {
            Some(CommandError::NotOffered) => None,
            fault => Some(format!(
                "{verb} in {:?}\n{} naïve\r\n{}",
                refused.phase,
                fault.is_some(),
                "x".repeat(600)
            )),
        }
    }

    /// What is answered to a line; what the application is asked it refuses.
    fn said(server: &mut Server, line: &str) -> String {
        server.receive(line.as_bytes());
        while let Ok(Step::Event(event)) = server.poll() {
            server.unhandled(event).unwrap();
        }
        let said = String::from_utf8(server.transmit().to_vec()).unwrap();
        server.transmitted(said.len());
        said
    }

    #[test]
    fn words_follow_the_reply_line_by_line() {
        let mut config = Config::new("mx.hamburger.example".parse().unwrap());
        config.explain = Some(explain);
        let mut server = Server::new(Arc::new(config));
        said(&mut server, "");
        let long = "x".repeat(ReplyText::MAX_LINE);
        let reply = |front: &str, text: &str, verb: &str| {
            let lines = [text, verb, "true na?ve", &long];
            let with = |mark: char| front.replacen(' ', &mark.to_string(), 1);
            let (last, others) = lines.split_last().unwrap();
            let others: String = others.iter().map(|line| format!("{} {line}\r\n", with('-'))).collect();
            format!("{others}{} {last}\r\n", with(' '))
        };
        assert_eq!(
            said(&mut server, "FOO\r\n"),
            reply("500 5.5.1", "Command not recognized", "nothing in Greeted")
        );
        assert_eq!(
            said(&mut server, "MAIL FROM:<a@b.example>\r\n"),
            reply("503 5.5.1", "Bad sequence of commands", "MAIL in Greeted")
        );
        assert!(said(&mut server, "EHLO b.example\r\n").starts_with("250-"));
        assert_eq!(said(&mut server, "EXPN x\r\n"), "502 5.5.1 Command not implemented\r\n");
        // The application's refusals, too, and lines that are none.
        let refused = said(&mut server, "MAIL FROM:<a@b.example>\r\n");
        assert!(
            refused.contains("451-4.3.0 MAIL in Ready\r\n451-4.3.0 false na?ve\r\n"),
            "{refused}"
        );
        assert!(refused.split("\r\n").all(|line| line.len() <= 510));
        let refused = said(&mut server, "NOOP\n");
        assert!(refused.contains("500-5.5.2 nothing in Ready\r\n"), "{refused}");
    }

    #[test]
    fn without_a_word_nothing_changes() {
        let mut config = Config::new("mx.hamburger.example".parse().unwrap());
        config.explain = Some(|_| None);
        let mut server = Server::turning_away(Arc::new(config), Refusal::no_service());
        assert_eq!(
            said(&mut server, ""),
            "554 mx.hamburger.example No SMTP service here\r\n"
        );
        assert_eq!(
            said(&mut server, "EHLO x\r\n"),
            "503 5.5.1 Bad sequence of commands\r\n"
        );
    }
}
