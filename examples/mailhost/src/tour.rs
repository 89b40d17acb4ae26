//! `mailhost tour`: one message from Alice's client through two hosts to Bob's, one that comes back, one that lies, and one
//! that is read in two places, shown and checked.
//!
//! The dialogues overlap in time. Each is taken down while it happens, by a [`Recorder`](crate::transcript::Recorder) that
//! sees what TLS hides, and shown when the one before it has ended. What TLS leaves to others is kept beside it
//! (`wire`).

mod arrived;
mod checks;
mod clients;
mod dialogue;
mod forgery;
mod hosts;
mod journey;
mod message;
mod screen;
mod script;
mod undelivered;
mod wire;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use mail_sasl::Mechanism;
use mime_codec::Message;
use rfc5322::DateTime;

use self::arrived::Arrived;
use self::checks::Checks;
use self::clients::TwoClients;
use self::dialogue::{Dialogue, Heard, Lines};
use self::forgery::Forgery;
use self::hosts::{BOB_ADDRESS, Hosts, Left, NOBODY_ADDRESS, Submission};
use self::journey::Journey;
use self::screen::Screen;
use self::undelivered::Undelivered;
use self::wire::{Capture, Listener};
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
    let seen = travelled.map_err(|_| TOO_LONG)??;
    let left = left?;
    relay.finish()?;

    screen.heading("10. Is all of this as it should be?")?;
    seen.checks(&left, now()).report(screen)??;
    Ok(screen.text(FAREWELL)?)
}

/// All that the tour has seen.
struct Seen {
    journey: Journey,
    capture: Capture,
    undelivered: Undelivered,
    forgery: Forgery,
    clients: TwoClients,
}

impl Seen {
    fn checks(&self, left: &Left, ended: DateTime) -> Checks {
        let mut checks = Checks::default();
        self.journey.checks(ended, &mut checks);
        self.capture.checks(&self.journey.submission, &mut checks);
        self.undelivered.checks(&mut checks);
        self.forgery.checks(&mut checks);
        self.clients.checks(&mut checks);
        left.checks(&mut checks);
        checks
    }
}

/// All chapters but the last.
async fn travel(hosts: &Hosts<'_>, relay: &mut Lines, screen: &mut Screen<impl Write>) -> Result<Seen, Box<dyn Error>> {
    introduce(hosts, screen)?;
    let (journey, capture) = lunch(hosts, relay, screen).await?;

    screen.heading("4. What somebody on the way got of dialogue 1")?;
    screen.text(ON_THE_WAY)?;
    capture.show(screen)?;

    screen.heading("5. The message as it arrived")?;
    Arrived::new(&journey.fetched.message).show(&arrived::LUNCH, screen)?;
    screen.heading("6. Its parts, as a parser sees them")?;
    show_parts(&journey.fetched.message, screen)?;

    let undelivered = misaddressed(hosts, relay, screen).await?;
    let forgery = forged(hosts, screen).await?;
    let clients = two_clients(hosts, screen).await?;
    Ok(Seen {
        journey,
        capture,
        undelivered,
        forgery,
        clients,
    })
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

/// The three dialogues of Alice's message to Bob, and what a listener got of the first.
async fn lunch(
    hosts: &Hosts<'_>,
    relay: &mut Lines,
    screen: &mut Screen<impl Write>,
) -> Result<(Journey, Capture), Box<dyn Error>> {
    let (began, written) = (now(), message::compose(now())?);

    screen.heading("1. Submission: Alice's client gives the message to her own server")?;
    let submitted = Submission {
        dialogue: Dialogue::Submission,
        mechanism: Mechanism::ScramSha256Plus,
        to: BOB_ADDRESS,
        message: &written,
    };
    let (scribe, lines) = Lines::of(Dialogue::Submission);
    let listener = Listener::default();
    let submitting = hosts.submit(submitted, scribe, listener.clone());
    let (submission, ()) = both(submitting, lines, screen).await?;

    screen.heading("2. Relay: her server passes it on to Bob's")?;
    let relay = relay.follow(screen).await?;

    screen.heading("3. Retrieval: Bob's client asks his server for mail")?;
    let (scribe, lines) = Lines::of(Dialogue::Retrieval);
    let (retrieval, fetched) = both(hosts.fetch_for_bob(Some(scribe)), lines, screen).await?;

    let journey = Journey {
        began,
        written,
        submission,
        relay,
        retrieval,
        fetched,
    };
    Ok((journey, listener.capture()))
}

/// A message to nobody, and the report about it.
async fn misaddressed(
    hosts: &Hosts<'_>,
    relay: &mut Lines,
    screen: &mut Screen<impl Write>,
) -> Result<Undelivered, Box<dyn Error>> {
    screen.heading("7. A recipient who does not exist, and the report that comes back")?;
    screen.text(MISTYPED)?;
    let written = message::to_nobody(now())?;
    let submitted = Submission {
        dialogue: Dialogue::Misaddressed,
        mechanism: Mechanism::Plain,
        to: NOBODY_ADDRESS,
        message: &written,
    };
    let (scribe, lines) = Lines::of(Dialogue::Misaddressed);
    let submitting = hosts.submit(submitted, scribe, Listener::default());
    let (submission, ()) = both(submitting, lines, screen).await?;

    screen.text(PASSED_ON)?;
    relay.turn_to(Dialogue::Refusal);
    let refusal = relay.follow(screen).await?;

    screen.text(REPORTED)?;
    let report = hosts.fetch_for_alice().await?;
    let undelivered = Undelivered {
        written,
        submission,
        refusal,
        report,
    };
    undelivered.show_report(screen)?;
    Ok(undelivered)
}

/// A message that lies about who wrote it.
async fn forged(hosts: &Hosts<'_>, screen: &mut Screen<impl Write>) -> Result<Forgery, Box<dyn Error>> {
    screen.heading("8. A forged sender")?;
    screen.text(STRANGER)?;
    let written = message::forged(now())?;
    let (scribe, lines) = Lines::of(Dialogue::Forgery);
    let (heard, ()) = both(hosts.forge(scribe, &written), lines, screen).await?;

    screen.text(FETCHED)?;
    let fetched = hosts.fetch_for_bob(None).await?;
    let forgery = Forgery {
        written,
        heard,
        fetched,
    };
    forgery.show_message(screen)?;
    screen.text(WHY)?;
    Ok(forgery)
}

/// A message that is read in two places at once.
async fn two_clients(hosts: &Hosts<'_>, screen: &mut Screen<impl Write>) -> Result<TwoClients, Box<dyn Error>> {
    screen.heading("9. One mailbox in two clients: IMAP")?;
    screen.text(TWO_CLIENTS)?;
    let (scribe, mut phone_lines) = Lines::of(Dialogue::Phone);
    let phone = clients::select(hosts, Dialogue::Phone, scribe, Listener::default()).await?;
    let (rang, mut rings) = tokio::sync::mpsc::unbounded_channel();
    let working = async {
        rings.recv().await.ok_or(clients::HUNG_UP)?;
        hosts.send_picture(&message::picture(now())?).await?;
        // Who opens the mailbox first has the message as recent one.
        rings.recv().await.ok_or(clients::HUNG_UP)?;
        let (scribe, desk_lines) = Lines::of(Dialogue::Desk);
        let listener = Listener::default();
        let desk = clients::select(hosts, Dialogue::Desk, scribe, listener.clone()).await?;
        Ok((
            clients::read(desk, &mut rings).await?,
            clients::sent(&listener),
            desk_lines,
        ))
    };
    let (pushed, worked) = tokio::join!(clients::watch(phone, rang), working);
    let (size, sent, mut desk_lines) = worked.map_err(|error: Box<dyn Error>| error)?;
    let phone = phone_lines.follow(screen).await?;
    let pushed = pushed?;
    phone_lines.finish()?;

    screen.text(AT_THE_DESK)?;
    let desk = desk_lines.follow(screen).await?;
    desk_lines.finish()?;
    let clients = TwoClients {
        phone,
        desk,
        size,
        sent,
        pushed,
    };
    screen.text(&clients.saved())?;
    // He keeps it on the server. The tour does not.
    hosts.fetch_for_bob(None).await?;
    Ok(clients)
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
    let (submission, pop3) = (hosts::submission_of(&hosts.crepes), hosts::pop3(&hosts.crepes));
    screen.text(&format!(
        "    {:<14} submission {submission:<16} POP3 {pop3}",
        hosts::CREPES
    ))?;
    let (smtp, pop3) = (hosts::smtp(&hosts.hamburger), hosts::pop3(&hosts.hamburger));
    screen.text(&format!(
        "    {:<14} SMTP       {smtp:<16} POP3 {pop3}",
        hosts::HAMBURGER
    ))?;
    Ok(())
}

const INTRODUCTION: &str = "\
Alice (alice@crepes.fr) sends a message with a picture to Bob (bob@hamburger.edu).

                   1. SMTP               2. SMTP                   3. POP3
                    in TLS
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

const ON_THE_WAY: &str = "\
Somebody who listens between Alice's client and crepes.fr reads dialogue 1 up to \"220 2.0.0\" as it
stands above. Then come TLS records. The first five octets of each are its type, a version (two)
and its length (two). Twelve of the rest are shown; then the type in words, and the length.
";

const MISTYPED: &str = "\
Alice writes to Bob once more, and mistypes his address. Her client greets, begins TLS, and greets
again as in dialogue 1.
";

const PASSED_ON: &str = "
Now crepes.fr passes it on. It greets hamburger.edu as in dialogue 2, and says:
";

const REPORTED: &str = "
The message is nowhere but at crepes.fr, which has promised to deliver it or to say why not. So it
writes a report to the reverse-path of the envelope. Alice's client finds it when it next asks for
mail, as Bob's did in dialogue 3, but behind STLS:
";

const STRANGER: &str = "\
Trudy has an account at neither host. She connects to hamburger.edu, as any host may that has mail
for Bob:
";

const FETCHED: &str = "
Bob's client fetches it as in dialogue 3. This is what he has:
";

const WHY: &str = "
Why does SMTP let it pass? Because the envelope and the header are different things. MAIL says
where reports go; From says who wrote the message; and the two may well differ: a mailing list sends
on what others wrote, a shop's mail comes from a company that sends for it, and whoever passes mail
on keeps its From. A server cannot tell those from Trudy; and SMTP was made to carry mail, not to
vouch for it: whoever can speak it can send such a message (RFC 5321 §7.1).

Three things have been built around it. For each the owner of a domain publishes something in the
DNS, and the host that receives mail looks there; mailhost looks at none of them.

    SPF    RFC 7208  says from which addresses mail of a domain comes, and looks at the envelope.
                     For intruder.example, which is hers, Trudy publishes what she likes: it passes.
    DKIM   RFC 6376  is a signature of a domain, for header and body; the key is in the DNS. This
                     message has none, but not having one does not make a message false.
    DMARC  RFC 7489  ties both to From: the domain there must be one that passed SPF or DKIM, and
                     its owner says what to do otherwise. intruder.example is not crepes.fr, so a
                     host that looks would refuse this message, if crepes.fr asks for that.";

const TWO_CLIENTS: &str = "\
Bob's telephone speaks IMAP, where the mail stays on the server (RFC 9051). It opens his mailbox and
waits. Then Alice's camera sends a picture of 300,000 octets, and Bob reads it at his desk.
";

const AT_THE_DESK: &str = "
Meanwhile his computer has said, in a dialogue of its own:
";

const FAREWELL: &str = "
All of it is. Now be a client yourself. In one terminal:

    cargo run -p mailhost -- serve --domain hamburger.edu --user bob:hungry

In another, type the C: lines of dialogue 2 into \"telnet 127.0.0.1 2525\", with a message of your
own, then those of dialogue 3 into \"telnet 127.0.0.1 1100\"; Bob's password is hungry. With
\"--imap 127.0.0.1:1430\" it speaks IMAP, too.";

/// How long the tour may take. It takes a second or so.
const PATIENCE: Duration = Duration::from_secs(30);

const TOO_LONG: &str = "the tour took too long: nothing came behind the last line above for up to 30 seconds";
