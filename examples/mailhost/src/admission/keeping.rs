//! Writing the greylist down while the host runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tracing::warn;

use super::{Entry, Greylist, GreylistFile};
use crate::host::{Host, Stop};

/// Writes the host's greylist into its file each minute in which it has changed, and once more at the end.
pub(crate) async fn keep_greylist(host: Arc<Host>, mut stop: Stop) {
    let admission = &host.settings.admission;
    let (Some(greylist), Some(file)) = (&admission.greylist, &admission.greylist_file) else {
        return;
    };
    let mut kept = Vec::new();
    loop {
        let last = tokio::select! {
            () = tokio::time::sleep(PAUSE) => false,
            () = stop.requested() => true,
        };
        kept = save(greylist, file, kept).await;
        if last {
            return;
        }
    }
}

/// What is in the file then: an error leaves it as it was, and is no reason to refuse mail.
async fn save(greylist: &Greylist, file: &GreylistFile, kept: Vec<Entry>) -> Vec<Entry> {
    let entries = greylist.entries();
    if entries == kept {
        return kept;
    }
    let file = file.clone();
    let saved = spawn_blocking(move || file.save(&entries).map(|()| entries)).await;
    match saved {
        Ok(Ok(entries)) => entries,
        Ok(Err(error)) => {
            warn!(%error, "the greylist cannot be kept");
            kept
        }
        Err(_) => kept,
    }
}

const PAUSE: Duration = Duration::from_secs(60);
