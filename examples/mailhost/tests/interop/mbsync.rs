//! mbsync keeps a maildir and mailhost alike, both ways: messages, flags, deletions, mailboxes and their names.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use imap_proto::{Flag, SequenceSet, StoreAction};
use mail_blocking::imap::Client;

use crate::our_imap::{Way, add, flags_by_subject};
use crate::peers::{Folder, Mailhost, Program, SecuredMailhost, available, succeed};

#[test]
fn mbsync_keeps_both_sides_alike() {
    if !available(&[Program::Mbsync]) {
        return;
    }
    let mailhost = SecuredMailhost::for_all();
    for way in Way::all(&mailhost) {
        let mut imap: Client = way.connect();
        let local = Mbsync::new(&mailhost, &way);
        both_ways(&mut imap, &local);
        // The next way begins with nothing.
        let all = SequenceSet::all();
        imap.select("INBOX").unwrap();
        imap.store(all, StoreAction::Add, vec![Flag::Deleted]).unwrap();
        imap.close().unwrap();
        imap.delete("Mills/New").unwrap();
        imap.delete("Mills").unwrap();
    }
}

fn both_ways(imap: &mut Client, local: &Mbsync) {
    add(imap, "INBOX", "first", &[Flag::Seen]);
    add(imap, "INBOX", "second", &[]);
    add(imap, "INBOX", "third", &[Flag::Flagged, Flag::Answered]);
    imap.create("Mills/Old").unwrap();
    add(imap, "Mills/Old", "wheel", &[]);
    local.synchronise();
    assert_eq!(local.list("INBOX"), ["first S", "second ", "third FR"]);
    assert_eq!(local.list("Mills/Old"), ["wheel "]);

    // There: flags, a message less, another name.
    imap.select("INBOX").unwrap();
    imap.store(one(2), StoreAction::Add, vec![Flag::Seen, Flag::Draft])
        .unwrap();
    imap.store(one(3), StoreAction::Remove, vec![Flag::Flagged]).unwrap();
    imap.store(one(1), StoreAction::Add, vec![Flag::Deleted]).unwrap();
    imap.close().unwrap();
    imap.rename("Mills/Old", "Mills/New").unwrap();
    local.synchronise();
    assert_eq!(local.list("INBOX"), ["second DS", "third R"]);
    assert_eq!(local.list("Mills/New"), ["wheel "]);
    // It removes no mailbox that holds mail: that is left to people.
    fs::remove_dir_all(local.folder("Mills/Old")).unwrap();

    // Here: the same.
    local.mark("INBOX", "second", "FS");
    fs::remove_file(local.file("INBOX", "third")).unwrap();
    local.put("INBOX", "fourth");
    fs::rename(
        local.file("Mills/New", "wheel"),
        local.folder("INBOX").join("new/1.wheel"),
    )
    .unwrap();
    local.synchronise();
    imap.noop().unwrap();
    let there = [("fourth", ""), ("second", "\\Flagged \\Seen"), ("wheel", "")];
    assert_eq!(
        flags_by_subject(imap, "INBOX"),
        there.map(|(subject, flags)| (subject.to_owned(), flags.to_owned()))
    );
    assert_eq!(flags_by_subject(imap, "Mills/New"), []);

    // Nothing is left to do.
    let before = local.list("INBOX");
    local.synchronise();
    assert_eq!(local.list("INBOX"), before);
}

fn one(number: u32) -> SequenceSet {
    let number = number.try_into().expect("it is not 0");
    SequenceSet::from_numbers([number]).expect("there is one")
}

/// The maildirs, and the file that says how they belong to mailhost's mailboxes.
struct Mbsync {
    folder: Folder,
    configuration: String,
}

impl Mbsync {
    fn new(mailhost: &SecuredMailhost, way: &Way) -> Self {
        let folder = Folder::new();
        folder.folder("mail");
        let (port, path, certificate) = (way.address().port(), folder.name(), mailhost.certificate());
        let (kind, password) = (way.name(), Mailhost::PASSWORD);
        let certificate = match kind {
            "None" => String::new(),
            _ => format!("CertificateFile {certificate}\n"),
        };
        let configuration = format!(
            "IMAPAccount mailhost\n\
             Host 127.0.0.1\n\
             Port {port}\n\
             User bob\n\
             Pass {password}\n\
             SSLType {kind}\n\
             {certificate}\n\
             IMAPStore far\n\
             Account mailhost\n\n\
             MaildirStore near\n\
             Path {path}/mail/\n\
             Inbox {path}/mail/INBOX\n\
             SubFolders Verbatim\n\n\
             Channel all\n\
             Far :far:\n\
             Near :near:\n\
             Patterns *\n\
             Create Both\n\
             Remove Both\n\
             Expunge Both\n\
             Sync All\n\
             SyncState *\n"
        );
        let configuration = folder.file("mbsyncrc", configuration);
        fs::set_permissions(&configuration, Permissions::from_mode(0o600)).unwrap();
        Self { folder, configuration }
    }

    fn synchronise(&self) {
        let mut command = Program::Mbsync.command();
        command.args(["--config", &self.configuration, "--all"]);
        succeed(command, b"");
    }

    fn folder(&self, mailbox: &str) -> PathBuf {
        self.folder.path().join("mail").join(mailbox)
    }

    fn files(&self, mailbox: &str) -> Vec<PathBuf> {
        let parts = ["new", "cur"].map(|part| self.folder(mailbox).join(part));
        let entries = parts.iter().flat_map(|part| fs::read_dir(part).unwrap());
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Subjects with the letters of their flags.
    fn list(&self, mailbox: &str) -> Vec<String> {
        let files = self.files(mailbox);
        let mut list: Vec<String> = files
            .iter()
            .map(|file| format!("{} {}", subject(file), letters(file)))
            .collect();
        list.sort();
        list
    }

    fn file(&self, mailbox: &str, wanted: &str) -> PathBuf {
        let mut files = self.files(mailbox).into_iter();
        files.find(|file| subject(file) == wanted).expect("it is there")
    }

    /// Gives a message these flags and no others.
    fn mark(&self, mailbox: &str, subject: &str, letters: &str) {
        let file = self.file(mailbox, subject);
        let name = file.file_name().unwrap().to_str().unwrap();
        let (unique, _) = name.split_once(":2,").unwrap_or((name, ""));
        let marked = self.folder(mailbox).join(format!("cur/{unique}:2,{letters}"));
        fs::rename(file, marked).unwrap();
    }

    fn put(&self, mailbox: &str, subject: &str) {
        let text = format!("Subject: {subject}\n\nWritten here.\n");
        fs::write(self.folder(mailbox).join(format!("new/1.{subject}")), text).unwrap();
    }
}

fn subject(file: &Path) -> String {
    let text = String::from_utf8(fs::read(file).unwrap()).unwrap();
    let field = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    field.expect("each message has one").to_owned()
}

fn letters(file: &Path) -> &str {
    let name = file.file_name().unwrap().to_str().unwrap();
    name.split_once(":2,").map_or("", |(_, letters)| letters)
}
