//! What a person does to the queue: by the server's writer, or by a process of its own beside it.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Row};

use super::failure::Failure;
use super::writer::{Job, Transaction};
use crate::store::millis::{now, to_millis};
use crate::store::{Change, Order, QueueId, Result, Which};

/// Does what a person orders.
pub(super) struct Administer {
    pub(super) order: Order,
    pub(super) which: Which,
}

#[async_trait]
impl Job for Administer {
    type Output = u64;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<u64, Failure> {
        let done = administer(tx.db, self.order, &self.which).await?;
        tx.orphans.extend(done.orphans);
        tx.changes.push(Change::Queue);
        Ok(done.count)
    }
}

/// What came of an order.
pub(super) struct Done {
    /// Entries that were concerned.
    pub(super) count: u64,
    /// Contents that lost a reference, perhaps their last one.
    pub(super) orphans: Vec<i64>,
}

/// Does what a person orders, inside the caller's transaction.
pub(super) async fn administer(db: &mut SqliteConnection, order: Order, which: &Which) -> Result<Done, Failure> {
    // An attempt that is under way keeps its lease: it settles as if nothing had been ordered.
    let change = match order {
        Order::Flush => "UPDATE queue SET due = min(due, ?1) WHERE leased = 0",
        Order::Hold => "UPDATE queue SET held = 1 WHERE held = 0",
        Order::Release => "UPDATE queue SET held = 0, due = CASE leased WHEN 0 THEN min(due, ?1) ELSE due END WHERE held = 1",
        Order::Delete => "DELETE FROM queue WHERE ?1 IS NOT NULL",
    };
    let condition = match which {
        Which::All => "?2 IS NULL",
        Which::Ids(_) => "id IN (SELECT value FROM json_each(?2))",
        Which::NextHop(_) => "next_hop = lower(?2)",
    };
    let sql = format!("{change} AND {condition} RETURNING content");
    let rows = bind(sqlx::query(AssertSqlSafe(sql)), which).fetch_all(db).await?;
    let contents = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    Ok(Done {
        count: contents.len() as u64,
        orphans: if order == Order::Delete { contents } else { Vec::new() },
    })
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bind<'q>(query: Query<'q>, which: &Which) -> Query<'q> {
    let which = match which {
        Which::All => None,
        Which::Ids(ids) => Some(json(ids)),
        Which::NextHop(name) => Some(name.clone()),
    };
    query.bind(to_millis(now())).bind(which)
}

/// Any number of ids as one parameter of a statement.
fn json(ids: &[QueueId]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
    format!("[{}]", ids.join(","))
}
