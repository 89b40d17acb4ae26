//! The program: see `mailhost --help`.

use std::process::ExitCode;

use clap::Parser;
use mailhost::cli::{Cli, Command};
use mailhost::{guide, queue, serve, tour};

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    // One thread carries more than ten thousand messages a second, waking one per reply costs more than it gains, and the
    // store has threads of its own.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let ended = runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => serve::run(*options).await,
            Command::Queue(options) => queue::run(options).await,
            Command::Tour => tour::run().await,
            Command::TelnetGuide(options) => guide::run(options).await,
        }
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("mailhost: {error}");
    ExitCode::FAILURE
}
