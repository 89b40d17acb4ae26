//! What a server machine does with a command.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use mail_wire::Ask;

use super::maildrop::Lookup;
use super::phrase::Voice;
use super::reply::{self, Listing};
use super::{
    Credentials, Deletions, Error, Event, Holding, Language, Phrase, Plaintext, Question, Sasl, Security, Server,
    State, Stls,
};
use crate::apop::{Digest, Proof};
use crate::error::Fault;
use crate::{
    Authenticate, Capability, Command, Encoding, Expected, Keyword, LanguageRange, Name, Password, Phase, Status,
    SyntaxError, Transition, Utf8,
};

impl Server {
    pub(super) fn obey(&mut self, command: Command) -> Result<Option<Event>, Fault> {
        let keyword = command.keyword();
        if let Err(error) = self.phase.allows(keyword) {
            return Err(Fault::OutOfSequence(keyword, error));
        }
        match command {
            Command::User(name) => self.user(name)?,
            Command::Pass(password) => return self.pass(password),
            Command::Apop(name, digest) => return self.apop(name, digest).map(Some),
            Command::Auth(Some(auth)) => return self.authenticate(auth).map(Some),
            Command::Auth(None) => self.mechanisms()?,
            Command::Stls => self.stls()?,
            Command::Utf8 => self.utf8()?,
            Command::Lang(range) => self.lang(range)?,
            Command::Capa => self.capabilities(),
            Command::Quit => return Ok(self.quit()),
            other => return self.transact(other),
        }
        Ok(None)
    }

    fn user(&mut self, name: Name) -> Result<(), Fault> {
        self.passwords_may_pass(Keyword::User)?;
        self.may_be_named(&name, Keyword::User)?;
        self.say(Status::Ok, Phrase::SendPassword);
        self.holding = Holding::Name(name);
        self.step(Transition::Accepted(Keyword::User));
        Ok(())
    }

    fn pass(&mut self, password: Password) -> Result<Option<Event>, Fault> {
        // Which encoding other passwords are in cannot be seen: they pass as they are.
        if self.takes_names() && core::str::from_utf8(password.secret().expose()).is_err() {
            let offset = "PASS ".len();
            return Err(SyntaxError::new(offset, Expected::Utf8Password).into());
        }
        let Holding::Name(name) = mem::replace(&mut self.holding, Holding::Nothing) else {
            return Ok(None);
        };
        let password = password.into_secret();
        Ok(Some(
            self.ask_login(Keyword::Pass, Credentials::User { name, password }),
        ))
    }

    fn apop(&mut self, name: Name, digest: Digest) -> Result<Event, Fault> {
        let timestamp = self.apop.clone().ok_or(Fault::NotOffered(Keyword::Apop))?;
        self.may_be_named(&name, Keyword::Apop)?;
        let proof = Box::new(Proof::new(timestamp, digest));
        Ok(self.ask_login(Keyword::Apop, Credentials::Apop { name, proof }))
    }

    fn ask_login(&mut self, keyword: Keyword, credentials: Credentials) -> Event {
        self.state = State::Asked(Question::Login(keyword));
        Event::Login(self.asking.open(), credentials)
    }

    fn authenticate(&mut self, auth: Authenticate) -> Result<Event, Fault> {
        let offered = self.config.mechanisms.offered(self.security);
        if !offered.contains(&auth.mechanism) {
            let secured = self.config.mechanisms.secured.contains(&auth.mechanism);
            return Err(match secured {
                true => Fault::NeedsTls(Keyword::Auth),
                false => Fault::UnknownMechanism,
            });
        }
        self.holding = Holding::Nothing;
        Ok(Event::Authenticate(self.ask_sasl(), Box::new(auth)))
    }

    pub(super) fn ask_sasl(&mut self) -> Ask<Sasl> {
        self.state = State::Asked(Question::Sasl);
        self.asking.open()
    }

    fn mechanisms(&mut self) -> Result<(), Fault> {
        let offered = self.config.mechanisms.offered(self.security);
        if offered.is_empty() {
            return Err(Fault::NotOffered(Keyword::Auth));
        }
        let mut voice = Voice::new(&self.config, self.language, &mut self.outbox);
        voice.say(Status::Ok, Phrase::Mechanisms);
        for mechanism in offered {
            voice.line(format_args!("{mechanism}"));
        }
        voice.line(format_args!("."));
        self.step(Transition::Listed);
        Ok(())
    }

    /// docs/threats.md row 4: what stands behind STLS was sent in plaintext, by whomever.
    fn stls(&mut self) -> Result<(), Fault> {
        self.may_secure()?;
        if !self.window.unread().is_empty() {
            self.say(Status::Err, Phrase::Injection);
            self.fail(Error::Injection);
            return Ok(());
        }
        self.say(Status::Ok, Phrase::BeginTls);
        self.holding = Holding::Nothing;
        self.step(Transition::Accepted(Keyword::Stls));
        self.state = State::Securing;
        Ok(())
    }

    fn may_secure(&self) -> Result<(), Fault> {
        match (self.security, self.config.stls, self.encoding) {
            (Security::Secured, ..) => Err(Fault::AlreadySecured),
            (_, Stls::NotOffered, _) => Err(Fault::NotOffered(Keyword::Stls)),
            // RFC 6856 §2.1
            (.., Encoding::Utf8) => Err(Fault::TlsBehindUtf8),
            _ => Ok(()),
        }
    }

    fn utf8(&mut self) -> Result<(), Fault> {
        if self.config.utf8.is_none() {
            return Err(Fault::NotOffered(Keyword::Utf8));
        }
        self.encoding = Encoding::Utf8;
        self.say(Status::Ok, Phrase::Utf8Mode);
        Ok(())
    }

    fn lang(&mut self, range: Option<LanguageRange>) -> Result<(), Fault> {
        if self.config.languages.is_empty() {
            return Err(Fault::NotOffered(Keyword::Lang));
        }
        let Some(range) = range else {
            self.languages();
            return Ok(());
        };
        let chosen = Language::choose(&self.config.languages, &range).ok_or(Fault::UnknownLanguage)?;
        self.language = Some(chosen);
        self.voice().say_language();
        Ok(())
    }

    fn languages(&mut self) {
        self.say(Status::Ok, Phrase::Languages);
        for language in &self.config.languages {
            language.listing().encode(self.outbox.buffer());
            self.outbox.push(b"\r\n");
        }
        self.outbox.push(b".\r\n");
    }

    fn quit(&mut self) -> Option<Event> {
        if self.phase != Phase::Transaction {
            self.say(Status::Ok, Phrase::Goodbye);
            self.step(Transition::Accepted(Keyword::Quit));
            return None;
        }
        self.step(Transition::Accepted(Keyword::Quit));
        self.state = State::Asked(Question::Update);
        let deletions = match &mut self.holding {
            Holding::Maildrop(maildrop) => maildrop.take_deletions(),
            _ => Deletions::default(),
        };
        Some(Event::Update(self.asking.open(), deletions))
    }

    /// A command of the TRANSACTION state.
    fn transact(&mut self, command: Command) -> Result<Option<Event>, Fault> {
        let Holding::Maildrop(maildrop) = &mut self.holding else {
            return Ok(None);
        };
        let size = match command.message().map(|number| (number, maildrop.lookup(number))) {
            Some((_, Lookup::Unknown)) => {
                let messages = maildrop.len();
                return Err(Fault::NoSuchMessage { messages });
            }
            Some((number, Lookup::Deleted)) => return Err(Fault::Deleted(number)),
            Some((_, Lookup::Present(size))) => size,
            None => 0,
        };
        let voice = Voice::new(&self.config, self.language, &mut self.outbox);
        match command {
            Command::Retr(number) => {
                self.state = State::Asked(Question::Retrieve(size));
                return Ok(Some(Event::Retrieve(self.asking.open(), number)));
            }
            Command::Top(number, lines) => {
                self.state = State::Asked(Question::Top(lines));
                return Ok(Some(Event::Top(self.asking.open(), number, lines)));
            }
            Command::List(None) => self.state = State::Listing(Listing::sizes(maildrop, voice)),
            Command::Uidl(None) => self.state = State::Listing(Listing::unique_ids(voice)),
            other => reply::from_listing(&other, maildrop, voice),
        }
        Ok(None)
    }

    fn capabilities(&mut self) {
        let lines = self.offers();
        reply::capabilities(&lines, self.voice());
    }

    /// Everything that CAPA lists now.
    fn offers(&self) -> Vec<Capability> {
        let config = &*self.config;
        let mut lines = Vec::from([Capability::Top]);
        lines.extend(
            self.passwords_may_pass(Keyword::User)
                .is_ok()
                .then_some(Capability::User),
        );
        lines.extend([
            Capability::Uidl,
            Capability::RespCodes,
            Capability::AuthRespCode,
            Capability::Pipelining,
        ]);
        let mechanisms = config.mechanisms.offered(self.security);
        lines.extend((!mechanisms.is_empty()).then(|| Capability::Sasl(mechanisms.to_vec())));
        let secures = self.may_secure().is_ok() && self.phase.allows(Keyword::Stls).is_ok();
        lines.extend(secures.then_some(Capability::Stls));
        lines.extend(config.utf8.map(Capability::Utf8));
        lines.extend((!config.languages.is_empty()).then_some(Capability::Lang));
        let told = &config.capabilities;
        let (mut expire, mut login_delay) = (told.expire, told.login_delay);
        if let Holding::Maildrop(maildrop) = &self.holding {
            expire = maildrop.expire.or(expire);
            login_delay = maildrop.login_delay.or(login_delay);
        }
        lines.extend(expire.map(Capability::Expire));
        lines.extend(login_delay.map(Capability::LoginDelay));
        let implementation = told.implementation.clone().filter(|text| !text.is_empty());
        lines.extend(implementation.map(Capability::Implementation));
        lines
    }

    fn passwords_may_pass(&self, keyword: Keyword) -> Result<(), Fault> {
        match (self.security, self.config.plaintext) {
            (Security::Secured, _) | (_, Plaintext::Allowed) => Ok(()),
            _ => Err(Fault::NeedsTls(keyword)),
        }
    }

    fn takes_names(&self) -> bool {
        self.config.utf8 == Some(Utf8::MessagesAndNames)
    }

    /// RFC 6856 §2.2
    fn may_be_named(&self, name: &Name, keyword: Keyword) -> Result<(), Fault> {
        match name.beyond_ascii() {
            Some(offset) if !self.takes_names() => {
                let offset = keyword.as_str().len() + 1 + offset;
                Err(SyntaxError::new(offset, Expected::Name).into())
            }
            _ => Ok(()),
        }
    }
}
