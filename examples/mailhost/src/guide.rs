//! `mailhost telnet-guide`: a course in mail by hand. A host that explains what it refuses listens on this machine, the guide says what to
//! type into telnet and why, and looks on: it ticks off what is done, and says what was to be done where something else was.
//!
//! - `lessons.rs` is what is taught.
//! - `course.rs` follows the student, by the lines that a [`Recorder`](crate::transcript::Recorder) takes down.

mod course;
mod lessons;
mod page;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use mail_wire::Secret;
use tokio::sync::mpsc;

use self::course::{Course, Said};
pub use self::lessons::Topic;
use self::lessons::{LESSONS, Lesson, SAMPLE};
use self::page::{Doors, Page};
use crate::accounts::Accounts;
use crate::host::{Host, Settings};
use crate::service::{Door, Service};
use crate::store::{Delivery, Mailbox, MemoryStore, Store};
use crate::transcript::{Scribe, Speaker};

/// Options of `mailhost telnet-guide`.
#[derive(Debug, Args)]
pub struct Guide {
    /// Print the guide and leave it at that.
    #[arg(long)]
    pub print: bool,
    /// One lesson only.
    #[arg(long, value_name = "TOPIC")]
    pub lesson: Option<Topic>,
    /// Where to listen for SMTP. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,
    /// Where to listen for POP3.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1100")]
    pub pop3: SocketAddr,
    /// Where to listen for IMAP.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1143")]
    pub imap: SocketAddr,
}

/// Goes through the course with a student, to its end.
///
/// # Errors
///
/// An address that cannot be listened to, or a screen that takes no more.
pub async fn run(options: Guide) -> Result<(), Box<dyn Error>> {
    let chosen = |lesson: &&Lesson| options.lesson.is_none_or(|topic| topic == lesson.topic);
    let lessons: Vec<&'static Lesson> = LESSONS.iter().filter(chosen).collect();
    let asked = Doors {
        smtp: options.smtp,
        pop3: options.pop3,
        imap: options.imap,
    };
    let mut page = Page::stdout(asked);
    if options.print {
        return Ok(page.whole(&lessons)?);
    }
    let (lines, mut heard) = mpsc::unbounded_channel();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut spool = store.spool();
    spool.write(SAMPLE.as_bytes()).await?;
    let sample = Delivery::mailbox(Mailbox::inbox("bob@example.org"), Vec::new());
    spool.commit(vec![sample]).await?;
    let running = Host::start(settings(Arc::new(Listener(lines)))?, store, &doors(&options)).await?;
    let at = |service| running.address(service).ok_or("a door is missing");
    page.doors = Doors {
        smtp: at(Service::Smtp)?,
        pop3: at(Service::Pop3)?,
        imap: at(Service::Imap)?,
    };
    let mut course = Course::new(lessons);
    page.beginning(&course)?;
    tokio::select! {
        taught = teach(&mut page, &mut course, &mut heard) => taught?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    running.stop().await;
    Ok(())
}

/// Until all is done.
async fn teach(
    page: &mut Page<impl Write>,
    course: &mut Course,
    heard: &mut mpsc::UnboundedReceiver<Heard>,
) -> io::Result<()> {
    while let Some(Heard {
        dialogue,
        speaker,
        line,
    }) = heard.recv().await
    {
        for said in course.line(&dialogue, speaker, &line) {
            match said {
                Said::Done(what) => page.done(&what)?,
                Said::Hint(what) => page.hint(&what, course)?,
                Said::Next => page.next(course)?,
                Said::Finished => return page.finished(course),
            }
        }
    }
    Ok(())
}

fn doors(options: &Guide) -> [Door; 3] {
    [
        Door::new(Service::Smtp, options.smtp),
        Door::new(Service::Pop3, options.pop3),
        Door::new(Service::Imap, options.imap),
    ]
}

fn settings(scribe: Arc<dyn Scribe>) -> Result<Settings, Box<dyn Error>> {
    let mut accounts = Accounts::new(["example.org".to_owned()]);
    accounts.add("bob", None, Secret::from("hungry"));
    let mut settings = Settings::new(rfc5322::Host::new("example.org")?, accounts);
    settings.explain = true;
    settings.scribe = Some(scribe);
    Ok(settings)
}

/// A line that somebody said.
struct Heard {
    dialogue: String,
    speaker: Speaker,
    line: String,
}

/// Hands on what is said, without the secrets.
struct Listener(mpsc::UnboundedSender<Heard>);

impl Scribe for Listener {
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
        // Who is gone need not hear it.
        let _ = self.0.send(Heard {
            dialogue: dialogue.to_owned(),
            speaker,
            line: line.to_owned(),
        });
    }

    fn tls(&self, _: &str) {}
}
