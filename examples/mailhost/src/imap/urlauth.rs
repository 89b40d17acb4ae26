//! GENURLAUTH and RESETKEY (RFC 4467): URLs by which others may fetch a message; what is fetched, `url_fetch.rs` says.

use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use imap_proto::server::Completion;
use imap_proto::{AString, Code, Data, OneOrMore, ResetKey, Right, UrlMechanism, UrlRump};
use mail_wire::Secret;
use sha2::Sha256;

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::names::resolve;
use super::signed_url::{SignedUrl, Who};
use crate::store::{Mailbox, StoreError};

impl ImapDialogue {
    pub(super) async fn gen_url_auth(&mut self, rumps: &OneOrMore<UrlRump<'_>>) -> Outcome {
        if rumps.len() > MOST {
            return Err(Failure::no("too many URLs at once", Code::Limit));
        }
        let mut signed = Vec::new();
        for UrlRump { url, mechanism } in &**rumps {
            if *mechanism != UrlMechanism::INTERNAL {
                return Err(Failure::no("there is no such mechanism", Code::Cannot));
            }
            let text = url.to_text();
            let parsed = SignedUrl::parse(&text).filter(|parsed| parsed.token.is_none());
            let parsed = parsed.ok_or_else(|| Failure::bad("no URL that can be signed"))?;
            let (owner, mailbox) = self.owned(&parsed).await?.ok_or_else(unusable)?;
            if Some(&owner) != self.user.as_ref() {
                return Err(unusable());
            }
            let key = self
                .host
                .store
                .keep_url_key(&mailbox, owner.account(), new_key()?)
                .await?;
            let full = format!("{text}:internal:{}", token(&key, parsed.rump));
            signed.push(AString::new(full.into_bytes()).map_err(|_| unusable())?);
        }
        let signed = OneOrMore::new(signed).map_err(|_| unusable())?;
        self.session.send(Data::GenUrlAuth(signed)).await?;
        Ok(Completion::default())
    }

    pub(super) async fn reset_key(&mut self, reset: Option<&ResetKey<'_>>) -> Outcome {
        let account = self.account()?.to_owned();
        let Some(ResetKey { mailbox, mechanisms }) = reset else {
            self.host.store.forget_url_keys(None, &account).await?;
            return Ok(Completion::default());
        };
        if mechanisms.iter().any(|mechanism| *mechanism != UrlMechanism::INTERNAL) {
            return Err(Failure::no("there is no such mechanism", Code::Cannot));
        }
        let (mailbox, _) = self.permitted(mailbox, Right::READ).await?;
        self.host.store.forget_url_keys(Some(&mailbox), &account).await?;
        Ok(Completion::with_code(Code::UrlMech(Vec::new())))
    }

    /// The mailbox that a URL leads to, if it is signed by its owner for whoever asks, and not too old (RFC 4467 §7).
    pub(super) async fn authorize(&mut self, url: &SignedUrl<'_>) -> Result<Mailbox, Failure> {
        let given = url.token.ok_or_else(unusable)?;
        let (owner, mailbox) = self.owned(url).await?.ok_or_else(unusable)?;
        let accounts = &self.host.settings.accounts;
        let is_client = |user: &str| {
            accounts
                .owner(user)
                .is_some_and(|user| Some(&user) == self.user.as_ref())
        };
        let may = match &url.who {
            Who::Anyone => true,
            Who::User(user) => is_client(user),
            // A server that sends mail for its users acts as an administrator.
            Who::Submission(_) => self.is_admin(),
        };
        if !may || url.expires.is_some_and(|expires| expires < SystemTime::now()) {
            return Err(unusable());
        }
        let key = self.host.store.url_key(&mailbox, owner.account()).await?;
        let key = key.ok_or_else(unusable)?;
        let right = Secret::from(token(&key, url.rump));
        match right.matches(given.to_ascii_lowercase().as_bytes()) {
            true => Ok(mailbox),
            false => Err(unusable()),
        }
    }

    /// Who a URL says that it is from, and the mailbox that this user may read; `None` where that is not here.
    async fn owned(&mut self, url: &SignedUrl<'_>) -> Result<Option<(Mailbox, Mailbox)>, Failure> {
        let settings = &self.host.settings;
        let is_here = settings.hostname.as_str().eq_ignore_ascii_case(&url.host)
            || settings.accounts.has_domain(&url.host)
            || url.host.eq_ignore_ascii_case("localhost");
        let Some(owner) = settings.accounts.owner(&url.owner).filter(|_| is_here) else {
            return Ok(None);
        };
        let name = url.message.mailbox.as_deref().unwrap_or_default();
        let Some(mailbox) = resolve(&settings.accounts, owner.account(), name) else {
            return Ok(None);
        };
        let acl = match self.host.store.acl(&mailbox).await {
            Ok(acl) => acl,
            Err(StoreError::NoMailbox) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let rights = acl.rights(mailbox.account(), owner.account());
        Ok(rights.contains(Right::READ).then_some((owner, mailbox)))
    }
}

pub(super) fn unusable() -> Failure {
    Failure::no("the URL cannot be used", Code::Cannot)
}

fn new_key() -> Result<Secret, Failure> {
    let mut key = [0; 32];
    let failed = |_| Failure::no("no random octets are to be had", Code::Unavailable);
    getrandom::fill(&mut key).map_err(failed)?;
    Ok(Secret::from(&key[..]))
}

/// What shows that a server with the key has signed a URL: the number of the algorithm and the code, in hexadecimal.
fn token(key: &Secret, rump: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("a key may have any length");
    mac.update(rump.as_bytes());
    let mut token = String::from(ALGORITHM);
    for octet in mac.finalize().into_bytes() {
        token.push_str(&format!("{octet:02x}"));
    }
    token
}

/// URLs that one command may have signed.
const MOST: usize = 100;

/// HMAC-SHA-256.
const ALGORITHM: &str = "01";
