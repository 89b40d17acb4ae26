//! A POP3 session now and then: it sees the maildrop as it was at login, while IMAP goes on beside it (RFC 1939 §3).

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use super::{MAILBOXES, Model};
use crate::wire::PATIENCE;

pub(super) struct Maildrop {
    stream: BufReader<TcpStream>,
    /// What was there at login, in its order.
    uids: Vec<u32>,
    marked: BTreeSet<u32>,
}

impl Model {
    pub(super) fn use_pop3(&mut self) -> io::Result<()> {
        let Some(mut maildrop) = self.maildrop.take() else {
            self.maildrop = self.open_maildrop()?;
            return Ok(());
        };
        if maildrop.uids.is_empty() || self.random.below(4) == 0 {
            return self.quit(maildrop);
        }
        let number = self.random.below(maildrop.uids.len());
        let uid = maildrop.uids[number];
        if maildrop.marked.contains(&uid) {
            self.maildrop = Some(maildrop);
            return Ok(());
        }
        let there = self.truths[MAILBOXES[0]].messages.get(&uid);
        if self.random.below(2) == 0 {
            let text = maildrop.run(&format!("RETR {}", number + 1), true)?;
            // What IMAP has removed meanwhile cannot be read any more.
            assert_eq!(text.is_some(), there.is_some(), "RETR of {uid}");
            if let (Some(text), Some(message)) = (text, there) {
                assert!(text.contains(&format!("Subject: {}\r\n", message.subject)));
            }
        } else if maildrop.run(&format!("DELE {}", number + 1), false)?.is_some() {
            maildrop.marked.insert(uid);
        }
        self.maildrop = Some(maildrop);
        Ok(())
    }

    fn open_maildrop(&self) -> io::Result<Option<Maildrop>> {
        let Some(address) = self.pop3 else { return Ok(None) };
        let mut maildrop = Maildrop::open(address)?;
        let truth = &self.truths[MAILBOXES[0]];
        let listed = maildrop.run("UIDL", true)?.expect("UIDL");
        for (line, uid) in listed.lines().zip(truth.messages.keys()) {
            assert!(line.ends_with(&format!(" {}.{uid}", truth.uid_validity)), "{line}");
        }
        assert_eq!(listed.lines().count(), truth.messages.len(), "{listed}");
        maildrop.uids = truth.messages.keys().copied().collect();
        Ok(Some(maildrop))
    }

    /// What was marked is gone; that some of it had gone before is no error.
    fn quit(&mut self, mut maildrop: Maildrop) -> io::Result<()> {
        assert!(maildrop.run("QUIT", false)?.is_some());
        let mut expected = self.truths.clone();
        let truth = expected.get_mut(MAILBOXES[0]).expect("there are two");
        truth.messages.retain(|uid, _| !maildrop.marked.contains(uid));
        self.conclude(&expected)
    }
}

impl Maildrop {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut maildrop = Self {
            stream: BufReader::new(stream),
            uids: Vec::new(),
            marked: BTreeSet::new(),
        };
        assert!(maildrop.line()?.starts_with("+OK"));
        for command in ["USER bob", "PASS hungry"] {
            assert!(maildrop.run(command, false)?.is_some(), "{command}");
        }
        Ok(maildrop)
    }

    /// A command's answer, when it is a positive one; with what follows its first line, if that is more than one.
    fn run(&mut self, command: &str, long: bool) -> io::Result<Option<String>> {
        self.stream.get_mut().write_all(format!("{command}\r\n").as_bytes())?;
        if !self.line()?.starts_with("+OK") {
            return Ok(None);
        }
        let mut text = String::new();
        if !long {
            return Ok(Some(text));
        }
        loop {
            let line = self.line()?;
            if line == ".\r\n" {
                return Ok(Some(text));
            }
            text += &line;
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        assert!(!line.is_empty(), "the POP3 session is over");
        Ok(line)
    }
}
