//! What is shown, and how it changes: by keys (in `keys`), and by what the network tells. No terminal and no server is
//! known here.

use crate::attachments::Attachment;
use crate::summary::Summary;

/// A part of the screen that keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The mailboxes.
    Folders,
    /// The list of messages.
    #[default]
    Messages,
    /// The message.
    Text,
}

/// What lies over the screen, or waits for an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    #[default]
    Browse,
    /// All keys, explained.
    Help,
    /// Words to look for are being typed.
    Search(String),
    /// The attachments, one of them chosen.
    Attachments(usize),
    /// A message would be deleted for ever: really?
    Confirm(u32),
}

/// A mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// Whether there can be messages in it.
    pub selectable: bool,
    /// How many were not seen.
    pub unseen: u32,
}

/// The message that is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub uid: u32,
    /// Header fields, harmless.
    pub fields: Vec<(&'static str, String)>,
    /// Its text, harmless, line by line.
    pub lines: Vec<String>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// Rows above the first that is shown.
    pub scroll: usize,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are called what they are")]
pub enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Tab,
    BackTab,
    Escape,
    Backspace,
    Char(char),
    /// Ctrl-C.
    Interrupt,
}

/// What the network is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Open a mailbox, or look at it again.
    Open(String),
    /// Get a message and mark it as seen.
    Read(u32),
    /// Set a flag or take it away.
    Flag(u32, &'static str, bool),
    /// To the trash, or for ever.
    Delete(u32),
    /// Find messages of the open mailbox.
    Search(String),
    /// Write an attachment to a file: the message, the number, or all of them.
    Save(u32, Option<usize>),
    /// Leave.
    Quit,
}

/// What the network has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// All mailboxes, and whether deleting moves to a trash.
    Folders(Vec<Folder>, bool),
    /// A mailbox is open, its newest messages, the newest first.
    Opened(String, Vec<Summary>),
    /// What is in the open mailbox now.
    Refreshed(Vec<Summary>),
    /// The words that were looked for, and what has them.
    Found(String, Vec<Summary>),
    /// A message to read.
    Message(Box<Opened>),
    /// Messages have arrived, oldest first.
    Arrived(Vec<Summary>),
    /// A message has a flag now, or has not.
    Flagged(u32, &'static str, bool),
    /// A message is gone.
    Gone(u32),
    /// Something worth a line.
    Remark(String),
}

/// How large things were when they were drawn, for keys that turn pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Rows of the list of messages.
    pub list: usize,
    /// Rows of the message's pane.
    pub text: usize,
    /// Rows that the message would need.
    pub needed: usize,
}

/// All that is shown.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// Whose mail it is.
    pub title: String,
    /// The mailboxes.
    pub folders: Vec<Folder>,
    /// The one the cursor is on.
    pub folder: usize,
    /// The mailbox that is open.
    pub mailbox: String,
    /// Its messages, the newest first, or those that were found.
    pub messages: Vec<Summary>,
    /// The one the cursor is on.
    pub cursor: usize,
    /// What was looked for, when only that is shown.
    pub found: Option<String>,
    /// The message that is read.
    pub opened: Option<Opened>,
    /// Where keys go.
    pub pane: Pane,
    /// What lies above.
    pub mode: Mode,
    /// The last thing worth a line.
    pub status: String,
    /// Whether deleting can be undone.
    pub has_trash: bool,
    /// As it was drawn last.
    pub measured: Measured,
}

impl App {
    /// Before anything is known.
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            status: "opening …".to_owned(),
            ..Self::default()
        }
    }

    /// The message the cursor is on.
    pub fn current(&self) -> Option<&Summary> {
        self.messages.get(self.cursor)
    }

    /// How large things are on the screen.
    pub fn measured(&mut self, measured: Measured) {
        self.measured = measured;
        let most = self.most_scroll();
        if let Some(opened) = &mut self.opened {
            opened.scroll = opened.scroll.min(most);
        }
    }

    /// Rows that can be scrolled away.
    pub(super) fn most_scroll(&self) -> usize {
        self.measured.needed.saturating_sub(self.measured.text)
    }

    /// The network has done something, or something has happened.
    pub fn told(&mut self, told: Told) {
        match told {
            Told::Folders(folders, has_trash) => {
                self.folder = folders
                    .iter()
                    .position(|folder| folder.name == self.mailbox)
                    .unwrap_or(0);
                (self.folders, self.has_trash) = (folders, has_trash);
            }
            Told::Opened(mailbox, messages) => {
                self.status = count(messages.len());
                (self.mailbox, self.messages, self.cursor) = (mailbox, messages, 0);
                (self.opened, self.found) = (None, None);
                self.folder = self
                    .folders
                    .iter()
                    .position(|folder| folder.name == self.mailbox)
                    .unwrap_or(self.folder);
            }
            Told::Refreshed(messages) => self.refresh(messages),
            Told::Found(words, messages) => {
                self.status = count(messages.len());
                (self.messages, self.cursor, self.found) = (messages, 0, Some(words));
                self.pane = Pane::Messages;
            }
            Told::Message(opened) => {
                self.set_flag(opened.uid, "\\Seen", true);
                self.status.clear();
                self.opened = Some(*opened);
                self.pane = Pane::Text;
            }
            Told::Arrived(new) => self.arrived(new),
            Told::Flagged(uid, flag, on) => self.set_flag(uid, flag, on),
            Told::Gone(uid) => self.gone(uid),
            Told::Remark(text) => self.status = text,
        }
    }

    /// Another list of the same mailbox. While something was looked for, only what is known about those is renewed.
    fn refresh(&mut self, messages: Vec<Summary>) {
        let here = self.current().map(|message| message.uid);
        match self.found {
            None => self.messages = messages,
            Some(_) => self.messages.iter_mut().for_each(|old| {
                if let Some(new) = messages.iter().find(|new| new.uid == old.uid) {
                    *old = new.clone();
                }
            }),
        }
        let at = here.and_then(|uid| self.messages.iter().position(|message| message.uid == uid));
        self.cursor = at.unwrap_or(self.cursor).min(self.messages.len().saturating_sub(1));
    }

    fn arrived(&mut self, new: Vec<Summary>) {
        let Some(last) = new.last() else {
            return;
        };
        self.status = format!("new: {} from {}", last.subject, last.from);
        let unseen = new.iter().filter(|message| !message.has("\\Seen")).count();
        self.count_unseen(|before| before + u32::try_from(unseen).unwrap_or(u32::MAX));
        if self.found.is_some() {
            return;
        }
        let was_empty = self.messages.is_empty();
        for message in new {
            self.messages.insert(0, message);
            self.cursor += usize::from(!was_empty);
        }
        self.cursor = self.cursor.min(self.messages.len() - 1);
    }

    fn gone(&mut self, uid: u32) {
        let Some(at) = self.messages.iter().position(|message| message.uid == uid) else {
            return;
        };
        let gone = self.messages.remove(at);
        if !gone.has("\\Seen") {
            self.count_unseen(|before| before.saturating_sub(1));
        }
        if at < self.cursor || self.cursor == self.messages.len() {
            self.cursor = self.cursor.saturating_sub(1);
        }
        if self.opened.as_ref().is_some_and(|opened| opened.uid == uid) {
            self.opened = None;
            self.pane = Pane::Messages;
        }
    }

    fn set_flag(&mut self, uid: u32, flag: &str, on: bool) {
        let Some(message) = self.messages.iter_mut().find(|message| message.uid == uid) else {
            return;
        };
        let was = message.has(flag);
        message.set(flag, on);
        if flag == "\\Seen" && was != on {
            self.count_unseen(|before| if on { before.saturating_sub(1) } else { before + 1 });
        }
    }

    fn count_unseen(&mut self, change: impl Fn(u32) -> u32) {
        let open = self.folders.iter_mut().find(|folder| folder.name == self.mailbox);
        if let Some(folder) = open {
            folder.unseen = change(folder.unseen);
        }
    }
}

fn count(messages: usize) -> String {
    match messages {
        1 => "1 message".to_owned(),
        messages => format!("{messages} messages"),
    }
}
