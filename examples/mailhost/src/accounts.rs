//! Who has mail here: domains, users and their passwords.

use mail_wire::Secret;

use crate::aliases::Aliases;
use crate::store::Mailbox;

/// The users of this host's domains.
#[derive(Debug, Default)]
pub struct Accounts {
    domains: Vec<String>,
    users: Vec<User>,
    /// Addresses that stand for others.
    pub aliases: Aliases,
}

#[derive(Debug)]
struct User {
    /// In lower case.
    name: String,
    /// In lower case; `None`: the user exists in each domain, with a mailbox in each.
    domain: Option<String>,
    password: Secret,
}

/// What becomes of mail for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Somebody has this address.
    Mailbox(Mailbox),
    /// The domain is ours, and nobody has this address.
    NoSuchUser,
    /// The domain is not ours.
    Elsewhere,
}

impl Accounts {
    /// The domains that this host is for, without users yet. The first one completes login names and `postmaster`.
    pub fn new(domains: impl IntoIterator<Item = String>) -> Self {
        Self {
            domains: domains.into_iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            users: Vec::new(),
            aliases: Aliases::default(),
        }
    }

    /// Adds a user: in one domain, or in each.
    pub fn add(&mut self, name: &str, domain: Option<&str>, password: Secret) {
        self.users.push(User {
            name: name.to_ascii_lowercase(),
            domain: domain.map(str::to_ascii_lowercase),
            password,
        });
    }

    /// Whether a domain is one of ours. Domains know no case (RFC 5321 §2.4).
    pub fn has_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain))
    }

    /// Who gets mail for `local` at `domain`.
    ///
    /// Local parts are compared without regard to case, as RFC 5321 §2.4 advises those who define them. `postmaster` is
    /// always known (RFC 5321 §4.5.1): without a user of that name, the domain's first user is postmaster.
    pub fn resolve(&self, local: &str, domain: &str) -> Resolved {
        if !self.has_domain(domain) {
            return Resolved::Elsewhere;
        }
        let mut users = self.users.iter().filter(|user| user.is_in(domain));
        let named = users.clone().find(|user| user.name.eq_ignore_ascii_case(local));
        let found = match named {
            None if local.eq_ignore_ascii_case(POSTMASTER) => users.next(),
            named => named,
        };
        match found {
            Some(user) => Resolved::Mailbox(Mailbox::inbox(&format!("{}@{domain}", user.name))),
            None => Resolved::NoSuchUser,
        }
    }

    /// Who gets mail for `Postmaster` without a domain.
    pub fn postmaster(&self) -> Resolved {
        match self.domains.first() {
            Some(domain) => self.resolve(POSTMASTER, domain),
            None => Resolved::NoSuchUser,
        }
    }

    /// The mailbox of a user who knows the password.
    ///
    /// A login name is `name@domain`, or `name` alone for the first domain in which there is such a user.
    pub fn login(&self, name: &str, password: &Secret) -> Option<Mailbox> {
        let knows = self.password(name)?.matches(password.expose());
        self.owner(name).filter(|_| knows)
    }

    /// The mailbox of a user by its login name.
    pub fn owner(&self, login: &str) -> Option<Mailbox> {
        let (user, domain) = self.find(login)?;
        Some(Mailbox::inbox(&format!("{}@{domain}", user.name)))
    }

    /// The shortest login name of an account: without its domain where that is enough.
    pub fn login_name<'a>(&self, account: &'a str) -> &'a str {
        let (name, _) = account.rsplit_once('@').unwrap_or((account, ""));
        let is_enough = self.owner(name).is_some_and(|owner| owner.account() == account);
        if is_enough { name } else { account }
    }

    /// The password of a user by its login name.
    pub fn password(&self, login: &str) -> Option<&Secret> {
        self.find(login).map(|(user, _)| &user.password)
    }

    fn find(&self, login: &str) -> Option<(&User, &str)> {
        if let Some((name, domain)) = login.rsplit_once('@') {
            let domain = self.domains.iter().find(|ours| ours.eq_ignore_ascii_case(domain))?;
            return Some((self.named(name, domain)?, domain));
        }
        self.domains
            .iter()
            .find_map(|domain| Some((self.named(login, domain)?, domain.as_str())))
    }

    fn named(&self, name: &str, domain: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.is_in(domain) && user.name.eq_ignore_ascii_case(name))
    }
}

impl User {
    fn is_in(&self, domain: &str) -> bool {
        self.domain.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(domain))
    }
}

const POSTMASTER: &str = "postmaster";

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        let mut accounts = Accounts::new(["one.example".to_owned(), "Two.example".to_owned()]);
        accounts.add("alice", None, Secret::from("a"));
        accounts.add("Bob", Some("two.example"), Secret::from("b"));
        accounts
    }

    fn inbox(account: &str) -> Resolved {
        Resolved::Mailbox(Mailbox::inbox(account))
    }

    #[test]
    fn users_are_found_by_address() {
        let accounts = accounts();
        assert_eq!(accounts.resolve("ALICE", "ONE.example"), inbox("alice@one.example"));
        assert_eq!(accounts.resolve("alice", "two.example"), inbox("alice@two.example"));
        assert_eq!(accounts.resolve("bob", "two.example"), inbox("bob@two.example"));
        assert_eq!(accounts.resolve("bob", "one.example"), Resolved::NoSuchUser);
        assert_eq!(accounts.resolve("bob", "three.example"), Resolved::Elsewhere);
        assert_eq!(
            accounts.resolve("PostMaster", "two.example"),
            inbox("alice@two.example")
        );
        assert_eq!(accounts.postmaster(), inbox("alice@one.example"));
    }

    #[test]
    fn login_works_with_and_without_the_domain() {
        let accounts = accounts();
        let login = |name, password: &str| accounts.login(name, &Secret::from(password));
        assert_eq!(login("alice", "a"), Some(Mailbox::inbox("alice@one.example")));
        assert_eq!(
            login("alice@two.example", "a"),
            Some(Mailbox::inbox("alice@two.example"))
        );
        assert_eq!(login("BOB", "b"), Some(Mailbox::inbox("bob@two.example")));
        assert_eq!(login("bob@one.example", "b"), None);
        assert_eq!(login("bob", "a"), None);
        assert_eq!(login("carol", ""), None);
        assert_eq!(accounts.login_name("alice@one.example"), "alice");
        assert_eq!(accounts.login_name("alice@two.example"), "alice@two.example");
        assert_eq!(accounts.login_name("bob@two.example"), "bob");
    }
}
