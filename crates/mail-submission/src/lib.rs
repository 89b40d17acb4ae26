//! From a message to its submission: the envelope that its header fields ask for, and the message as others may see it.
//!
//! What it does not do: it sends nothing (`Mailer` of `mail-blocking` and `mail-tokio` does), adds no `Date` and no `Message-ID`, and does not ask who may
//! send in whose name.
//!
//! The one place where messages and SMTP meet, without I/O: neither `smtp-proto` knows of messages nor `rfc5322` of envelopes.
//!
//! ```
//! use mail_submission::Submission;
//!
//! let message = b"From: Alice <alice@crepes.example>\r\n\
//!     To: Friends: bob@hamburger.example, Carol <carol@x.example>;\r\n\
//!     Bcc: dave@x.example\r\n\
//!     Subject: lunch\r\n\r\nAt noon?\r\n";
//! let submission = Submission::of(message)?;
//! assert_eq!(submission.envelope().sender().to_string(), "<alice@crepes.example>");
//! assert_eq!(submission.envelope().recipients().len(), 3);
//! assert!(!submission.message().windows(3).any(|word| word == b"Bcc"));
//! # Ok::<(), mail_submission::NotSubmittable>(())
//! ```

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[doc(hidden)]
pub mod fuzzing;
mod resent;
mod submission;

pub use submission::{NotSubmittable, Submission};
