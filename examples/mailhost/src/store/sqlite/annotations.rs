//! Annotations.

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::mailbox::{Row, existing};
use super::writer::{Job, Transaction};
use super::{SqliteStore, names};
use crate::store::{
    ANNOTATIONS, Annotated, Annotations, Change, Depth, EntryName, LONGEST_ANNOTATION, Mailbox, Result, SpecialUse,
    StoreError,
};

/// What is noted of one mailbox is noted of another one, too.
pub(super) async fn copy(db: &mut SqliteConnection, from: &Row, to: &Row) -> Result<(), Failure> {
    let sql = "INSERT INTO annotation (mailbox, account, entry, value)
        SELECT ?2, account, entry, value FROM annotation WHERE mailbox = ?1";
    sqlx::query(sql).bind(from.id).bind(to.id).execute(db).await?;
    Ok(())
}

/// The entries that are asked for, as `?3`; how far below them, as `?4`.
const READ: &str = "SELECT DISTINCT entry, annotation.value FROM annotation JOIN json_each(?3) AS asked
    WHERE mailbox = ?1 AND account IN ('', ?2) AND (entry = asked.value
        OR ?4 > 0 AND substr(entry, 1, length(asked.value) + 1) = asked.value || '/'
            AND (?4 > 1 OR instr(substr(entry, length(asked.value) + 2), '/') = 0))
    ORDER BY entry";

/// Sets and removes annotations.
struct Annotate {
    of: Annotated,
    account: String,
    values: Vec<(EntryName, Option<Bytes>)>,
}

#[async_trait]
impl Job for Annotate {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let mailbox = match &self.of {
            Annotated::Server => SERVER,
            Annotated::Mailbox(mailbox) => existing(tx.db, mailbox).await?.id,
        };
        let mut entries = Vec::with_capacity(self.values.len());
        for (name, value) in std::mem::take(&mut self.values) {
            let sql = match &value {
                Some(_) => {
                    "INSERT INTO annotation (mailbox, account, entry, value) VALUES (?1, ?2, ?3, ?4)
                        ON CONFLICT DO UPDATE SET value = excluded.value"
                }
                None => "DELETE FROM annotation WHERE mailbox = ?1 AND account = ?2 AND entry = ?3",
            };
            sqlx::query(sql)
                .bind(mailbox)
                .bind(name.whose(&self.account).to_owned())
                .bind(name.as_str().to_owned())
                .bind(value.map(|value| value.to_vec()))
                .execute(&mut *tx.db)
                .await?;
            entries.push(name);
        }
        let sql = "SELECT ifnull(max(number), 0) FROM (
            SELECT count(*) AS number FROM annotation WHERE mailbox = ?1 AND account IN ('', ?2) GROUP BY account)";
        let query = sqlx::query_scalar(sql).bind(mailbox).bind(&self.account);
        let number: i64 = query.fetch_one(&mut *tx.db).await?;
        if number > ANNOTATIONS as i64 {
            return Err(StoreError::TooManyAnnotations.into());
        }
        tx.changes.push(Change::annotated(&self.of, &self.account, entries));
        Ok(())
    }
}

/// Gives a mailbox another use.
struct Designate {
    mailbox: Mailbox,
    special_use: Option<SpecialUse>,
}

#[async_trait]
impl Job for Designate {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        sqlx::query("UPDATE mailbox SET special_use = ?2 WHERE id = ?1")
            .bind(row.id)
            .bind(self.special_use.map(|special_use| special_use as i64))
            .execute(&mut *tx.db)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Annotations for SqliteStore {
    async fn annotations(
        &self,
        of: &Annotated,
        account: &str,
        entries: &[EntryName],
        depth: Depth,
    ) -> Result<Vec<(EntryName, Bytes)>> {
        let mailbox = match of {
            Annotated::Server => SERVER,
            Annotated::Mailbox(mailbox) => self.moment(mailbox).await?.1.id,
        };
        let asked: Vec<String> = entries.iter().map(|entry| entry.as_str().to_owned()).collect();
        let rows: Result<Vec<(String, Vec<u8>)>, _> = sqlx::query_as(READ)
            .bind(mailbox)
            .bind(account.to_ascii_lowercase())
            .bind(names(&asked))
            .bind(match depth {
                Depth::Entry => 0,
                Depth::Children => 1,
                Depth::All => 2,
            })
            .fetch_all(&self.readers)
            .await;
        let rows = rows.map_err(|error| self.named(error.into()))?;
        let annotation = |(name, value): (String, Vec<u8>)| (EntryName::from_stored(&name), value.into());
        Ok(rows.into_iter().map(annotation).collect())
    }

    async fn annotate(&self, of: &Annotated, account: &str, values: Vec<(EntryName, Option<Bytes>)>) -> Result<()> {
        let mut lengths = values.iter().filter_map(|(_, value)| value.as_ref()).map(Bytes::len);
        if lengths.any(|octets| octets > LONGEST_ANNOTATION) {
            return Err(StoreError::TooLong);
        }
        self.writer
            .run(Annotate {
                of: of.clone(),
                account: account.to_ascii_lowercase(),
                values,
            })
            .await
    }

    async fn designate(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<()> {
        self.writer
            .run(Designate {
                mailbox: mailbox.clone(),
                special_use,
            })
            .await
    }
}

/// Stands for the server among the ids of mailboxes, which begin with 1.
const SERVER: i64 = 0;
