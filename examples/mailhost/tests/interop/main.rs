//! Our programs and clients against real mail software from Debian, on loopback.
//!
//! A test whose program is missing, or that needs root and is not run by root, says `SKIPPED` on standard error and
//! passes; with `MAIL_INTEROP=required` in the environment it fails instead. Nothing of the machine's own mail setup is
//! touched: each peer runs on a free port, out of a temporary folder, and ends with its test.
#![cfg(target_os = "linux")]

mod adapters;
mod blocklist;
mod curl;
mod doors;
mod dovecot_lmtp;
mod harness;
mod imap_clients;
mod logins;
mod mbsync;
mod message;
mod our_imap;
mod our_pop3;
mod our_smtp;
mod peers;
mod postfix_extensions;
mod python;
mod relay;
mod reports;
mod require_tls;
mod user_agents;
