//! What the server says: status responses, data, and changes.

use alloc::boxed::Box;
use alloc::vec::Vec;

use mail_wire::Misuse;

use super::updates::{Moment, renumbers};
use super::{Cause, Course, Error, Executing, Fault, Incoming, Question, Refusal, Running, Server, State};
use crate::outgoing::Waits;
use crate::syntax::writer::Writer;
use crate::{Code, Condition, Data, Esearch, IntoBoundedStatic, Status, Tag, Text};

impl Server {
    /// Untagged data in answer to the command whose ask is open; news, also while the client idles, between commands, and between the parts
    /// of APPEND.
    ///
    /// A literal that is [`Payload::Announced`](crate::Payload) is written next: through [`Upload`](mail_wire::Upload), before anything else
    /// is sent. Data is written as the client can read it (IMAP4rev2, UTF8=ACCEPT); what it must not hear now (EXPUNGE during FETCH, STORE or
    /// SEARCH) is held back as an [`update`](Self::update).
    ///
    /// The machine does not bound what is sent: flush between pieces.
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when the client has not logged in or a message streams in, and for octets that follow while a layer is put in;
    /// [`Misuse::BodyUnfinished`] inside a literal.
    pub fn send(&mut self, data: Data<'_>) -> Result<(), Misuse> {
        if self.outgoing.waits() == Waits::Body {
            return Err(Misuse::BodyUnfinished);
        }
        let (moment, asked) = match &self.state {
            State::Asked(Running { tag, question }) => (question.moment(), Some((tag, question))),
            State::Idle(_) => (Moment::Any, None),
            // A command that comes in pieces is none yet.
            State::Command | State::Appending(_) | State::Receiving(_, Incoming::End) | State::Discarding(_)
                if self.phase.is_authenticated() =>
            {
                (self.updates.between_commands(), None)
            }
            // What is said now would stand in front of the layer.
            State::Upgrading(_) if self.phase.is_authenticated() && !is_announced(&data) => {
                self.hold(data.into_static());
                return Ok(());
            }
            _ => return Err(Misuse::OutOfSequence { command: "data" }),
        };
        if moment != Moment::Any && renumbers(&data) {
            self.hold(data.into_static());
            return Ok(());
        }
        if let (
            Some((
                tag,
                Question::Execute(Executing {
                    esearch: Some(wanted), ..
                }),
            )),
            Data::Search(found),
        ) = (asked, &data)
        {
            let esearch = Esearch::of(tag.clone(), wanted.numbering, &wanted.options, found);
            if let Some(esearch) = esearch {
                self.write_data(Data::Esearch(esearch));
            }
            return Ok(());
        }
        // What stands in the data's own lifetime is written without a copy where nothing changes it.
        match self.enabled.rev2 {
            true => self.write_data(data.into_static()),
            false => self.say(&data),
        }
        Ok(())
    }

    /// A change that another session made: EXISTS, EXPUNGE, VANISHED, FETCH with FLAGS, and the like. The client hears of it as soon as it may:
    /// at once while it idles, otherwise with the next command that allows it. Nothing is reordered.
    ///
    /// More than [`ServerLimits::updates`](crate::ServerLimits::updates) that wait end the session, since the client's view is then far
    /// behind.
    ///
    /// # Errors
    ///
    /// [`Misuse::Closed`] when the dialogue is over.
    pub fn update(&mut self, data: Data<'static>) -> Result<(), Misuse> {
        if self.course != Course::Serving || matches!(self.state, State::Closing) {
            return Err(Misuse::Closed);
        }
        self.hold(data);
        Ok(())
    }

    fn hold(&mut self, data: Data<'static>) {
        let limit = self.config.limits.updates;
        if self.updates.len() >= limit {
            return self.fail(Error::Updates { limit });
        }
        self.updates.push(data);
    }

    /// Data as this client wants it.
    pub(super) fn write_data(&mut self, data: Data<'static>) {
        if let Some(data) = self.enabled.adapt(data) {
            self.say(&data);
        }
    }

    /// Writes `* `, the data and CRLF, up to the first literal that the application writes.
    pub(super) fn say(&mut self, data: &Data<'_>) {
        let spelling = self.spelling();
        let start = self.outbox.buffer().len();
        let mut writer = Writer::new(self.outbox.buffer(), spelling);
        writer.text("* ");
        data.write(&mut writer);
        writer.crlf();
        let pauses = writer.finish();
        self.outgoing.begin(&mut self.outbox, start, pauses);
    }

    /// `+`
    pub(super) fn go_ahead(&mut self, text: &[u8]) {
        self.outbox.push(b"+ ");
        self.outbox.push(text);
        self.outbox.push(b"\r\n");
    }

    /// The result of a command. Before it goes what the client may hear by now.
    pub(super) fn result(&mut self, tag: Option<&Tag<'_>>, status: &Status<'_>, moment: Moment) {
        self.tell_updates(moment);
        let spelling = self.spelling();
        let mut writer = Writer::new(self.outbox.buffer(), spelling);
        writer.text(tag.map_or("*", Tag::as_str));
        writer.space();
        status.write(&mut writer);
        writer.crlf();
        self.watch.restart();
    }

    /// Says what the client may hear by now.
    pub(super) fn tell_updates(&mut self, moment: Moment) {
        while let Some(data) = self.updates.pop(moment) {
            self.write_data(data);
        }
    }

    /// OK with words of the machine's own.
    pub(super) fn ok(&mut self, tag: &Tag<'_>, code: Option<Code<'_>>, text: &'static str, moment: Moment) {
        let text = Text::fixed(text);
        self.result(
            Some(tag),
            &Status {
                condition: Condition::Ok,
                code,
                text,
            },
            moment,
        );
    }

    pub(super) fn refused(&mut self, tag: &Tag<'_>, refusal: Refusal, moment: Moment) {
        let condition = refusal.condition();
        let text = self.explained(refusal.text().clone(), Cause::Refusal(&refusal));
        let code = refusal.into_code();
        self.result(Some(tag), &Status { condition, code, text }, moment);
    }

    /// BAD to a command that the machine refuses by itself, which counts.
    pub(super) fn bad(&mut self, tag: Option<&Tag<'_>>, fault: Fault) {
        let text = Text::new(alloc::format!("{fault}")).unwrap_or_default();
        let text = self.explained(text, Cause::Fault(fault));
        let status = Status {
            condition: Condition::Bad,
            code: None,
            text,
        };
        self.result(tag, &status, Moment::NumbersStand);
        self.errors += 1;
        let limit = self.config.limits.errors;
        if self.errors >= limit {
            self.fail(Error::Errors { limit });
        }
    }

    /// What is offered now.
    pub(super) fn capabilities(&self) -> Vec<crate::Capability<'static>> {
        use super::{Compress, Compression, Plaintext, Security, StartTls};
        use crate::Capability;
        let offers = &self.config.offers;
        let mut all = offers.always.clone();
        let exposed = self.security == Security::Plaintext;
        if self.phase.is_authenticated() {
            all.extend_from_slice(&offers.after_login);
            if self.config.compress == Compress::Offered && self.compression == Compression::Off {
                all.push(const { Capability::fixed("COMPRESS=DEFLATE") });
            }
            return all;
        }
        if exposed && self.config.starttls == StartTls::Offered {
            all.push(const { Capability::fixed("STARTTLS") });
        }
        if exposed && self.config.plaintext == Plaintext::Refused {
            all.push(const { Capability::fixed("LOGINDISABLED") });
            let open = |capability: &&Capability<'static>| !capability.name().eq_ignore_ascii_case("AUTH");
            all.extend(offers.before_login.iter().filter(open).cloned());
        } else {
            all.extend_from_slice(&offers.before_login);
        }
        all
    }
}

/// So that events stay small.
pub(super) fn boxed<T: IntoBoundedStatic>(value: T) -> Box<T::Static> {
    Box::new(value.into_static())
}

/// Whether octets belong to it that the application has not given.
fn is_announced(data: &Data<'_>) -> bool {
    match data {
        Data::Fetch(fetch) => fetch.items().iter().any(|item| item.announced().is_some()),
        _ => false,
    }
}
