//! The queue, for a program that looks at it and orders what happens, beside a server that has the store open or without.
//!
//! It takes no lock. SQLite lets one transaction write at a time, whichever process it is in, and those here are short;
//! the server sees within a second that another process changed something, and looks at its queue again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection};

use super::failure::Failure;
use super::reader::Source;
use super::readings::Readings;
use super::schema::{self, check_origin};
use super::sweep::Sweep;
use super::tables::VERSION;
use super::{admin, queue, reader};
use crate::store::{MessageReader, Order, QueueEntry, QueueId, Result, StoreError, Which};

/// The queue of a store in a folder.
#[derive(Debug)]
pub struct QueueTool {
    path: PathBuf,
    connection: SqliteConnection,
    readers: SqlitePool,
}

impl QueueTool {
    /// Opens the queue of the store in a folder, which must be there.
    ///
    /// # Errors
    ///
    /// [`NotFound`](StoreError::NotFound) when the folder holds no store, [`Older`](StoreError::Older) when the server
    /// has to bring it up to date first, [`Newer`](StoreError::Newer), or [`Damaged`](StoreError::Damaged).
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let path = dir.as_ref().join("mail.sqlite3");
        if !path.exists() {
            return Err(StoreError::NotFound);
        }
        Self::open_file(&path).await.map_err(|failure| failure.at(&path))
    }

    async fn open_file(path: &Path) -> Result<Self, Failure> {
        let mut connection = schema::options(path).connect().await?;
        if check_origin(&mut connection, path).await? < VERSION {
            return Err(StoreError::Older { path: path.to_owned() }.into());
        }
        let readers = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(schema::options(path).read_only(true));
        Ok(Self {
            path: path.to_owned(),
            connection,
            readers,
        })
    }

    /// Up to `limit` entries with numbers above `after`, ascending.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn queued(&mut self, after: QueueId, limit: usize) -> Result<Vec<QueueEntry>> {
        let page = queue::page(&mut self.connection, after.0 as i64, limit).await;
        page.map_err(|failure| failure.at(&self.path))
    }

    /// Opens the message of an entry.
    ///
    /// # Errors
    ///
    /// [`NotFound`](StoreError::NotFound) when the queue has no such entry (any more).
    pub async fn open_queued(&self, id: QueueId) -> Result<Box<dyn MessageReader>> {
        let path: Arc<Path> = self.path.as_path().into();
        reader::open(&self.readers, &path, Source::Queue(id), 0, None).await
    }

    /// Does to entries what a person orders; says how many were concerned.
    ///
    /// # Errors
    ///
    /// [`Busy`](StoreError::Busy) when the server writes for longer than one waits; then nothing was changed.
    pub async fn administer(&mut self, order: Order, which: &Which) -> Result<u64> {
        let done = self.try_administer(order, which).await;
        done.map_err(|failure| failure.at(&self.path))
    }

    async fn try_administer(&mut self, order: Order, which: &Which) -> Result<u64, Failure> {
        let mut tx = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = admin::administer(&mut tx, order, which).await?;
        tx.commit().await?;
        // The server does not know of these: they are nobody's, and were nobody's spool. A slice at a time, so that it
        // can write in between; what a crash leaves is removed when the store is next opened.
        let mut sweep = Sweep::new(done.orphans.into(), Readings::default());
        while !sweep.is_done() {
            let mut tx = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            sweep.slice(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(done.count)
    }

    /// Lets go of the files.
    pub async fn close(self) {
        self.readers.close().await;
        // What was committed is there, whether the file closes cleanly or not.
        let _ = self.connection.close().await;
    }
}
