//! Several clients at once. What comes of it nobody can say, but what must hold in any case.

use std::io;

use super::view::During;
use super::{Model, list, text};
use crate::model::truth::Action;

impl Model {
    pub(super) fn concurrently(&mut self) -> io::Result<()> {
        let mut begun = Vec::new();
        for who in 0..self.clients.len() {
            if self.clients[who].listens() || self.clients[who].mailbox.is_none() || self.random.below(2) == 0 {
                continue;
            }
            let (command, during, silent) = self.any_command(who);
            let tag = self.clients[who].send(command)?;
            begun.push((who, tag, during, silent));
        }
        for (who, tag, during, silent) in begun {
            self.clients[who].result(&tag, during)?;
            // Who is silent beside others does not know what becomes of the flags, whatever was told meanwhile.
            self.clients[who].view.forget_flags(&silent);
        }
        self.truths = self.look()?;
        Ok(())
    }

    /// The command, what may be said meanwhile, and the messages of which it is silent.
    fn any_command(&mut self, who: usize) -> (String, During, Vec<u32>) {
        let mailbox = self.any_mailbox();
        let noop = ("NOOP".to_owned(), During::Other);
        let set = self.clients[who].choose(&mut self.random);
        let flags = list(&self.any_flags());
        let (command, during) = match (self.random.below(8), set) {
            (0, Some(set)) => (format!("{}COPY {} {mailbox}", set.prefix(), set.text), During::Other),
            (1, Some(set)) => (format!("{}MOVE {} {mailbox}", set.prefix(), set.text), During::Other),
            (2, Some(set)) => (
                format!("{}FETCH {} (UID FLAGS BODY[])", set.prefix(), set.text),
                set.during(),
            ),
            (3, Some(set)) => {
                let item = Action::ALL[self.random.below(3)].item();
                (
                    format!("{}STORE {} {item} {flags}", set.prefix(), set.text),
                    set.during(),
                )
            }
            (4, Some(set)) => {
                let command = format!("{}STORE {} -FLAGS.SILENT {flags}", set.prefix(), set.text);
                return (command, set.during(), set.uids);
            }
            (5, _) => ("EXPUNGE".to_owned(), During::Other),
            (6, _) => {
                self.messages += 1;
                let text = text(self.messages);
                (
                    format!("APPEND {mailbox} {flags} {{{}+}}\r\n{text}", text.len()),
                    During::Other,
                )
            }
            _ => noop,
        };
        (command, during, Vec::new())
    }
}
