//! Reports that senders asked for about mail that was delivered here (RFC 3461 §5.2.3).

use std::sync::Arc;

use tracing::warn;

use crate::bounce::report_delivered;
use crate::host::Host;
use crate::store::{Addressee, Delivered, Mailbox, Notify, Receipt, Recipient, RecipientStatus, Terms};

/// A recipient here whose sender wants to hear that the mail has arrived.
pub(super) struct Wish {
    mailbox: Mailbox,
    /// As RCPT named it.
    addressee: Addressee,
}

impl Wish {
    /// `None` where nothing was asked for.
    pub(super) fn of(mailbox: &Mailbox, addressee: Addressee) -> Option<Self> {
        let wanted = addressee.notify.is_some_and(|notify| notify.contains(Notify::SUCCESS));
        wanted.then(|| Self {
            mailbox: mailbox.clone(),
            addressee,
        })
    }
}

/// Tells the sender what was delivered. `mailboxes` are those of the receipt's first deliveries. A report that cannot be
/// made is not worth the message: it has arrived.
pub(super) async fn report(
    host: &Arc<Host>,
    reverse_path: &str,
    terms: &Terms,
    wishes: Vec<Wish>,
    mailboxes: &[Mailbox],
    receipt: &Receipt,
) {
    let Some(first) = wishes.first() else {
        return;
    };
    let place = mailboxes.iter().position(|mailbox| *mailbox == first.mailbox);
    let delivered = place.and_then(|place| receipt.deliveries.get(place));
    let Some(Delivered::Mailbox(_, uid)) = delivered else {
        return;
    };
    let message = match host.store.open(&first.mailbox, *uid).await {
        Ok(message) => message,
        Err(error) => return warn!(%error, "a delivery is not reported"),
    };
    let recipients: Vec<Recipient> = wishes
        .into_iter()
        .map(|wish| Recipient {
            status: RecipientStatus::Delivered,
            ..Recipient::from(wish.addressee)
        })
        .collect();
    if let Err(error) = report_delivered(host, reverse_path, terms, &recipients, message).await {
        warn!(%error, "a delivery is not reported");
    }
}
