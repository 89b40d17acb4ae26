//! `mailhost tour`: one message from Alice's client through two hosts to Bob's, shown and checked.
//!
//! The dialogues overlap in time. Each is taken down while it happens, by a [`Tap`](crate::transcript::Tap) on the
//! connection, and shown when the one before it has ended.

mod arrived;
mod checks;
mod dialogue;
mod hosts;
mod journey;
mod message;
mod screen;
mod script;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use mime_codec::Message;

use self::arrived::Arrived;
use self::dialogue::{Dialogue, Heard, Lines};
use self::hosts::Hosts;
use self::journey::Journey;
use self::screen::Screen;
use crate::delivery::now;

/// Shows the journey on standard output.
///
/// # Errors
///
/// What differs from what should be, what the system refuses, and a tour that takes too long.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let toured = tour(&mut Screen::stdout(), folder.path()).await;
    let removed = folder.close();
    toured?;
    Ok(removed?)
}

async fn tour(screen: &mut Screen<impl Write>, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (hosts, mut relay) = Hosts::start(folder).await?;
    let travelled = tokio::time::timeout(PATIENCE, travel(&hosts, &mut relay, screen)).await;
    // In any case: their stores must be closed before the folder goes.
    let left = hosts.stop().await;
    let journey = travelled.map_err(|_| TOO_LONG)??;
    let left = left?;
    relay.finish()?;

    screen.heading("4. The message as it arrived")?;
    Arrived::new(&journey.fetched.message).show(screen)?;
    screen.heading("5. Its parts, as a parser sees them")?;
    show_parts(&journey.fetched.message, screen)?;
    screen.heading("6. Is all of this as it should be?")?;
    journey.checks(&left, now()).report(screen)??;
    Ok(screen.text(FAREWELL)?)
}

/// The tree of parts.
fn show_parts(message: &[u8], screen: &mut Screen<impl Write>) -> std::io::Result<()> {
    let parts = Message::parse(message).outline().to_string();
    screen.text(parts.trim_end())?;
    screen.note(&[
        "One line for each entity: its type, how it is encoded, what it is there for and under which",
        "name, its octets once decoded, and at which octet of the message it begins. The outermost is",
        "the message itself; the parts of a multipart hang below it (RFC 2046 §5.1).",
        "\"cargo run -p mailtool -- message FILE\" shows any message so.",
    ])
}

/// The three dialogues.
async fn travel(
    hosts: &Hosts<'_>,
    relay: &mut Lines,
    screen: &mut Screen<impl Write>,
) -> Result<Journey, Box<dyn Error>> {
    introduce(hosts, screen)?;
    let (began, written) = (now(), message::compose(now())?);

    screen.heading("1. Submission: Alice's client gives the message to her own server")?;
    let (scribe, lines) = Lines::of(Dialogue::Submission);
    let submitting = hosts::submit(hosts::smtp(&hosts.crepes), scribe, &written);
    let (submission, ()) = both(submitting, lines, screen).await?;

    screen.heading("2. Relay: her server passes it on to Bob's")?;
    let relay = relay.follow(screen).await?;

    screen.heading("3. Retrieval: Bob's client asks his server for mail")?;
    let (scribe, lines) = Lines::of(Dialogue::Retrieval);
    let fetching = hosts::fetch(hosts::pop3(&hosts.hamburger), scribe);
    let (retrieval, fetched) = both(fetching, lines, screen).await?;

    Ok(Journey {
        began,
        written,
        submission,
        relay,
        retrieval,
        fetched,
    })
}

/// Lets a client work while its dialogue is shown.
async fn both<T>(
    client: impl Future<Output = Result<T, Box<dyn Error>>>,
    mut lines: Lines,
    screen: &mut Screen<impl Write>,
) -> Result<(Heard, T), Box<dyn Error>> {
    let (heard, done) = tokio::join!(lines.follow(screen), client);
    // What was said tells more than how the client took it.
    let heard = heard?;
    let done = done?;
    lines.finish()?;
    Ok((heard, done))
}

fn introduce(hosts: &Hosts<'_>, screen: &mut Screen<impl Write>) -> Result<(), Box<dyn Error>> {
    screen.text(INTRODUCTION)?;
    for (name, running) in [(hosts::CREPES, &hosts.crepes), (hosts::HAMBURGER, &hosts.hamburger)] {
        let (smtp, pop3) = (hosts::smtp(running), hosts::pop3(running));
        screen.text(&format!("    {name:<14} SMTP {smtp:<16} POP3 {pop3}"))?;
    }
    Ok(())
}

const INTRODUCTION: &str = "\
Alice (alice@crepes.fr) sends a message with a picture to Bob (bob@hamburger.edu).

                   1. SMTP               2. SMTP                   3. POP3
    Alice's client -------->  crepes.fr  -------->  hamburger.edu  <-------- Bob's client
                              keeps it in           keeps it in
                              its queue             Bob's maildrop

An arrow points from the one who connects, the client, to the server. A dialogue looks like this:

C: what the client says
S: what the server replies
      and what it is for

Both hosts run now, in this process, on ports that only this machine can reach. (The usual ones are
25 for SMTP between servers, 587 for submission, and 110 for POP3.)
";

const FAREWELL: &str = "
All of it is. Now be a client yourself. In one terminal:

    cargo run -p mailhost -- serve --domain hamburger.edu --user bob:hungry

In another, type the C: lines of dialogue 2 into \"telnet 127.0.0.1 2525\", with a message of your
own, then those of dialogue 3 into \"telnet 127.0.0.1 1100\"; Bob's password is hungry.";

/// How long the tour may take. It takes a second or so.
const PATIENCE: Duration = Duration::from_secs(30);

const TOO_LONG: &str = "the tour took too long: nothing came behind the last line above for up to 30 seconds";
