//! Internet messages and MIME (RFC 5322, RFC 2045 to 2049): parse, decode and compose, borrowed or streaming.

mod defect;
mod faults;
pub mod flowed;
#[doc(hidden)]
pub mod fuzzing;
pub mod maildir;
pub mod mbox;
pub mod partial;
pub mod tnef;
pub mod transfer;

pub use defect::{Defect, DefectKind};
pub use rfc5322;
pub use transfer::TransferEncoding;
