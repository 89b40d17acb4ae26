//! The full-screen reader.
//!
//! [`state`] is what is shown and what keys do; [`draw`] shows it; `network` does what it wishes for and tells it what
//! happened. The loop here carries keys, wishes and news between the three.

use std::env;
use std::io::{self, IsTerminal};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc;

use crate::context::Context;
use crate::failure::Failure;

pub mod draw;
mod keys;
mod network;
pub mod state;
mod wrap;

use draw::Palette;
use state::{App, Key, Told, Wish};

/// Logs in, takes the terminal, and gives it back whatever happens: at the end, on a signal, in a panic.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::usage("the full-screen reader needs a terminal")
            .hint("`mua list` and `mua read` do not; mua --help"));
    }
    if context.talks_on_screen {
        return Err(Failure::usage("a transcript on the terminal would be drawn over").hint("--transcript=FILE"));
    }
    // Before the terminal is taken: a password may have to be asked for, and an error is to stay on the screen.
    let connection = network::Connection::open(context).await?;
    let terminal = ratatui::try_init()?;
    let ended = show(context, connection, terminal).await;
    ratatui::try_restore()?;
    ended
}

async fn show(
    context: &Context,
    mut connection: network::Connection<'_>,
    terminal: DefaultTerminal,
) -> Result<(), Failure> {
    let (wish, mut wishes) = mpsc::unbounded_channel();
    let (tell, told) = mpsc::unbounded_channel();
    let title = context
        .account
        .address
        .clone()
        .or_else(|| context.account.user.clone())
        .unwrap_or_default();
    let app = App::new(&title);
    tokio::select! {
        ended = converse(app, terminal, wish, told) => ended,
        () = connection.serve(&mut wishes, &tell) => Ok(()),
    }
}

/// Until somebody wants to leave.
async fn converse(
    mut app: App,
    mut terminal: DefaultTerminal,
    wish: mpsc::UnboundedSender<Wish>,
    mut told: mpsc::UnboundedReceiver<Told>,
) -> Result<(), Failure> {
    let palette = Palette::new(env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()));
    let mut events = events();
    let mut leave = std::pin::pin!(signalled());
    loop {
        let mut measured = None;
        terminal.draw(|frame| measured = Some(draw::draw(frame, &app, palette)))?;
        if let Some(measured) = measured {
            app.measured(measured);
        }
        tokio::select! {
            event = events.recv() => match event {
                Some(Event::Key(key)) if key.kind != KeyEventKind::Release => match read(key).and_then(|key| app.key(key)) {
                    Some(Wish::Quit) => return Ok(()),
                    Some(wanted) => drop(wish.send(wanted)),
                    None => {}
                },
                // The size is asked for whenever it is drawn.
                Some(_) => {}
                None => return Ok(()),
            },
            Some(news) = told.recv() => app.told(news),
            () = &mut leave => return Ok(()),
        }
    }
}

/// What the terminal says. Reading it blocks, so it has a thread, which ends with the program.
fn events() -> mpsc::UnboundedReceiver<Event> {
    let (send, events) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if send.send(event).is_err() {
                return;
            }
        }
    });
    events
}

/// SIGTERM, SIGHUP and SIGINT leave in good order; Ctrl-C is a key here.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
    let [Ok(mut terminate), Ok(mut hangup), Ok(mut interrupt)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn read(key: KeyEvent) -> Option<Key> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Key::Interrupt),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Char(c) => Key::Char(c),
        _ => return None,
    })
}
