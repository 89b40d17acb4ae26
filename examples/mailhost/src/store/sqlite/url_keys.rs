//! The keys with which URLs are signed.

use async_trait::async_trait;
use mail_wire::Secret;

use super::SqliteStore;
use super::failure::Failure;
use super::mailbox::existing;
use super::writer::{Job, Transaction};
use crate::store::{Mailbox, Result, UrlKeys};

/// Keeps a key where there is none.
struct KeepKey {
    mailbox: Mailbox,
    account: String,
    key: Secret,
}

#[async_trait]
impl Job for KeepKey {
    type Output = Secret;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Secret, Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        // The update changes nothing, and has the row that was there returned.
        let sql = "INSERT INTO url_key (mailbox, account, key) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET key = key RETURNING key";
        let key: Vec<u8> = sqlx::query_scalar(sql)
            .bind(row.id)
            .bind(&self.account)
            .bind(self.key.expose())
            .fetch_one(&mut *tx.db)
            .await?;
        Ok(Secret::from(key))
    }
}

/// Forgets keys of an account.
struct ForgetKeys {
    mailbox: Option<Mailbox>,
    account: String,
}

#[async_trait]
impl Job for ForgetKeys {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let one = match &self.mailbox {
            Some(mailbox) => Some(existing(tx.db, mailbox).await?.id),
            None => None,
        };
        sqlx::query("DELETE FROM url_key WHERE account = ?1 AND mailbox = ifnull(?2, mailbox)")
            .bind(&self.account)
            .bind(one)
            .execute(&mut *tx.db)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl UrlKeys for SqliteStore {
    async fn url_key(&self, mailbox: &Mailbox, account: &str) -> Result<Option<Secret>> {
        let (mut tx, row) = self.moment(mailbox).await?;
        let sql = "SELECT key FROM url_key WHERE mailbox = ?1 AND account = ?2";
        let query = sqlx::query_scalar(sql).bind(row.id).bind(account.to_ascii_lowercase());
        let key: Result<Option<Vec<u8>>, _> = query.fetch_optional(&mut *tx).await;
        let key = key.map_err(|error| self.named(error.into()))?;
        Ok(key.map(Secret::from))
    }

    async fn keep_url_key(&self, mailbox: &Mailbox, account: &str, key: Secret) -> Result<Secret> {
        self.writer
            .run(KeepKey {
                mailbox: mailbox.clone(),
                account: account.to_ascii_lowercase(),
                key,
            })
            .await
    }

    async fn forget_url_keys(&self, mailbox: Option<&Mailbox>, account: &str) -> Result<()> {
        self.writer
            .run(ForgetKeys {
                mailbox: mailbox.cloned(),
                account: account.to_ascii_lowercase(),
            })
            .await
    }
}
