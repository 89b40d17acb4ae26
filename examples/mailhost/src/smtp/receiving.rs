//! From the wire into the store.

use std::io;

use smtp_proto::Refusal;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::failed;
use crate::delivery::HeaderWatch;
use crate::store::Spool;
use crate::submission::HeaderEditor;

/// A message on its way into the store.
pub(super) struct Received {
    pub(super) spool: Box<dyn Spool>,
    pub(super) header: HeaderWatch,
}

/// Streams the message into a spool. `None`: it is void, and the machine has answered for it.
///
/// When the store fails, the rest is read nevertheless: the client hears why when it has finished.
pub(super) async fn receive(
    mut body: impl AsyncBufRead + Unpin,
    spool: Box<dyn Spool>,
    editor: Option<HeaderEditor>,
) -> io::Result<Option<Result<Received, Refusal>>> {
    let mut intake = Intake {
        received: Received {
            spool,
            header: HeaderWatch::default(),
        },
        edited: Vec::new(),
        failure: None,
    };
    let mut editor = editor;
    loop {
        let octets = match body.fill_buf().await {
            Ok([]) => break,
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        };
        match &mut editor {
            None => intake.take(octets).await,
            Some(editor) => {
                editor.push(octets, &mut intake.edited);
                intake.take_edited().await;
            }
        }
        let n = octets.len();
        body.consume(n);
    }
    if let Some(mut editor) = editor {
        let finished = editor.finish(&mut intake.edited);
        intake.take_edited().await;
        if finished.is_err() {
            // Somebody in Bcc may be named in the part that was not looked at.
            intake.failure.get_or_insert_with(header_too_long);
        }
    }
    Ok(Some(match intake.failure {
        None => Ok(intake.received),
        Some(refusal) => Err(refusal),
    }))
}

struct Intake {
    received: Received,
    /// Octets behind the editor.
    edited: Vec<u8>,
    failure: Option<Refusal>,
}

impl Intake {
    async fn take(&mut self, octets: &[u8]) {
        self.received.header.observe(octets);
        if self.failure.is_none() {
            let written = self.received.spool.write(octets).await;
            self.failure = written.err().map(|error| failed(&error));
        }
    }

    async fn take_edited(&mut self) {
        let mut edited = std::mem::take(&mut self.edited);
        self.take(&edited).await;
        edited.clear();
        self.edited = edited;
    }
}

fn header_too_long() -> Refusal {
    Refusal::new(552, "5.3.4", "The header section is longer than 128 KiB").expect("a refusal")
}
