//! What keys do.

use super::state::{App, Key, Mode, Pane, Wish};

/// Keys and what they do, for the help and the line at the bottom.
pub(super) const KEYS: [(&str, &str); 14] = [
    ("Tab", "next pane"),
    ("↑ ↓ j k", "one line"),
    ("Space PgDn PgUp", "one page"),
    ("Home End", "first, last"),
    ("Enter", "open the mailbox or the message"),
    ("n p", "next, previous message"),
    ("f", "flag, or take the flag away"),
    ("u", "seen, or not seen"),
    ("d", "delete"),
    ("s", "attachments: look and save"),
    ("/", "search; Esc shows all again"),
    ("r", "look again"),
    ("?", "this help"),
    ("q Ctrl-C", "leave"),
];

impl App {
    /// Somebody pressed a key.
    pub fn key(&mut self, key: Key) -> Option<Wish> {
        if key == Key::Interrupt {
            return Some(Wish::Quit);
        }
        match std::mem::take(&mut self.mode) {
            Mode::Browse => self.browse(key),
            // Any key ends it.
            Mode::Help => None,
            Mode::Search(words) => self.type_words(key, words),
            Mode::Attachments(at) => self.choose(key, at),
            Mode::Confirm(uid) => matches!(key, Key::Char('y')).then(|| self.delete(uid)),
        }
    }

    fn browse(&mut self, key: Key) -> Option<Wish> {
        match key {
            Key::Tab => self.pane = self.beside(1),
            Key::BackTab => self.pane = self.beside(2),
            Key::Up | Key::Char('k') => self.go(|at, _| at.saturating_sub(1)),
            Key::Down | Key::Char('j') => self.go(|at, _| at + 1),
            Key::PageUp => self.go(|at, page| at.saturating_sub(page)),
            Key::PageDown | Key::Char(' ') => self.go(|at, page| at + page),
            Key::Home => self.go(|_, _| 0),
            Key::End => self.go(|_, _| usize::MAX),
            Key::Enter => return self.enter(),
            Key::Escape => return self.back(),
            Key::Char('n') => return self.step(1),
            Key::Char('p') => return self.step(-1),
            Key::Char('f') => return self.toggle("\\Flagged"),
            Key::Char('u') => return self.toggle("\\Seen"),
            Key::Char('d') => return self.ask_to_delete(),
            Key::Char('s') => self.list_attachments(),
            Key::Char('/') => self.mode = Mode::Search(String::new()),
            Key::Char('r') => return Some(Wish::Open(self.mailbox.clone())),
            Key::Char('?') => self.mode = Mode::Help,
            Key::Char('q') => return Some(Wish::Quit),
            _ => {}
        }
        None
    }

    /// The pane so many steps on. There is no message's pane without a message.
    fn beside(&self, steps: usize) -> Pane {
        let all = [Pane::Folders, Pane::Messages, Pane::Text];
        let panes = if self.opened.is_some() { &all[..] } else { &all[..2] };
        let at = panes.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        // Two steps on is one back only where there are three.
        panes[(at + steps.min(panes.len() - 1)) % panes.len()]
    }

    /// Moves what the pane's keys move; `to` gets the place and the size of a page.
    fn go(&mut self, to: impl Fn(usize, usize) -> usize) {
        let within = |at: usize, len: usize| at.min(len.saturating_sub(1));
        match self.pane {
            Pane::Folders => self.folder = within(to(self.folder, self.measured.list.max(1)), self.folders.len()),
            Pane::Messages => self.cursor = within(to(self.cursor, self.measured.list.max(1)), self.messages.len()),
            Pane::Text => {
                let (most, page) = (self.most_scroll(), self.measured.text.max(1));
                if let Some(opened) = &mut self.opened {
                    opened.scroll = to(opened.scroll, page).min(most);
                }
            }
        }
    }

    fn enter(&mut self) -> Option<Wish> {
        match self.pane {
            Pane::Folders => {
                let folder = self.folders.get(self.folder).filter(|folder| folder.selectable)?;
                self.pane = Pane::Messages;
                self.status = "opening …".to_owned();
                Some(Wish::Open(folder.name.clone()))
            }
            Pane::Messages => self.read(),
            Pane::Text => None,
        }
    }

    fn read(&mut self) -> Option<Wish> {
        let uid = self.current()?.uid;
        if self.opened.as_ref().is_some_and(|opened| opened.uid == uid) {
            self.pane = Pane::Text;
            return None;
        }
        self.status = "loading …".to_owned();
        Some(Wish::Read(uid))
    }

    /// From the message to the list, from what was found to all.
    fn back(&mut self) -> Option<Wish> {
        if self.pane == Pane::Text {
            self.pane = Pane::Messages;
            return None;
        }
        self.found.take().map(|_| Wish::Open(self.mailbox.clone()))
    }

    fn step(&mut self, by: isize) -> Option<Wish> {
        let to = self
            .cursor
            .checked_add_signed(by)
            .filter(|to| *to < self.messages.len())?;
        self.cursor = to;
        match self.opened.is_some() {
            true => self.read(),
            false => None,
        }
    }

    fn toggle(&mut self, flag: &'static str) -> Option<Wish> {
        let message = self.current()?;
        Some(Wish::Flag(message.uid, flag, !message.has(flag)))
    }

    fn ask_to_delete(&mut self) -> Option<Wish> {
        let uid = self.current()?.uid;
        if self.has_trash {
            return Some(self.delete(uid));
        }
        self.mode = Mode::Confirm(uid);
        None
    }

    fn delete(&mut self, uid: u32) -> Wish {
        self.status = "deleting …".to_owned();
        Wish::Delete(uid)
    }

    fn list_attachments(&mut self) {
        match self.opened.as_ref().map(|opened| opened.attachments.is_empty()) {
            Some(false) => self.mode = Mode::Attachments(0),
            Some(true) => self.status = "nothing is attached".to_owned(),
            None => self.status = "open a message first (Enter)".to_owned(),
        }
    }

    fn choose(&mut self, key: Key, at: usize) -> Option<Wish> {
        let opened = self.opened.as_ref()?;
        let last = opened.attachments.len().saturating_sub(1);
        let uid = opened.uid;
        match key {
            Key::Up | Key::Char('k') => self.mode = Mode::Attachments(at.saturating_sub(1)),
            Key::Down | Key::Char('j') => self.mode = Mode::Attachments((at + 1).min(last)),
            Key::Enter | Key::Char('s') => return Some(Wish::Save(uid, Some(at + 1))),
            Key::Char('a') => return Some(Wish::Save(uid, None)),
            Key::Escape | Key::Char('q') => {}
            _ => self.mode = Mode::Attachments(at),
        }
        None
    }

    fn type_words(&mut self, key: Key, mut words: String) -> Option<Wish> {
        match key {
            Key::Escape => return None,
            Key::Enter if words.trim().is_empty() => return None,
            Key::Enter => {
                self.status = "searching …".to_owned();
                return Some(Wish::Search(words));
            }
            Key::Backspace => drop(words.pop()),
            Key::Char(c) if words.len() < LONGEST_SEARCH => words.push(c),
            _ => {}
        }
        self.mode = Mode::Search(words);
        None
    }
}

/// Octets of what can be typed.
const LONGEST_SEARCH: usize = 500;
