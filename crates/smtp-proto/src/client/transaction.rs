//! What a client chooses by itself for one message, before anything of it is written.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use mail_wire::Misuse;

use super::lines::Form;
use super::offers::Of;
use super::queue::Awaited;
use super::{Chunking, Config, Content, Delivery, Envelope, NotTried, Recipient, offers};
use crate::phase::Security;
use crate::{BodyType, Capabilities, Command, MailFrom, Mailbox, ParameterList, RcptTo};

/// A transaction, as far as it is not written yet.
#[derive(Debug)]
pub(super) struct Transaction {
    mail: Option<MailFrom>,
    recipients: vec::IntoIter<Result<RcptTo, NotTried>>,
    index: u32,
    pub(super) transfer: Transfer,
    pub(super) delivery: Delivery,
}

/// How the message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    /// DATA.
    Dots,
    /// BDAT.
    Chunks(Form),
}

impl Transaction {
    /// The choices for `envelope`.
    pub(super) fn plan(
        envelope: &Envelope,
        offered: &Capabilities,
        config: &Config,
        security: Security,
    ) -> Result<Self, Misuse> {
        let body = body_type(envelope.content(), offered, config)?;
        let mut parameters = offers::offered(Of::Mail, envelope.parameters(), offered, envelope.unoffered())
            .map_err(|extension| Misuse::NotOffered { extension })?;
        if parameters.iter().has("REQUIRETLS") && security != Security::Secured {
            return Err(Misuse::Insecure { command: "REQUIRETLS" });
        }
        declare_size(envelope.content(), offered, &mut parameters)?;
        if let Some(body) = body.filter(|_| !parameters.iter().has("BODY")) {
            parameters.push_body(body);
        }
        let recipients = admit(envelope, offered)?;
        if is_international(envelope, &recipients) {
            require(offered, "SMTPUTF8")?;
            if !parameters.iter().has("SMTPUTF8") {
                parameters.push_smtp_utf8();
            }
        }
        Ok(Self {
            mail: Some(MailFrom::new(envelope.sender(), &parameters)),
            transfer: transfer(envelope.content(), body, offered, config),
            delivery: envelope.delivery(),
            recipients: recipients.into_iter(),
            index: 0,
        })
    }

    /// MAIL, then each RCPT; for a recipient that is not tried, no command.
    pub(super) fn next(&mut self) -> Option<(Option<Command>, Awaited)> {
        if let Some(mail) = self.mail.take() {
            return Some((Some(Command::Mail(mail)), Awaited::Mail));
        }
        let index = self.index;
        self.index = index.saturating_add(1);
        Some(match self.recipients.next()? {
            Ok(rcpt) => (Some(Command::Rcpt(rcpt)), Awaited::Recipient(index)),
            Err(why) => (None, Awaited::NotTried(index, why)),
        })
    }

    /// Whether MAIL is written.
    pub(super) const fn is_begun(&self) -> bool {
        self.mail.is_none()
    }
}

/// The least `BODY=` that the message needs; `None` where nothing need be said.
fn body_type(content: &Content, offered: &Capabilities, config: &Config) -> Result<Option<BodyType>, Misuse> {
    let binary = content.body() == Some(BodyType::BinaryMime);
    if binary || (content.has_long_lines() && !config.long_lines) {
        require(offered, "BINARYMIME")?;
        require(offered, "CHUNKING")?;
        return match config.chunking {
            Chunking::Never => Err(Misuse::NotOffered { extension: "CHUNKING" }),
            Chunking::Auto | Chunking::Always => Ok(Some(BodyType::BinaryMime)),
        };
    }
    match content.body() {
        Some(BodyType::EightBitMime) => require(offered, "8BITMIME").map(|()| Some(BodyType::EightBitMime)),
        _ => Ok(None),
    }
}

/// The rule of [`Chunking`].
fn transfer(content: &Content, body: Option<BodyType>, offered: &Capabilities, config: &Config) -> Transfer {
    let worth_it = match config.chunking {
        Chunking::Never => false,
        Chunking::Always => true,
        Chunking::Auto => {
            let large = content.size().is_none_or(|size| size > config.limits.chunk as u64);
            large || body == Some(BodyType::BinaryMime)
        }
    };
    let form = match content.is_binary() {
        true => Form::Binary,
        false => Form::Text(config.bare_line_ends),
    };
    match worth_it && offered.offers("CHUNKING") {
        true => Transfer::Chunks(form),
        false => Transfer::Dots,
    }
}

/// `SIZE=`, or a refusal that saves the upload (RFC 1870 §6).
fn declare_size(content: &Content, offered: &Capabilities, parameters: &mut ParameterList) -> Result<(), Misuse> {
    let Some(size) = content.size().filter(|_| offered.size()) else {
        return Ok(());
    };
    if let Some(limit) = offered.size_limit().filter(|&limit| size > limit) {
        return Err(Misuse::TooLarge { size, limit });
    }
    if !parameters.iter().has("SIZE") {
        parameters.push_size(size);
    }
    Ok(())
}

/// Each recipient's RCPT, or why it is not tried.
fn admit(envelope: &Envelope, offered: &Capabilities) -> Result<Vec<Result<RcptTo, NotTried>>, Misuse> {
    let mut limits = PeerLimits::new(offered);
    let recipients = envelope.recipients().iter();
    let admitted: Vec<_> = recipients
        .map(|recipient| rcpt(recipient, envelope, offered).and_then(|rcpt| limits.admit(rcpt)))
        .collect();
    let all_or_none = envelope.delivery() == Delivery::AllOrNone;
    let hopeless = admitted.iter().all(Result::is_err);
    match admitted.iter().find_map(|admitted| admitted.as_ref().err()) {
        Some(&why) if hopeless || all_or_none => Err(misuse(why)),
        _ => Ok(admitted),
    }
}

fn rcpt(recipient: &Recipient, envelope: &Envelope, offered: &Capabilities) -> Result<RcptTo, NotTried> {
    if !recipient.path().mailbox().is_none_or(Mailbox::is_ascii) && !offered.offers("SMTPUTF8") {
        return Err(NotTried::NotOffered("SMTPUTF8"));
    }
    let parameters = offers::offered(Of::Rcpt, recipient.parameters(), offered, envelope.unoffered())
        .map_err(NotTried::NotOffered)?;
    Ok(RcptTo::new(recipient.path(), &parameters))
}

/// LIMITS (RFC 9422): how many recipients, and of how many domains, are left.
struct PeerLimits {
    recipients: Option<u64>,
    domains: Option<u64>,
    taken: u64,
    seen: BTreeSet<String>,
}

impl PeerLimits {
    fn new(offered: &Capabilities) -> Self {
        let limits = offered.limits();
        Self {
            recipients: limits.rcpt_max.map(u64::from),
            domains: limits.rcpt_domain_max.map(u64::from),
            taken: 0,
            seen: BTreeSet::new(),
        }
    }

    /// Takes a recipient in, if there is room for it and for its domain.
    fn admit(&mut self, rcpt: RcptTo) -> Result<RcptTo, NotTried> {
        if let Some(limit) = self.recipients.filter(|&limit| self.taken >= limit) {
            return Err(NotTried::RecipientLimit(limit));
        }
        if let Some(limit) = self.domains {
            let domain = rcpt.forward_path().mailbox().map_or("", |mailbox| mailbox.domain());
            let domain = domain.to_ascii_lowercase();
            if !self.seen.contains(&domain) && self.seen.len() as u64 >= limit {
                return Err(NotTried::DomainLimit(limit));
            }
            self.seen.insert(domain);
        }
        self.taken += 1;
        Ok(rcpt)
    }
}

/// Why the whole transaction is refused when no recipient, or not each, can be tried.
const fn misuse(why: NotTried) -> Misuse {
    match why {
        NotTried::NotOffered(extension) => Misuse::NotOffered { extension },
        NotTried::RecipientLimit(limit) => Misuse::PeerLimit { what: "RCPTMAX", limit },
        NotTried::DomainLimit(limit) => Misuse::PeerLimit {
            what: "RCPTDOMAINMAX",
            limit,
        },
        NotTried::Withdrawn => Misuse::OutOfSequence { command: "MAIL" },
    }
}

/// Whether SMTPUTF8 is needed (RFC 6531 §3.4).
fn is_international(envelope: &Envelope, admitted: &[Result<RcptTo, NotTried>]) -> bool {
    let sender = envelope.sender().mailbox().is_some_and(|sender| !sender.is_ascii());
    let recipient = |rcpt: &Result<RcptTo, NotTried>| {
        rcpt.as_ref()
            .is_ok_and(|rcpt| rcpt.forward_path().mailbox().is_some_and(|to| !to.is_ascii()))
    };
    envelope.content().is_international() || sender || admitted.iter().any(recipient)
}

fn require(offered: &Capabilities, extension: &'static str) -> Result<(), Misuse> {
    match offered.offers(extension) {
        true => Ok(()),
        false => Err(Misuse::NotOffered { extension }),
    }
}
