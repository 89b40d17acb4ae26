//! The database file: how it is made, checked and opened.

use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{io, iter};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlitePool};

use super::failure::Failure;
use super::tables::{APPLICATION_ID, COUNTS, FOLDERS, KEYWORDS, MIGRATIONS, SCHEMA, THREAD_MEMBERS, THREADS, VERSION};
use super::tables_access::ACCESS;
use crate::store::millis::{now, to_millis};
use crate::store::{Damage, Result, StoreError, canonical_name};

/// Octets of an SQLite file's header.
const HEADER: u64 = 100;

/// The version from which on names of mailboxes are canonical.
const CANONICAL: i64 = 5;

const READERS: u32 = 4;

/// 32 MiB: a change of a hundred thousand messages is then written once, when it is complete.
const WRITER_CACHE: &str = "-32768";

/// An open database, with what the writer needs to start.
pub(super) struct Database {
    pub(super) path: Arc<Path>,
    /// Held for as long as the database is open.
    pub(super) lock: File,
    pub(super) connection: SqliteConnection,
    pub(super) readers: SqlitePool,
    /// Contents to sweep.
    pub(super) orphans: VecDeque<i64>,
    pub(super) next_content: i64,
    pub(super) has_quotas: bool,
}

impl Database {
    pub(super) async fn open(dir: &Path) -> Result<Self> {
        make_folder(dir).map_err(|error| StoreError::io(dir, &error))?;
        let lock = lock(&dir.join("mailhost.lock"))?;
        let path = dir.join("mail.sqlite3");
        if is_missing(&path)? {
            create(dir, &path).await?;
        }
        Self::open_file(&path, lock).await.map_err(|failure| failure.at(&path))
    }

    async fn open_file(path: &Path, lock: File) -> Result<Self, Failure> {
        let checked = connect(path).await;
        let (mut connection, found) = checked.map_err(|failure| name_schema(failure, path))?;
        migrate(&mut connection, found).await?;
        let ended = "UPDATE queue SET leased = 0, due = min(due, ?1) WHERE leased";
        sqlx::query(ended)
            .bind(to_millis(now()))
            .execute(&mut connection)
            .await?;
        let orphans: Vec<i64> = sqlx::query_scalar("SELECT id FROM orphan")
            .fetch_all(&mut connection)
            .await?;
        let last: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM content")
            .fetch_one(&mut connection)
            .await?;
        let has_quotas = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM quota)");
        let has_quotas = has_quotas.fetch_one(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options(path).read_only(true));
        let next_content = last.unwrap_or(0) + 1;
        Ok(Self {
            path: path.into(),
            lock,
            connection,
            readers,
            orphans: orphans.into(),
            next_content,
            has_quotas,
        })
    }
}

/// Opens a file that is as this program left it. Returns its version, too.
async fn connect(path: &Path) -> Result<(SqliteConnection, i64), Failure> {
    let mut connection = options(path).pragma("cache_size", WRITER_CACHE).connect().await?;
    let found = check_origin(&mut connection, path).await?;
    check_pages(&mut connection, path).await?;
    Ok((connection, found))
}

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// Makes the folder, for its owner alone where the system knows owners.
fn make_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// One process at a time: the writer takes it for granted that it is alone.
fn lock(path: &Path) -> Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|error| StoreError::io(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(StoreError::io(path, &error)),
    }
}

/// Whether there is no database yet. SQLite takes a file of a few octets for a new database; here it is a lost one,
/// since [`create`] never leaves one.
fn is_missing(path: &Path) -> Result<bool> {
    let damaged = |damage| {
        Err(StoreError::Damaged {
            path: path.to_owned(),
            damage,
        })
    };
    match fs::metadata(path) {
        Ok(file) if file.len() == 0 => damaged(Damage::Empty),
        Ok(file) if file.len() < HEADER => damaged(Damage::NotADatabase),
        Ok(_) => Ok(false),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, &error)),
        Err(_) if companion(path, "-wal").exists() => damaged(Damage::Missing),
        Err(_) => Ok(true),
    }
}

/// Makes the database under another name and renames it once it is whole: a crash leaves all of it or none.
async fn create(dir: &Path, path: &Path) -> Result<()> {
    let new = companion(path, ".new");
    for leftover in [new.clone(), companion(&new, "-wal"), companion(&new, "-shm")] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::io(&leftover, &error)),
            _ => {}
        }
    }
    fill(&new).await.map_err(|error| Failure::from(error).at(&new))?;
    fs::rename(&new, path).map_err(|error| StoreError::io(path, &error))?;
    // The folder's own entry, then the file's: without them a power cut takes both away.
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    for folder in [dir, parent.unwrap_or(Path::new("."))] {
        sync_folder(folder).map_err(|error| StoreError::io(folder, &error))?;
    }
    Ok(())
}

/// Flushes the names in a folder, where the system lets one open a folder.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

async fn fill(path: &Path) -> Result<(), sqlx::Error> {
    // WAL is a lasting property of the file, so that nobody sets it again.
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut db = options.connect().await?;
    // The second of the creation, so that a database that replaces another has other UIDVALIDITYs.
    let uid_validity = (to_millis(now()) / 1000) as u32;
    let sql = format!(
        "BEGIN; {SCHEMA} {FOLDERS} {ACCESS} {COUNTS} {THREADS} {KEYWORDS} {THREAD_MEMBERS} INSERT INTO store (inbox, uid_validity, next_object)
            VALUES ({uid_validity}, {uid_validity} + 1, {uid_validity} << 24);
         PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await?;
    db.close().await
}

/// Whether this program made the file, and which version of it.
pub(super) async fn check_origin(db: &mut SqliteConnection, path: &Path) -> Result<i64, Failure> {
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *db).await?;
    if application != APPLICATION_ID {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            damage: Damage::NotAStore,
        }
        .into());
    }
    match sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *db).await? {
        found @ 1..=VERSION => Ok(found),
        found => Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        }
        .into()),
    }
}

/// Brings an older database up to [`VERSION`], in one transaction: a crash leaves it as it was or as it should be.
async fn migrate(db: &mut SqliteConnection, found: i64) -> Result<(), Failure> {
    let steps = &MIGRATIONS[(found - 1) as usize..];
    if steps.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
    let sql = format!("{} PRAGMA user_version = {VERSION}", steps.concat().concat());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    if found < CANONICAL {
        make_canonical(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Brings the names of mailboxes to their canonical form, which SQL cannot. One whose name is another's then gets a number behind it.
async fn make_canonical(db: &mut SqliteConnection) -> Result<(), Failure> {
    let mailboxes: Vec<(i64, String, String)> = sqlx::query_as("SELECT id, account, name FROM mailbox ORDER BY id")
        .fetch_all(&mut *db)
        .await?;
    for (id, account, name) in mailboxes {
        let canonical = canonical_name(&name);
        let numbers = (2_u64..).map(|number| format!("{canonical} {number}"));
        for new in iter::once(canonical.to_string()).chain(numbers) {
            if new == name {
                break;
            }
            let sql = "UPDATE OR IGNORE mailbox SET name = ?2 WHERE id = ?1";
            let done = sqlx::query(sql).bind(id).bind(new).execute(&mut *db).await?;
            if done.rows_affected() > 0 {
                tracing::info!(account, name, "a mailbox has a canonical name now");
                break;
            }
        }
    }
    let subscriptions: Vec<(String, String)> = sqlx::query_as("SELECT account, name FROM subscription")
        .fetch_all(&mut *db)
        .await?;
    for (account, name) in subscriptions {
        let sql = "UPDATE OR REPLACE subscription SET name = ?3 WHERE account = ?1 AND name = ?2";
        let canonical = canonical_name(&name);
        sqlx::query(sql)
            .bind(account)
            .bind(&name)
            .bind(&*canonical)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Reads the structure of every page. What it cannot see, octets that changed inside a chunk, its checksum shows when
/// the message is read.
async fn check_pages(db: &mut SqliteConnection, path: &Path) -> Result<(), Failure> {
    let report: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *db).await?;
    if report == "ok" {
        return Ok(());
    }
    let finding = name_table(db, report.lines().last().unwrap_or_default()).await?;
    Err(StoreError::Damaged {
        path: path.to_owned(),
        damage: Damage::Pages(finding.into()),
    }
    .into())
}

/// What keeps SQLite from looking at all is damage to the table that lists the others.
fn name_schema(failure: Failure, path: &Path) -> StoreError {
    let is_finding = matches!(failure, Failure::Store(_));
    match failure.at(path) {
        StoreError::Damaged {
            path,
            damage: Damage::Pages(words),
        } if !is_finding => StoreError::Damaged {
            path,
            damage: Damage::Pages(format!("table sqlite_schema, a page of it: {words}").into()),
        },
        other => other,
    }
}

/// SQLite tells a table by its root page, as `Tree 4 page 370 cell 0: ...`; a person wants its name.
async fn name_table(db: &mut SqliteConnection, finding: &str) -> Result<String, sqlx::Error> {
    let Some((tree, place)) = finding.strip_prefix("Tree ").and_then(|rest| rest.split_once(' ')) else {
        return Ok(finding.to_owned());
    };
    let table: Option<String> = sqlx::query_scalar("SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?1")
        .bind(tree.parse::<i64>().unwrap_or(0))
        .fetch_optional(db)
        .await?;
    Ok(format!("table {} {place}", table.as_deref().unwrap_or("unknown")))
}

fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
