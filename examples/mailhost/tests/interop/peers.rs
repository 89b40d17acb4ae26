//! The programs that the tests talk to, each started for one test and ended with it.

mod client;
mod daemon;
mod dovecot;
mod folder;
mod mailhost;
mod postfix;
mod program;
mod smtp_sink;

pub(crate) use client::{fetch, python, run, succeed};
pub(crate) use daemon::PATIENCE;
pub(crate) use dovecot::Dovecot;
pub(crate) use folder::{Folder, new_mail};
pub(crate) use mailhost::{Mailhost, assert_delivered};
pub(crate) use postfix::Postfix;
pub(crate) use program::{Program, available};
pub(crate) use smtp_sink::SmtpSink;
