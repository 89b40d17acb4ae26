//! Several clients at once. What comes of it nobody can say, but what must hold in any case.

use std::io;

use super::view::During;
use super::{Model, list};
use crate::model::truth::Action;

impl Model {
    pub(super) fn concurrently(&mut self) -> io::Result<()> {
        let mut begun = Vec::new();
        for who in 0..self.clients.len() {
            if self.clients[who].idles() || self.clients[who].mailbox.is_none() || self.random.below(2) == 0 {
                continue;
            }
            let (command, during) = self.any_command(who);
            let tag = self.clients[who].send(command)?;
            begun.push((who, tag, during));
        }
        for (who, tag, during) in begun {
            self.clients[who].result(&tag, during)?;
        }
        self.truths = self.look()?;
        Ok(())
    }

    fn any_command(&mut self, who: usize) -> (String, During) {
        let mailbox = self.any_mailbox();
        let noop = ("NOOP".to_owned(), During::Other);
        let set = self.clients[who].choose(&mut self.random);
        let flags = list(&self.any_flags());
        match (self.random.below(8), set) {
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
                // Who is silent beside others does not know what becomes of the flags.
                for slot in &mut self.clients[who].view.slots {
                    let named = slot.uid.is_some_and(|uid| set.uids.contains(&uid));
                    slot.flags = slot.flags.take().filter(|_| !named);
                }
                let command = format!("{}STORE {} -FLAGS.SILENT {flags}", set.prefix(), set.text);
                (command, set.during())
            }
            (5, _) => ("EXPUNGE".to_owned(), During::Other),
            (6, _) => {
                self.messages += 1;
                let text = format!("Subject: message {}\r\n\r\nHello.\r\n", self.messages);
                (
                    format!("APPEND {mailbox} {flags} {{{}+}}\r\n{text}", text.len()),
                    During::Other,
                )
            }
            _ => noop,
        }
    }
}
