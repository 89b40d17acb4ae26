//! A mail server for people to run, read and take apart: SMTP, submission, LMTP, POP3, TLS, a relay queue, an embedded store.
//!
//! Where to begin: [`host`] opens the doors that [`service`] names; `dialogue` is the ordinary loop around `session.next()`, [`smtp`],
//! [`pop3`] and [`imap`] what a session of each does with its events; [`delivery`] turns an envelope into deliveries with their trace fields; [`store`] keeps them; [`relay`]
//! passes on what is for other hosts; [`tour`] shows all of it at work.

pub mod accounts;
pub mod admission;
pub mod aliases;
pub mod authentication;
pub mod bounce;
pub mod certificate;
pub mod cli;
pub mod delivery;
mod dialogue;
pub mod dns;
pub mod downgrade;
mod explain;
pub mod guide;
pub mod host;
pub mod imap;
pub mod policy;
pub mod pop3;
pub mod queue;
pub mod relay;
pub mod route;
pub mod serve;
pub mod service;
pub mod smtp;
pub mod store;
pub mod submission;
pub mod tour;
pub use mail_tokio::transcript;
