//! Addresses that stand for others: aliases, catch-alls, and sub-addresses (alice+news).

use std::collections::{HashMap, HashSet};

use rfc5322::AddrSpec;

use crate::accounts::{Accounts, Resolved};
use crate::delivery::{Local, Target};
use crate::store::Addressee;

/// Which addresses stand for which.
///
/// ```
/// use mailhost::aliases::Aliases;
///
/// let mut aliases = Aliases::default();
/// aliases.add("info", &["alice@crepes.fr", "bob"])?;
/// aliases.add("@crepes.fr", &["alice@crepes.fr"])?;
/// assert!(aliases.add("info", &["not an address@"]).is_err());
/// # Ok::<(), mailhost::aliases::AliasError>(())
/// ```
#[derive(Debug, Default)]
pub struct Aliases {
    /// `local@domain`, `local` for all domains, or `@domain` for all that nobody else has; in lower case.
    entries: HashMap<String, Vec<String>>,
}

/// Why an alias cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AliasError {
    /// It stands for nobody.
    #[error("an alias needs somebody to stand for")]
    Empty,
    /// It is no local part, no address, and no `@domain`.
    #[error("not an alias: expected NAME, NAME@DOMAIN or @DOMAIN")]
    Alias,
    /// What it stands for is neither a local part nor an address.
    #[error("not an address: expected NAME or NAME@DOMAIN")]
    Target,
}

/// Why nobody gets mail for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nobody {
    /// The domain is ours, and nobody has this address.
    NoSuchUser,
    /// The domain is not ours.
    Elsewhere,
    /// It stands for more than [`MOST`] others.
    TooMany,
}

impl Aliases {
    /// Lets an address stand for others, each a local part of the alias's own domain or an address anywhere. One that
    /// stands for itself among others keeps its own mailbox.
    ///
    /// # Errors
    ///
    /// [`AliasError`].
    pub fn add(&mut self, alias: &str, targets: &[&str]) -> Result<(), AliasError> {
        let checked = match alias.strip_prefix('@') {
            Some(domain) => format!("x@{domain}"),
            None if alias.contains('@') => alias.to_owned(),
            None => format!("{alias}@x.example"),
        };
        AddrSpec::parse_utf8(&checked).map_err(|_| AliasError::Alias)?;
        for target in targets {
            let at = if target.contains('@') { "" } else { "@x.example" };
            AddrSpec::parse_utf8(&format!("{target}{at}")).map_err(|_| AliasError::Target)?;
        }
        if targets.is_empty() {
            return Err(AliasError::Empty);
        }
        let targets = targets.iter().map(|&target| target.to_owned());
        self.entries.entry(alias.to_lowercase()).or_default().extend(targets);
        Ok(())
    }

    fn of(&self, local: &str, domain: &str) -> Option<&[String]> {
        let local = local.to_lowercase();
        let found = self.entries.get(&format!("{local}@{domain}"));
        found.or_else(|| self.entries.get(&local)).map(Vec::as_slice)
    }

    fn catch_all(&self, domain: &str) -> Option<&[String]> {
        self.entries.get(&format!("@{domain}")).map(Vec::as_slice)
    }
}

impl Accounts {
    /// Everybody who gets mail for `local` at `domain`: whom an alias stands for comes before a user of the name, the whole
    /// name before the name without its tag (what follows the first `+`), all of these before a catch-all.
    ///
    /// Aliases may stand for aliases. Each is opened once, so that those that stand for each other come to an end.
    ///
    /// # Errors
    ///
    /// [`Nobody`].
    pub fn expand(&self, local: &str, domain: &str) -> Result<Vec<Target>, Nobody> {
        let domain = domain.to_ascii_lowercase();
        if !self.has_domain(&domain) {
            return Err(Nobody::Elsewhere);
        }
        let mut expansion = Expansion {
            accounts: self,
            opened: HashSet::new(),
            waiting: Vec::new(),
            targets: Vec::new(),
        };
        if !expansion.open(local, &domain) {
            return Err(Nobody::NoSuchUser);
        }
        while let Some((local, domain)) = expansion.waiting.pop() {
            if expansion.opened.len() + expansion.targets.len() + expansion.waiting.len() > MOST {
                return Err(Nobody::TooMany);
            }
            expansion.open(&local, &domain);
        }
        match expansion.targets.is_empty() {
            true => Err(Nobody::NoSuchUser),
            false => Ok(expansion.targets),
        }
    }
}

struct Expansion<'a> {
    accounts: &'a Accounts,
    opened: HashSet<String>,
    waiting: Vec<(String, String)>,
    targets: Vec<Target>,
}

impl<'a> Expansion<'a> {
    /// Finds who has an address. Says whether anybody has.
    fn open(&mut self, local: &str, domain: &str) -> bool {
        if !self.accounts.has_domain(domain) {
            self.reach(Target::Relay(Addressee::new(&format!("{local}@{domain}"))));
            return true;
        }
        let aliases = &self.accounts.aliases;
        let base = local.split_once(TAG).map(|(base, _)| base).filter(|base| !base.is_empty());
        for name in [Some(local), base].into_iter().flatten() {
            let alias = aliases.of(name, domain).filter(|_| !self.is_open(name, domain));
            if let Some(others) = alias {
                self.opened.insert(format!("{}@{domain}", name.to_lowercase()));
                self.await_all(others, domain);
                return true;
            }
            if let Resolved::Mailbox(mailbox) = self.accounts.resolve(name, domain) {
                let own = Local::from(mailbox.clone());
                // What came with a tag says so, as far as it can be written.
                let tagged = match name == local {
                    true => None,
                    false => AddrSpec::parse_utf8(&format!("{}{}@{domain}", own.address.local_part(), &local[name.len()..])).ok(),
                };
                let address = tagged.unwrap_or(own.address);
                self.reach(Target::Mailbox(Local { mailbox, address }));
                return true;
            }
        }
        let was_open = self.is_open(local, domain);
        let catch_all = aliases.catch_all(domain).filter(|_| !was_open && !self.is_open("", domain));
        let Some(others) = catch_all else {
            // An alias that stands for itself without a mailbox adds nobody.
            return was_open;
        };
        self.opened.insert(format!("@{domain}"));
        self.await_all(others, domain);
        true
    }

    fn is_open(&self, local: &str, domain: &str) -> bool {
        self.opened.contains(&format!("{}@{domain}", local.to_lowercase()))
    }

    fn await_all(&mut self, others: &'a [String], domain: &str) {
        let addresses = others.iter().rev().map(|other| match other.rsplit_once('@') {
            Some((local, domain)) => (local.to_owned(), domain.to_ascii_lowercase()),
            None => (other.clone(), domain.to_owned()),
        });
        self.waiting.extend(addresses);
    }

    fn reach(&mut self, target: Target) {
        if !self.targets.iter().any(|other| other.is_same(&target)) {
            self.targets.push(target);
        }
    }
}

/// How many aliases are opened, and recipients found, for one address.
pub const MOST: usize = 1000;

/// What parts a local part from its tag.
const TAG: char = '+';

#[cfg(test)]
mod tests {
    use mail_wire::Secret;
    use proptest::prelude::*;

    use super::*;

    fn accounts(aliases: &[(&str, &[&str])]) -> Accounts {
        let mut accounts = Accounts::new(["one.example".to_owned(), "two.example".to_owned()]);
        accounts.add("alice", None, Secret::from("a"));
        accounts.add("bob", Some("two.example"), Secret::from("b"));
        for (alias, targets) in aliases {
            accounts.aliases.add(alias, targets).unwrap();
        }
        accounts
    }

    /// Mailboxes with the address that `Delivered-To` says, and addresses elsewhere, as one text.
    fn expand(accounts: &Accounts, local: &str, domain: &str) -> Result<Vec<String>, Nobody> {
        let targets = accounts.expand(local, domain)?.into_iter().map(|target| match target {
            Target::Mailbox(local) if local.mailbox.account() == local.address.to_string() => local.address.to_string(),
            Target::Mailbox(local) => format!("{} as {}", local.mailbox.account(), local.address),
            Target::Relay(to) => format!("-> {}", to.forward_path),
        });
        Ok(targets.collect())
    }

    #[test]
    fn who_gets_the_mail() {
        let accounts = accounts(&[
            ("info", &["alice", "bob@two.example", "carol@three.example"]),
            ("all@two.example", &["info", "bob", "all@two.example"]),
            ("alice@two.example", &["alice", "carol@three.example"]),
            ("@two.example", &["bob"]),
            ("here", &["there"]),
            ("there", &["here"]),
        ]);
        for (local, domain, expected) in [
            ("alice", "one.example", &["alice@one.example"][..]),
            ("Alice+News.1", "ONE.example", &["alice@one.example as alice+News.1@one.example"]),
            ("INFO", "one.example", &["alice@one.example", "bob@two.example", "-> carol@three.example"]),
            ("info+tag", "one.example", &["alice@one.example", "bob@two.example", "-> carol@three.example"]),
            ("alice", "two.example", &["alice@two.example", "-> carol@three.example"]),
            ("all", "two.example", &["alice@two.example", "-> carol@three.example", "bob@two.example"]),
            ("whoever", "two.example", &["bob@two.example"]),
            ("+tag", "two.example", &["bob@two.example"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|&one| one.to_owned()).collect();
            assert_eq!(expand(&accounts, local, domain), Ok(expected), "{local}@{domain}");
        }
        assert_eq!(expand(&accounts, "whoever", "one.example"), Err(Nobody::NoSuchUser));
        assert_eq!(expand(&accounts, "here", "one.example"), Err(Nobody::NoSuchUser));
        assert_eq!(expand(&accounts, "alice", "three.example"), Err(Nobody::Elsewhere));
    }

    #[test]
    fn expansions_are_bounded() {
        let mut accounts = accounts(&[]);
        for number in 0..2000 {
            let next = format!("a{}", number + 1);
            accounts.aliases.add(&format!("a{number}"), &[&next]).unwrap();
        }
        assert_eq!(expand(&accounts, "a0", "one.example"), Err(Nobody::TooMany));
        let many: Vec<String> = (0..2000).map(|number| format!("u{number}@x.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        accounts.aliases.add("many", &many).unwrap();
        assert_eq!(expand(&accounts, "many", "one.example"), Err(Nobody::TooMany));
    }

    proptest! {
        /// Whatever stands for whatever, an expansion ends, and nobody is in it twice.
        #[test]
        fn expansions_end(edges in proptest::collection::vec(("[a-d@]{1}", "[a-e]{1}"), 0..30), start in "[a-e]") {
            let mut accounts = accounts(&[]);
            accounts.add("e", None, Secret::from("e"));
            for (alias, target) in &edges {
                let alias = if alias == "@" { "@one.example" } else { alias };
                accounts.aliases.add(alias, &[target]).unwrap();
            }
            if let Ok(found) = expand(&accounts, &start, "one.example") {
                prop_assert_eq!(found, ["e@one.example"]);
            }
        }
    }
}
