//! What a second connection does, as the first sees it.

use std::time::Duration;

use imap_proto::{Data, FetchItem, Flag, StoreAction};
use mail_tokio::imap::Client;
use tokio::time::timeout;

use crate::support::{ANSWER, LUNCH, REPORT, Server, connect, each_way, inbox, run};

#[tokio::test]
async fn idles() {
    each_way(async |server| {
        let mut watcher = inbox(server, &[LUNCH]).await;
        let mut other = connect(server).await;
        other.select("INBOX").await.unwrap();
        let mut idle = watcher.idle().await.unwrap();
        let mut heard = async |wanted: &dyn Fn(&Data<'static>) -> bool| loop {
            let data = timeout(PATIENCE, idle.next())
                .await
                .expect("it is told")
                .unwrap()
                .unwrap();
            if wanted(&data) {
                break;
            }
        };
        other
            .append("INBOX", [], None, ANSWER.len() as u64, ANSWER)
            .await
            .unwrap();
        heard(&|data| matches!(data, Data::Exists(2))).await;
        other.store("1", StoreAction::Add, [Flag::Deleted]).await.unwrap();
        heard(&|data| {
            matches!(data, Data::Fetch(fetch) if fetch.items().iter().any(|item|
            matches!(item, FetchItem::Flags(flags) if flags.contains(&Flag::Deleted))))
        })
        .await;
        other.expunge().await.unwrap();
        heard(&|data| matches!(data, Data::Expunge(number) if number.get() == 1)).await;
        idle.done().await.unwrap();
        // Dropped: the next command ends it.
        watcher.idle().await.unwrap();
        assert_eq!(watcher.fetch_all("1:*", "(UID)").await.unwrap().len(), 1);
    })
    .await;
}

/// NOTIFY tells of other mailboxes too (RFC 5465). Our relay hears of them only beside an answer, so this is Dovecot alone.
#[tokio::test]
async fn is_notified() {
    let Some(server) = Server::start() else { return };
    let mut watcher = inbox(&server, &[LUNCH]).await;
    let mut other = connect(&server).await;
    run(
        &mut watcher,
        "NOTIFY SET STATUS (SELECTED (MessageNew (UID ENVELOPE) MessageExpunge FlagChange)) \
         (PERSONAL (MessageNew MessageExpunge MailboxName))",
    )
    .await;
    other
        .append("Sent", [], None, REPORT.len() as u64, REPORT)
        .await
        .unwrap();
    hears(
        &mut watcher,
        |data| matches!(data, Data::MailboxStatus(status) if status.mailbox.to_text() == "Sent"),
    )
    .await;
    other.create("New").await.unwrap();
    hears(
        &mut watcher,
        |data| matches!(data, Data::List(listed) if listed.mailbox.to_text() == "New"),
    )
    .await;
    other
        .append("INBOX", [], None, ANSWER.len() as u64, ANSWER)
        .await
        .unwrap();
    hears(
        &mut watcher,
        |data| matches!(data, Data::Fetch(fetch) if fetch.uid().is_some()),
    )
    .await;
    run(&mut watcher, "NOTIFY NONE").await;
    watcher.logout().await.unwrap();
}

/// Asks, until it is told.
async fn hears(client: &mut Client, wanted: impl Fn(&Data<'static>) -> bool) {
    let asking = async {
        loop {
            client.noop().await.unwrap();
            while let Some(data) = client.news().take() {
                if wanted(&data) {
                    return;
                }
            }
        }
    };
    timeout(PATIENCE, asking).await.expect("it is told");
}

const PATIENCE: Duration = Duration::from_secs(20);
