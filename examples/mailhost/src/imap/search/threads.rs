//! THREAD (RFC 5256 §3).

use imap_mailbox::threads;
use imap_proto::server::Completion;
use imap_proto::{Data, Thread};

use super::scan::{Facts, Wanted};
use crate::imap::ImapDialogue;
use crate::imap::execute::Outcome;

impl ImapDialogue {
    pub(in crate::imap) async fn thread(&mut self, command: &Thread<'_>) -> Outcome {
        // An algorithm that is not known is refused before messages are looked at.
        threads(&command.algorithm, &[])?;
        let plan = self.plan(Some(&command.charset), &command.program)?;
        let scan = self.scan_selected(plan, Wanted::Threads)?;
        let mut progress = self.progress();
        let found = self.run(&scan, &mut progress).await?;
        let messages: Vec<_> = found
            .iter()
            .filter_map(|found| match &found.facts {
                Facts::Thread(facts) => Some((found.hit.number(command.numbering), facts)),
                Facts::None | Facts::Sort(_) => None,
            })
            .collect();
        let threads = threads(&command.algorithm, &messages)?;
        self.session.send(Data::Thread(threads)).await?;
        Ok(Completion::default())
    }
}
