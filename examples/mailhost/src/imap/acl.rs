//! SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3).

use imap_proto::server::Completion;
use imap_proto::{
    AString, AclEntry, AclIdentifier, Data, IntoBoundedStatic as _, ListRights, Mailbox, MyRights, Right, Rights,
    RightsChange, SetAcl,
};
use mail_sasl::{Purpose, saslprep};

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::names::no_such_mailbox;
use crate::store::{Acl, Identifier};

impl ImapDialogue {
    pub(super) async fn set_acl(&mut self, set: &SetAcl<'_>) -> Outcome {
        let (identifier, name) = self.identifier(&set.identifier)?;
        let change = match set.change {
            RightsChange::Replace(rights) => RightsChange::Replace(understood(rights)?),
            RightsChange::Add(rights) => RightsChange::Add(understood(rights)?),
            RightsChange::Remove(rights) => RightsChange::Remove(understood(rights)?),
        };
        let (mailbox, _) = self.permitted(&set.mailbox, Right::ADMINISTER).await?;
        self.host.store.grant(&mailbox, &identifier, &name, change).await?;
        Ok(Completion::default())
    }

    pub(super) async fn delete_acl(&mut self, entry: &AclEntry<'_>) -> Outcome {
        let (identifier, _) = self.identifier(&entry.identifier)?;
        let (mailbox, _) = self.permitted(&entry.mailbox, Right::ADMINISTER).await?;
        self.host.store.ungrant(&mailbox, &identifier).await?;
        Ok(Completion::default())
    }

    pub(super) async fn get_acl(&mut self, name: &Mailbox<'_>) -> Outcome {
        let (mailbox, _) = self.permitted(name, Right::ADMINISTER).await?;
        let acl = self.host.store.acl(&mailbox).await?;
        let owner = Identifier::user(mailbox.account());
        let mut entries = Vec::new();
        // What the owner has without an entry is told as well, as far as there is an owner.
        if self.is_user(mailbox.account()) {
            let rights = acl.entries().iter().find(|entry| entry.identifier == owner);
            let rights = rights.map_or(Acl::all_rights(), |entry| entry.rights.union(Acl::owners_rights()));
            entries.push((
                spelled(self.host.settings.accounts.login_name(mailbox.account()))?,
                told(rights),
            ));
        }
        for entry in acl.entries().iter().filter(|entry| entry.identifier != owner) {
            entries.push((spelled(&entry.name)?, told(entry.rights)));
        }
        let mailbox = name.clone().into_static();
        self.session
            .send(Data::Acl(imap_proto::Acl { mailbox, entries }))
            .await?;
        Ok(Completion::default())
    }

    pub(super) async fn list_rights(&mut self, entry: &AclEntry<'_>) -> Outcome {
        let (identifier, _) = self.identifier(&entry.identifier)?;
        let (mailbox, _) = self.permitted(&entry.mailbox, Right::ADMINISTER).await?;
        let always = match identifier == Identifier::user(mailbox.account()) {
            true => Acl::owners_rights(),
            false => Rights::NONE,
        };
        let rest = told(Acl::all_rights()).difference(always);
        let listed = ListRights {
            mailbox: entry.mailbox.clone().into_static(),
            identifier: entry.identifier.clone().into_static(),
            always,
            grantable: rest.iter().map(|right| Rights::NONE.with(right)).collect(),
        };
        self.session.send(Data::ListRights(listed)).await?;
        Ok(Completion::default())
    }

    pub(super) async fn my_rights(&mut self, name: &Mailbox<'_>) -> Outcome {
        let mailbox = self.mailbox(name)?;
        let rights = self.rights(&mailbox).await?;
        // RFC 4314 §4: any of these.
        if !"lrikxa"
            .bytes()
            .any(|letter| Right::new(letter).is_ok_and(|right| rights.contains(right)))
        {
            return Err(no_such_mailbox());
        }
        let mine = my_rights(name.clone().into_static(), rights);
        self.session.send(Data::MyRights(mine)).await?;
        Ok(Completion::default())
    }

    fn is_user(&self, account: &str) -> bool {
        self.host.settings.accounts.owner(account).is_some()
    }

    /// Whom a client means, and how that is spelled. Somebody who is no user here is no fault: lists may come from elsewhere.
    fn identifier(&self, identifier: &AclIdentifier<'_>) -> Result<(Identifier, String), Failure> {
        let malformed = || Failure::bad("no such identifier can be");
        let text = std::str::from_utf8(identifier.0.as_bytes()).map_err(|_| malformed())?;
        // RFC 4314 §3
        let prepared = saslprep(text, Purpose::Stored).map_err(|_| malformed())?;
        let (name, negative) = match prepared.strip_prefix('-') {
            Some(name) => (name, true),
            None => (&*prepared, false),
        };
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(malformed());
        }
        let found = match name {
            "anyone" => Identifier::ANYONE,
            name => match self.host.settings.accounts.owner(name) {
                Some(owner) => Identifier::user(owner.account()),
                None => Identifier::user(name),
            },
        };
        let identifier = match negative {
            true => found.negated(),
            false => found,
        };
        Ok((identifier, prepared.clone().into_owned()))
    }
}

/// MYRIGHTS, also of LIST (RFC 8440 §3).
pub(super) fn my_rights(mailbox: Mailbox<'static>, rights: Rights) -> MyRights<'static> {
    MyRights {
        mailbox,
        rights: told(rights),
    }
}

fn spelled(name: &str) -> Result<AclIdentifier<'static>, Failure> {
    let name = AString::new(name.as_bytes().to_vec()).map_err(|_| Failure::bad("no such identifier can be"))?;
    Ok(AclIdentifier(name))
}

/// What a client grants: `c` and `d` are what older clients call several rights (RFC 4314 §2.1.1).
fn understood(rights: Rights) -> Result<Rights, Failure> {
    let mut understood = rights;
    for (old, members) in OBSOLETE {
        if rights.contains(old) {
            understood = members
                .iter()
                .fold(understood.without(old), |all, right| all.with(*right));
        }
    }
    match Acl::all_rights().contains_all(understood) {
        true => Ok(understood),
        false => Err(Failure::bad("there is no such right")),
    }
}

/// Rights as they are told: with those that older clients look for.
fn told(rights: Rights) -> Rights {
    let is_told = |members: &[Right]| members.iter().any(|right| rights.contains(*right));
    let old = OBSOLETE.into_iter().filter(|(_, members)| is_told(members));
    old.fold(rights, |all, (old, _)| all.with(old))
}

/// CREATE and DELETE of RFC 2086, and what they are now.
const OBSOLETE: [(Right, [Right; 2]); 2] = [
    (C, [Right::CREATE, Right::DELETE_MAILBOX]),
    (D, [Right::EXPUNGE, Right::DELETE_MESSAGES]),
];

const C: Right = obsolete(b'c');
const D: Right = obsolete(b'd');

const fn obsolete(letter: u8) -> Right {
    match Right::new(letter) {
        Ok(right) => right,
        Err(_) => Right::LOOKUP,
    }
}

/// Octets of the longest identifier.
const LONGEST_NAME: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_rights_stand_for_new_ones() {
        let rights = |letters| Rights::new(letters).unwrap();
        let heard = |letters| understood(rights(letters)).ok().map(|rights| rights.to_string());
        assert_eq!(heard("lrswida").as_deref(), Some("lrswitea"));
        assert_eq!(heard("ck").as_deref(), Some("kx"));
        assert_eq!(heard("lrswipkxtea").as_deref(), Some("lrswipkxtea"));
        for unknown in ["q", "n", "0", "lrb"] {
            assert_eq!(heard(unknown), None, "{unknown}");
        }
        for (letters, with_old) in [
            ("lr", "lr"),
            ("k", "kc"),
            ("x", "xc"),
            ("t", "td"),
            ("kxtea", "kxteacd"),
        ] {
            assert_eq!(told(rights(letters)).to_string(), with_old);
        }
    }
}
