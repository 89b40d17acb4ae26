//! A message that arrives in chunks: BDAT (RFC 3030 §2).
//!
//! The octets of a chunk follow their command whatever its reply will be: those of a refused one are read away. To the
//! application the chunks of a message are one body, between which nothing is asked.

use alloc::boxed::Box;

use mail_wire::{Ask, Step, bare_line_end};

use super::body::Drain;
use super::state::Why;
use super::{Ending, Event, Protocol, Server, State, replies};
use crate::phase::{Action, Phase};
use crate::{Bdat, Command, CommandError, Limit, Refusal, Verb};

/// The chunk that arrives.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Octets that are to come, with those offered.
    left: u64,
    size: u64,
    last: bool,
    /// Octets at the window's front that the application may take.
    offered: usize,
}

impl Chunk {
    pub(super) const fn offered(&self) -> usize {
        self.offered
    }

    /// The application is done with at most `n` octets; returns how many there were.
    pub(super) fn consume(&mut self, n: usize) -> usize {
        let n = n.min(self.offered);
        self.offered -= n;
        self.left -= n as u64;
        n
    }
}

impl Server {
    pub(super) fn bdat(&mut self, bdat: Bdat) -> Option<Step<Event>> {
        if bdat.size == 0 {
            self.tally.idle_commands += 1;
        }
        let begins = self.standing.phase == Phase::Recipients;
        if let Err(fault) = self.check_chunk(bdat) {
            self.refuse_chunk(bdat, Why::Fault(fault));
            return None;
        }
        self.advance_phase(Action::Chunk);
        self.transaction.octets += bdat.size;
        self.arriving = bdat;
        if begins {
            return Some(Step::Event(Event::Data(self.ask())));
        }
        self.receive_chunk();
        None
    }

    fn check_chunk(&self, bdat: Bdat) -> Result<(), CommandError> {
        if !self.config.offers.chunking {
            return Err(CommandError::NotOffered);
        }
        if self.standing.phase == Phase::Sender {
            return Err(CommandError::NoRecipients);
        }
        self.standing.after(Action::Chunk)?;
        let limit = self.config.limits.message;
        if limit > 0 && self.transaction.octets.saturating_add(bdat.size) > limit {
            return Err(Limit::Message(limit).into());
        }
        Ok(())
    }

    /// The octets of a chunk that will not be taken follow all the same.
    fn refuse_chunk(&mut self, bdat: Bdat, why: Why) {
        let legal = self.standing.after(Action::Chunk).is_ok();
        let body_is_open = self.standing.phase == Phase::Chunks;
        let drain = self.chunk_drain(bdat.size, bdat.last && legal, why, legal && !body_is_open);
        // Only a chunk that was legal ends the transaction.
        self.advance_phase(Action::Chunk);
        self.state = match body_is_open && legal {
            true => State::BodyAborted(drain),
            false => State::Draining(drain),
        };
    }

    /// What reads `left` octets away. In LMTP the last chunk has as many replies as recipients.
    fn chunk_drain(&self, left: u64, last: bool, why: Why, reset: bool) -> Drain {
        let replies = match self.config.protocol {
            Protocol::Lmtp if last => self.transaction.recipients,
            _ => 1,
        };
        Drain::Chunk {
            left,
            drained: 0,
            why,
            replies,
            reset,
        }
    }

    pub(super) fn answer_chunk(&mut self, verdict: Result<(), Refusal>) {
        match verdict {
            Ok(()) => self.receive_chunk(),
            Err(refusal) => {
                let Bdat { size, last } = self.arriving;
                let why = Why::Refused(Box::new(refusal));
                self.state = State::Draining(self.chunk_drain(size, last, why, false));
            }
        }
    }

    fn receive_chunk(&mut self) {
        let Bdat { size, last } = self.arriving;
        self.stopwatch.restart();
        self.state = State::Chunk(Chunk {
            left: size,
            size,
            last,
            offered: 0,
        });
    }

    pub(super) fn chunk_step(&mut self) -> Option<Step<Event>> {
        let strict = !self.transaction.binary && !self.config.leniency.bare_line_ends_in_messages;
        let State::Chunk(chunk) = &mut self.state else {
            return None;
        };
        if chunk.offered > 0 {
            return Some(Step::Body);
        }
        let unread = self.window.unread();
        let n = usize::try_from(chunk.left).unwrap_or(usize::MAX).min(unread.len());
        if chunk.left == 0 {
            self.end_chunk();
        } else if n == 0 && self.window.is_closed() {
            self.state = State::BodyAborted(Drain::Nothing(Ending::EndOfInput));
        } else if n == 0 {
            return Some(Step::NeedInput);
        } else if strict && is_bare(&unread[..n], &mut self.transaction.after_cr) {
            self.abort_chunk(CommandError::BareLineEnd);
        } else {
            chunk.offered = n;
            return Some(Step::Body);
        }
        None
    }

    fn end_chunk(&mut self) {
        let State::Chunk(chunk) = &self.state else { return };
        let (size, last) = (chunk.size, chunk.last);
        if last && self.transaction.after_cr {
            return self.abort_chunk(CommandError::BareLineEnd);
        }
        self.stopwatch.restart();
        if last {
            if self.transaction.octets > super::body::RELAX_ABOVE {
                self.window.relax();
            }
            self.state = State::BodyEnd;
            return;
        }
        self.advance_phase(Action::ChunkEnd);
        self.state = State::Command;
        self.say(&replies::CHUNK, Some(&alloc::format!("{size} octets received")));
    }

    /// The message is void from here on; the rest of the chunk is drained when the application has closed it.
    fn abort_chunk(&mut self, why: CommandError) {
        let State::Chunk(chunk) = &self.state else { return };
        let (left, last) = (chunk.left, chunk.last);
        self.state = State::BodyAborted(self.chunk_drain(left, last, Why::Fault(why), false));
    }

    /// Commands between two chunks that end the message: the application closes its body before they are carried out.
    pub(super) const fn breaks_off(&self, verb: Verb) -> bool {
        let ends = matches!(verb, Verb::Rset | Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::Quit);
        ends && matches!(self.standing.phase, Phase::Chunks)
    }

    pub(super) fn break_off(&mut self, command: Command) {
        self.state = State::BodyAborted(Drain::Then(Box::new(command)));
    }

    pub(super) fn ask<Q>(&mut self) -> Ask<Q> {
        self.state = State::Asked;
        self.asking.open()
    }
}

/// Whether CR or LF stands alone in what follows octets of which the last was CR, or was not.
fn is_bare(octets: &[u8], after_cr: &mut bool) -> bool {
    let rest = match (*after_cr, octets.split_first()) {
        (true, Some((b'\n', rest))) => rest,
        (true, Some(_)) => return true,
        _ => octets,
    };
    *after_cr = rest.ends_with(b"\r");
    bare_line_end(rest.strip_suffix(b"\r").unwrap_or(rest)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// docs/threats.md row 22: every string over a small alphabet, at every cut, against what a whole look says.
    #[test]
    fn bare_line_ends_are_found_across_cuts() {
        for len in 0..=6u32 {
            for number in 0..4usize.pow(len) {
                let input: Vec<u8> = (0..len).map(|i| b"\r\nx."[number / 4usize.pow(i) % 4]).collect();
                let lone = |at: usize| match input[at] {
                    b'\r' => input.get(at + 1) != Some(&b'\n'),
                    b'\n' => at == 0 || input[at - 1] != b'\r',
                    _ => false,
                };
                let expected = (0..input.len()).any(lone);
                for cut in 0..=input.len() {
                    let (a, b) = input.split_at(cut);
                    let mut after_cr = false;
                    let mut found = [a, b]
                        .iter()
                        .any(|piece| !piece.is_empty() && is_bare(piece, &mut after_cr));
                    found |= after_cr;
                    assert_eq!(found, expected, "{input:?} cut at {cut}");
                }
            }
        }
    }
}
