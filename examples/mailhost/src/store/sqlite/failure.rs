//! From SQLite's result codes to the store's errors.

use std::path::Path;

use sqlx::error::DatabaseError;

use crate::store::{Damage, StoreError};

/// Why a request failed, as long as the file's path is not at hand.
pub(super) enum Failure {
    Store(StoreError),
    Sql(sqlx::Error),
}

impl Failure {
    /// The store's error, for the database at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(sqlx::Error::Database(error)) => by_code(&*error, path),
            Self::Sql(sqlx::Error::Io(error)) => StoreError::io(path, &error),
            Self::Sql(sqlx::Error::PoolTimedOut) => StoreError::Busy,
            Self::Sql(sqlx::Error::PoolClosed) => StoreError::Closed,
            Self::Sql(other) => database(path, &other.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

fn by_code(error: &dyn DatabaseError, path: &Path) -> StoreError {
    let path = path.to_owned();
    // The low octet of an extended result code is the primary one.
    let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0);
    match code & 0xff {
        FULL => StoreError::Full,
        BUSY | LOCKED => StoreError::Busy,
        CORRUPT => StoreError::Damaged {
            path,
            damage: Damage::Pages(error.message().into()),
        },
        NOT_A_DATABASE => StoreError::Damaged {
            path,
            damage: Damage::NotADatabase,
        },
        PERMISSION | READ_ONLY => StoreError::Io {
            path,
            kind: std::io::ErrorKind::PermissionDenied,
        },
        IO | CANNOT_OPEN => StoreError::Io {
            path,
            kind: std::io::ErrorKind::Other,
        },
        _ => database(&path, error.message()),
    }
}

fn database(path: &Path, message: &str) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        message: message.into(),
    }
}

// SQLite's primary result codes (sqlite.org/rescode.html).
const PERMISSION: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;
