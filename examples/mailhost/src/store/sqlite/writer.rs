//! The one task that writes.
//!
//! A flush to disk costs milliseconds and a row microseconds, so the writer takes all requests that wait, runs them in
//! one transaction, flushes once, and answers them. While it flushes, the next requests gather.

use std::collections::VecDeque;
use std::fs::File;
use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::expunge::forget_threads;
use super::failure::Failure;
use super::readings::Readings;
use super::sweep::Sweep;
use crate::store::{CHANGES, Change, Result, StoreError};

/// Requests in one transaction: with a chunk each, 16 MiB.
const BATCH: usize = 64;

/// Octets of messages that wait in memory to be appended.
const ROOM: usize = 16 * 1024 * 1024;

/// How often the writer looks whether another process has written.
const LOOK: Duration = Duration::from_secs(1);

// Within a transaction there always is a savepoint, to which a job that fails is undone. Each order to the database's thread
// costs two changes of threads, which cost more than most orders: what belongs together is one.

/// Its commit returns when all that was ever committed is on the disk.
const BEGIN: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; SAVEPOINT job";
/// The disk has it when it has the next transaction that is flushed, and perhaps not before.
const BEGIN_UNFLUSHED: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; SAVEPOINT job";
const NEXT: &str = "RELEASE job; SAVEPOINT job";
const COMMIT: &str = "RELEASE job; COMMIT";

/// One request: what it does inside a transaction.
#[async_trait]
pub(super) trait Job: Send + 'static {
    /// What its sender learns once it is committed and, if it [is a promise](Self::IS_PROMISE), durable.
    type Output: Send + 'static;

    /// Whether its sender promises somebody that it is done. If not, it need not outlive a power failure by itself.
    const IS_PROMISE: bool = true;

    /// Runs once. After an error, what it did is rolled back, and other jobs are not concerned.
    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Self::Output, Failure>;
}

/// What a job works on.
pub(super) struct Transaction<'a> {
    pub(super) db: &'a mut SqliteConnection,
    /// To be announced once the transaction is durable.
    pub(super) changes: Vec<Change>,
    /// Contents that lost a reference, perhaps their last one.
    pub(super) orphans: Vec<i64>,
    /// Conversations that lost a message, perhaps their last one.
    pub(super) thinned: Vec<i64>,
    /// Whether there are quotas, if somebody has looked.
    pub(super) has_quotas: &'a mut Option<bool>,
}

/// The writer's other end, for those who have requests.
#[derive(Debug)]
pub(super) struct Writer {
    requests: mpsc::Sender<Box<dyn Request>>,
    orphans: mpsc::UnboundedSender<i64>,
    changes: broadcast::Sender<Change>,
    next_content: AtomicI64,
    commits: Arc<AtomicU64>,
    access: Arc<AtomicU64>,
    closing: Arc<Notify>,
    readings: Readings,
    /// For octets of messages that wait to be appended.
    room: Arc<Semaphore>,
    // The task drops the other end when it has ended.
    running: watch::Receiver<()>,
}

impl Writer {
    /// Starts the task, which keeps `lock` until it ends.
    pub(super) fn start(
        path: Arc<Path>,
        connection: SqliteConnection,
        lock: File,
        to_sweep: VecDeque<i64>,
        next_content: i64,
    ) -> Self {
        let (requests, inbox) = mpsc::channel(BATCH);
        let (orphans, dropped) = mpsc::unbounded_channel();
        let (alive, running) = watch::channel(());
        let writer = Self {
            requests,
            orphans,
            changes: broadcast::Sender::new(CHANGES),
            next_content: AtomicI64::new(next_content),
            commits: Arc::default(),
            access: Arc::default(),
            closing: Arc::default(),
            readings: Readings::default(),
            room: Arc::new(Semaphore::new(ROOM)),
            running,
        };
        let task = Task {
            path,
            connection,
            sweep: Sweep::new(to_sweep, writer.readings.clone()),
            changes: writer.changes.clone(),
            commits: Arc::clone(&writer.commits),
            access: Arc::clone(&writer.access),
            closing: Arc::clone(&writer.closing),
            has_quotas: None,
            seen: None,
        };
        tokio::spawn(async move {
            task.run(inbox, dropped).await;
            drop(lock);
            drop(alive);
        });
        writer
    }

    /// Has a job run, and waits until it is committed and, if it is a promise, durable. It is skipped if this future is dropped before its turn.
    pub(super) async fn run<J: Job>(&self, job: J) -> Result<J::Output> {
        let (reply, answer) = oneshot::channel();
        let request = Pending {
            job,
            outcome: Err(StoreError::Closed),
            reply,
        };
        self.requests
            .send(Box::new(request))
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// A number for new content. No living reader or spool has it.
    pub(super) fn next_content(&self) -> i64 {
        self.next_content.fetch_add(1, Ordering::Relaxed)
    }

    /// Room for so many octets to wait in memory, if there is so much.
    pub(super) fn room(&self, octets: usize) -> Option<OwnedSemaphorePermit> {
        let octets = u32::try_from(octets).ok()?;
        Arc::clone(&self.room).try_acquire_many_owned(octets).ok()
    }

    /// Has a content looked at, and removed if nobody refers to it. All its requests must be answered or given up.
    pub(super) fn sweep(&self, content: i64) {
        // When the task has ended, the next start sweeps.
        let _ = self.orphans.send(content);
    }

    pub(super) const fn readings(&self) -> &Readings {
        &self.readings
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    pub(super) fn commits(&self) -> &Arc<AtomicU64> {
        &self.commits
    }

    pub(super) fn access_version(&self) -> u64 {
        self.access.load(Ordering::Acquire)
    }

    /// Takes no more requests, answers those it has, and closes the database.
    pub(super) async fn close(&self) {
        self.closing.notify_one();
        // Nothing is ever sent: this ends with an error when the task has.
        let _ = self.running.clone().changed().await;
    }
}

/// A job of any kind, with the way back to its sender.
#[async_trait]
trait Request: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// [`Job::IS_PROMISE`]
    fn is_promise(&self) -> bool;
    async fn run(&mut self, tx: &mut Transaction<'_>, path: &Path) -> Result<()>;
    /// Answers what the run gave, or why its transaction failed.
    fn answer(self: Box<Self>, transaction: Result<()>);
}

struct Pending<J: Job> {
    job: J,
    outcome: Result<J::Output>,
    reply: oneshot::Sender<Result<J::Output>>,
}

#[async_trait]
impl<J: Job> Request for Pending<J> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn is_promise(&self) -> bool {
        J::IS_PROMISE
    }

    async fn run(&mut self, tx: &mut Transaction<'_>, path: &Path) -> Result<()> {
        self.outcome = self.job.run(tx).await.map_err(|failure| failure.at(path));
        self.outcome.as_ref().map(drop).map_err(Clone::clone)
    }

    fn answer(self: Box<Self>, transaction: Result<()>) {
        // A sender that has gone away meanwhile is as one whose connection broke: the change is made.
        let _ = self.reply.send(transaction.and(self.outcome));
    }
}

struct Task {
    path: Arc<Path>,
    connection: SqliteConnection,
    sweep: Sweep,
    changes: broadcast::Sender<Change>,
    /// Counts transactions.
    commits: Arc<AtomicU64>,
    /// Counts transactions that may have changed anybody's rights.
    access: Arc<AtomicU64>,
    closing: Arc<Notify>,
    has_quotas: Option<bool>,
    /// SQLite's number for what other processes have committed, when it was last looked at.
    seen: Option<i64>,
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::Receiver<Box<dyn Request>>, mut dropped: mpsc::UnboundedReceiver<i64>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let idle = self.sweep.is_done();
            tokio::select! {
                biased;
                () = self.closing.notified() => inbox.close(),
                count = inbox.recv_many(&mut batch, BATCH) => if count == 0 { break },
                Some(content) = dropped.recv() => self.sweep.add(content),
                () = ready(()), if !idle => {}
                _ = look.tick() => self.look_for_others().await,
            }
            self.turn(&mut batch).await;
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(path = %self.path.display(), %error, "the database did not close cleanly");
        }
    }

    /// Announces what another process did to the queue.
    async fn look_for_others(&mut self) {
        let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.connection);
        // It fails with the disk, which the next request finds out.
        let Ok(version) = version.await else { return };
        let before = self.seen.replace(version);
        if before.is_some_and(|before| before != version) {
            let _ = self.changes.send(Change::Queue);
        }
    }

    /// Runs a batch, and a slice of the sweep, and answers.
    async fn turn(&mut self, batch: &mut Vec<Box<dyn Request>>) {
        batch.retain(|request| !request.is_abandoned());
        if batch.is_empty() && self.sweep.is_done() {
            return;
        }
        let done = self.transaction(batch).await;
        if done.is_err() {
            // SQLite may have rolled back by itself; then this fails, and all is well.
            let _ = self.execute("ROLLBACK").await;
        }
        let (fate, changes) = match done {
            Ok(changes) => (Ok(()), changes),
            Err(error) => (Err(error), Vec::new()),
        };
        if changes.iter().any(Change::concerns_access) {
            self.access.fetch_add(1, Ordering::Release);
        }
        // First announced, then answered: who has made a change and listens finds it before it goes on.
        for change in changes {
            // It fails when nobody listens.
            let _ = self.changes.send(change);
        }
        for request in batch.drain(..) {
            request.answer(fate.clone());
        }
    }

    async fn transaction(&mut self, batch: &mut [Box<dyn Request>]) -> Result<Vec<Change>> {
        let is_flushed = batch.iter().any(|request| request.is_promise());
        self.execute(if is_flushed { BEGIN } else { BEGIN_UNFLUSHED }).await?;
        let mut changes = Vec::new();
        for (number, request) in batch.iter_mut().enumerate() {
            if number > 0 {
                self.execute(NEXT).await?;
            }
            changes.append(&mut self.isolated(&mut **request).await?);
        }
        if !self.sweep.is_done() {
            self.execute(NEXT).await?;
            self.sweep_slice().await?;
        }
        let committed = self.execute(COMMIT).await;
        // Whatever became of it: what was read before is not sure any more.
        self.commits.fetch_add(1, Ordering::Release);
        committed.map(|()| changes)
    }

    /// Runs one request so that its failure undoes it alone. An error here is the whole transaction's.
    async fn isolated(&mut self, request: &mut dyn Request) -> Result<Vec<Change>> {
        let mut tx = Transaction {
            db: &mut self.connection,
            changes: Vec::new(),
            orphans: Vec::new(),
            thinned: Vec::new(),
            has_quotas: &mut self.has_quotas,
        };
        let mut done = request.run(&mut tx, &self.path).await;
        if done.is_ok() {
            done = forget_threads(&mut tx).await.map_err(|error| error.at(&self.path));
        }
        let Transaction {
            mut changes, orphans, ..
        } = tx;
        if let Err(error) = done {
            changes.clear();
            // Some errors (a full disk, say) undo the transaction, and with it the savepoint.
            self.execute("ROLLBACK TO job").await.map_err(|_| error)?;
        } else {
            orphans.into_iter().for_each(|content| self.sweep.add(content));
        }
        Ok(changes)
    }

    /// Content that cannot be removed now is left to the next start: the requests do not fail for it.
    async fn sweep_slice(&mut self) -> Result<()> {
        if let Err(error) = self.sweep.slice(&mut self.connection).await {
            tracing::warn!(path = %self.path.display(), %error, "content of removed messages could not be removed");
            self.execute("ROLLBACK TO job").await?;
        }
        Ok(())
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        let done = sqlx::query(sql).execute(&mut self.connection).await;
        done.map(drop).map_err(|error| Failure::from(error).at(&self.path))
    }
}
