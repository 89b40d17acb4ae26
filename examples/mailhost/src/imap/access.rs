//! What a client may do, and which mailboxes it may see (RFC 4314 §4).

use imap_proto::{Code, Right, Rights};

use super::ImapDialogue;
use super::failure::Failure;
use super::names::{SHARED_ACCOUNT, no_such_mailbox};
use super::selected::Access;
use crate::store::{Acl, Flag, FlagAction, FlagMask, Flags, Mailbox, MailboxInfo};

/// A mailbox that a client may see.
pub(super) struct Visible {
    /// What the client calls it.
    pub(super) name: imap_proto::Mailbox<'static>,
    pub(super) info: MailboxInfo,
    pub(super) rights: Rights,
}

/// Rights on the selected mailbox, as they were when the store had this version.
#[derive(Clone, Copy)]
pub(super) struct Cached {
    pub(super) rights: Rights,
    pub(super) version: u64,
}

impl ImapDialogue {
    /// What the client may do with a mailbox that there is.
    pub(super) async fn rights(&mut self, mailbox: &Mailbox) -> Result<Rights, Failure> {
        let acl = self.host.store.acl(mailbox).await?;
        self.rights_by(mailbox, &acl)
    }

    fn rights_by(&self, mailbox: &Mailbox, acl: &Acl) -> Result<Rights, Failure> {
        let account = self.account()?;
        if mailbox.account() == SHARED_ACCOUNT && self.is_admin() {
            return Ok(Acl::all_rights());
        }
        Ok(acl.rights(mailbox.account(), account))
    }

    /// Whether the client may do all with shared mailboxes and quotas.
    pub(super) fn is_admin(&self) -> bool {
        let settings = &self.host.settings;
        let is_it = |login: &String| settings.accounts.owner(login).as_ref() == self.user.as_ref();
        self.user.is_some() && settings.admins.iter().any(is_it)
    }

    /// The mailbox that a client names, with which it may do what `needed` stands for. One that the client cannot even see does
    /// not exist (RFC 4314 §6).
    pub(super) async fn permitted(
        &mut self,
        name: &imap_proto::Mailbox<'_>,
        needed: Right,
    ) -> Result<(Mailbox, Rights), Failure> {
        let mailbox = self.mailbox(name)?;
        let rights = self.rights(&mailbox).await?;
        require(rights, needed)?;
        Ok((mailbox, rights))
    }

    /// Whether a client may make a mailbox: CREATE's, or the new name of RENAME (RFC 4314 §4). What counts is the nearest
    /// mailbox above it; at the top of a namespace one may do so in one's own.
    pub(super) async fn may_create(&mut self, mailbox: &Mailbox) -> Result<(), Failure> {
        let own = self.account()? == mailbox.account();
        let mut levels: Vec<&str> = mailbox
            .name()
            .match_indices('/')
            .map(|(at, _)| &mailbox.name()[..at])
            .collect();
        while let Some(level) = levels.pop() {
            match self.rights(&Mailbox::new(mailbox.account(), level)).await {
                Ok(rights) if rights.contains(Right::CREATE) => return Ok(()),
                Ok(_) => return Err(not_permitted()),
                Err(failure) if failure.is_nonexistent() => {}
                Err(failure) => return Err(failure),
            }
        }
        match own || mailbox.account() == SHARED_ACCOUNT && self.is_admin() {
            true => Ok(()),
            false => Err(not_permitted()),
        }
    }

    /// What the client may do now with the mailbox that is selected: lists change at any time.
    pub(super) async fn selected_rights(&mut self) -> Result<Rights, Failure> {
        let version = self.host.store.access_version();
        let selected = self.selected()?;
        if selected.cached.version == version {
            return Ok(selected.cached.rights);
        }
        let mailbox = selected.mailbox.clone();
        let rights = match self.rights(&mailbox).await {
            // It was renamed, or is gone, which is seen elsewhere.
            Err(failure) if failure.is_nonexistent() => return Ok(self.selected()?.cached.rights),
            rights => rights?,
        };
        self.selected()?.cached = Cached { rights, version };
        Ok(rights)
    }

    /// Whether the client may do that with the mailbox that is selected, which is not read-only.
    pub(super) async fn may(&mut self, needed: &[Right]) -> Result<(), Failure> {
        self.selected()?.writable()?;
        let rights = self.selected_rights().await?;
        match needed.iter().all(|right| rights.contains(*right)) {
            true => Ok(()),
            false => Err(not_permitted()),
        }
    }

    /// Whether the client may do something with the mailbox that is selected, where that is left undone otherwise.
    pub(super) async fn can(&mut self, needed: Right) -> Result<bool, Failure> {
        let rights = self.selected_rights().await?;
        Ok(rights.contains(needed) && self.selected()?.access == Access::ReadWrite)
    }

    /// The mailboxes that the client may see, of all namespaces.
    pub(super) async fn visible_mailboxes(&mut self) -> Result<Vec<Visible>, Failure> {
        let account = self.account()?;
        let store = &self.host.store;
        let lists = store.acls(account).await?;
        let mut visible = Vec::new();
        for info in store.mailboxes(account).await? {
            let found = lists.binary_search_by(|(mailbox, _)| mailbox.cmp(&info.mailbox));
            let none = Acl::default();
            let acl = found.map_or(&none, |at| &lists[at].1);
            visible.push((info.clone(), self.rights_by(&info.mailbox, acl)?));
        }
        let is_admin = self.is_admin();
        for (info, acl) in store.granted(account).await? {
            if info.mailbox.account() != SHARED_ACCOUNT || !is_admin {
                let rights = self.rights_by(&info.mailbox, &acl)?;
                visible.push((info, rights));
            }
        }
        if is_admin {
            let shared = store.mailboxes(SHARED_ACCOUNT).await?;
            visible.extend(shared.into_iter().map(|info| (info, Acl::all_rights())));
        }
        visible.retain(|(info, rights)| {
            let is_hidden = info.mailbox.account() == SHARED_ACCOUNT && info.mailbox.is_inbox();
            rights.contains(Right::LOOKUP) && !is_hidden
        });
        let named = visible.into_iter().map(|(info, rights)| Visible {
            name: self.name_of(&info.mailbox),
            info,
            rights,
        });
        Ok(named.collect())
    }
}

/// Whether a right is held; without the right to see a mailbox there is none.
pub(super) fn require(rights: Rights, needed: Right) -> Result<(), Failure> {
    match (rights.contains(needed), rights.contains(Right::LOOKUP)) {
        (true, _) => Ok(()),
        (false, true) => Err(not_permitted()),
        (false, false) => Err(no_such_mailbox()),
    }
}

/// `NO [NOPERM]`
pub(super) fn not_permitted() -> Failure {
    Failure::no("permission denied", Code::NoPerm)
}

/// Those of which each lets one change other flags.
pub(super) fn flag_rights() -> Rights {
    [Right::SEEN, Right::WRITE, Right::DELETE_MESSAGES]
        .into_iter()
        .collect()
}

/// Any of which makes a mailbox one that SELECT opens for writing (RFC 4314 §5.2).
pub(super) fn writes(rights: Rights) -> bool {
    let ways = flag_rights().with(Right::INSERT).with(Right::EXPUNGE);
    ways.iter().any(|right| rights.contains(right))
}

/// The right that lets one change a flag.
pub(super) const fn right_for(flag: Flag) -> Right {
    match flag {
        Flag::Seen => Right::SEEN,
        Flag::Deleted => Right::DELETE_MESSAGES,
        Flag::Answered | Flag::Flagged | Flag::Draft => Right::WRITE,
    }
}

/// The flags that the rights let one change.
pub(super) fn flag_mask(rights: Rights) -> FlagMask {
    let may = |flag: &Flag| rights.contains(right_for(*flag));
    FlagMask::new(Flag::ALL.into_iter().filter(may), rights.contains(Right::WRITE))
}

/// Those flags that the rights let one change.
pub(super) fn permitted_flags(flags: &Flags, rights: Rights) -> Flags {
    flag_mask(rights).of(flags)
}

/// What becomes of flags when one stores others that one may not all change.
pub(super) fn replaced_flags(before: &Flags, asked: &Flags, rights: Rights) -> Flags {
    let kept = permitted_flags(before, rights);
    let rest = before.after(FlagAction::Remove, &kept).unwrap_or_default();
    let new = permitted_flags(asked, rights);
    rest.after(FlagAction::Add, &new).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Keyword;

    fn flags(mask: usize) -> Flags {
        let mut flags = Flags::new();
        for (at, flag) in [Flag::Seen, Flag::Deleted, Flag::Draft].into_iter().enumerate() {
            if mask >> at & 1 == 1 {
                flags.insert(flag);
            }
        }
        if mask >> 3 & 1 == 1 {
            flags.add_keyword(Keyword::new("Work").unwrap());
        }
        flags
    }

    /// Each set of flags, rights, and flags that are to be stored, bit by bit.
    #[test]
    fn only_flags_that_one_may_change_do() {
        let right_of = [Right::SEEN, Right::DELETE_MESSAGES, Right::WRITE, Right::WRITE];
        for letters in ["", "s", "t", "w", "st", "sw", "tw", "stw"] {
            let rights = Rights::new(letters).unwrap();
            let may = |bit: usize| rights.contains(right_of[bit]);
            for before in 0..16 {
                assert_eq!(
                    permitted_flags(&flags(before), rights),
                    flags((0..4).filter(|bit| may(*bit)).map(|bit| before & 1 << bit).sum())
                );
                for asked in 0..16 {
                    let bit = |bit: usize| if may(bit) { asked } else { before } & 1 << bit;
                    let expected = flags((0..4).map(bit).sum());
                    assert_eq!(replaced_flags(&flags(before), &flags(asked), rights), expected);
                }
            }
        }
    }

    #[test]
    fn what_opens_a_mailbox_for_writing() {
        for letter in "lrswipkxtea".chars() {
            let rights = Rights::new(&letter.to_string()).unwrap();
            assert_eq!(writes(rights), "swite".contains(letter), "{letter}");
        }
    }
}
