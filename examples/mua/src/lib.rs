//! A mail user agent for the terminal and for scripts: messages out by SMTP submission, in by IMAP and POP3.
//!
//! Where is what? A command's options are in `cli`, what it does is in the file of its name. `account` says whom it is
//! done for, `doors` how the servers are reached, `output` how rows are printed. [`reader`] is the full-screen program:
//! `state` knows what is shown and what keys do, `draw` shows it, `network` talks to the server; neither knows the
//! other.

mod account;
mod address;
pub mod attachments;
mod check;
mod cli;
mod compose;
mod config;
mod context;
mod discover;
mod doors;

mod failure;
mod fetch;
mod files;
mod flag;
pub mod harmless;
mod html;
mod idle;
mod list;
mod output;
mod password;
mod progress;
mod read;
pub mod reader;
mod save;
mod search;
mod send;
mod stored;
pub mod summary;
mod transcript;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use context::Context;
use failure::Failure;

/// Runs the program with the arguments that it was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.shared.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(Failure::from(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let Some(command) = cli.command else {
        return reader::run(&Context::new(cli.shared)?).await;
    };
    let context = Context::new(cli.shared)?;
    match command {
        cli::Command::Send(options) => send::run(&context, options).await,
        cli::Command::List(options) => list::run(&context, &options).await,
        cli::Command::Read(options) => read::run(&context, &options).await,
        cli::Command::Save(options) => save::run(&context, &options).await,
        cli::Command::Flag(options) => flag::run(&context, &options).await,
        cli::Command::Move(options) => flag::move_to(&context, &options).await,
        cli::Command::Delete(options) => flag::delete(&context, &options).await,
        cli::Command::Search(options) => search::run(&context, &options).await,
        cli::Command::Idle(options) => idle::run(&context, &options).await,
        cli::Command::Fetch(options) => fetch::run(&context, &options).await,
        cli::Command::Account(cli::Account::Check) => check::run(&context).await,
        cli::Command::Account(cli::Account::Discover(options)) => discover::run(&context, &options).await,
    }
}
