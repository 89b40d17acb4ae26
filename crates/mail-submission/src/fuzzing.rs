//! Properties that hold for any octets: each is one line in a fuzz target, and `tests/submissions.rs` replays them.

use alloc::collections::BTreeSet;
use alloc::string::ToString;

use rfc5322::{FieldName, Fields};

use crate::Submission;

/// What is sent has no blind recipients, its body is untouched, and nobody is sent to twice.
pub fn submission(data: &[u8]) {
    let Ok(submission) = Submission::of(data) else { return };
    let sent = submission.message();
    for field in Fields::new(sent).flatten() {
        assert!(
            !field.is(&FieldName::BCC) && !field.is(&FieldName::RESENT_BCC),
            "{field:?}"
        );
    }
    let (before, after) = (Fields::new(data).body(), Fields::new(sent).body());
    assert_eq!(data[before..], sent[after..]);
    let recipients = submission.envelope().recipients();
    let once: BTreeSet<_> = recipients.iter().map(ToString::to_string).collect();
    assert_eq!(once.len(), recipients.len());
    assert!(!recipients.is_empty());
}
