//! `mua save`.

use std::fmt;
use std::fs;

use serde::Serialize;

use crate::attachments::{self, Attachment};
use crate::cli::Save;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::harmless;
use crate::stored;

/// An attachment that is in a file now.
#[derive(Serialize)]
struct Saved {
    #[serde(flatten)]
    attachment: Attachment,
    file: String,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "saved {} ({} octets)",
            harmless::line(&self.file),
            self.attachment.size
        )
    }
}

pub(crate) async fn run(context: &Context, options: &Save) -> Result<(), Failure> {
    let mut imap = context.imap().await?;
    stored::examine(&mut imap, &options.mailbox).await?;
    let loaded = stored::load(&mut imap, options.uid, "").await?;
    let _ = imap.logout().await;
    fs::create_dir_all(&options.to).map_err(|error| Failure::from(error).at(options.to.display()))?;
    let message = loaded.message();
    let mut saved = 0;
    for (attachment, part) in attachments::parts(&message) {
        if options.part.is_some_and(|wanted| wanted != attachment.part) {
            continue;
        }
        let path = files::write_new(&options.to, &attachment.name, &part.decode())
            .map_err(|error| Failure::from(error).at(options.to.join(&attachment.name).display()))?;
        let file = path.to_string_lossy().into_owned();
        context.output.row(&Saved { attachment, file })?;
        saved += 1;
    }
    match (saved, options.part) {
        (0, Some(part)) => Err(Failure::new(
            Exit::NotFound,
            format!("message {} has no attachment {part}", options.uid),
        )
        .hint("mua read shows their numbers")),
        (0, None) => Err(Failure::new(
            Exit::NotFound,
            format!("message {} has no attachments", options.uid),
        )),
        _ => Ok(()),
    }
}
