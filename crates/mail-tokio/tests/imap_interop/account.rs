//! Who we are, and what we may: ID, ENABLE, LOGIN, AUTHENTICATE, quota, rights, annotations.

use imap_proto::{
    Capability, Code, Data, GetMetadata, Id, Mailbox, MetadataContent, MetadataEntry, MetadataValue, Octets, Phase,
    QuotaResource, Right, Rights, RightsChange, SetMetadata,
};
use mail_tokio::imap::{Client, ClientError};
use mail_wire::{Misuse, Secret};
use tokio::net::TcpStream;

use crate::support::{LUNCH, command, connect, each_way, plaintext, refused, run};

#[tokio::test]
async fn logs_in_in_each_way() {
    each_way(async |server| {
        let user = server.user();
        let plain = || Secret::from(format!("\0{user}\0hungry"));
        let mut client = Client::connect(server.address, plaintext()).await.unwrap();
        client.authenticate("PLAIN", Some(plain()), |_| None).await.unwrap();
        client.logout().await.unwrap();

        // Without SASL-IR: the server's challenge is empty.
        let mut client = Client::connect(server.address, plaintext()).await.unwrap();
        let respond = |challenge: &[u8]| challenge.is_empty().then(plain);
        client.authenticate("PLAIN", None, respond).await.unwrap();
        client.logout().await.unwrap();

        // Given up, then wrong, then right.
        let mut client = Client::connect(server.address, plaintext()).await.unwrap();
        let given_up = client.authenticate("PLAIN", None, |_| None).await;
        assert!(matches!(given_up, Err(ClientError::Refused(_))), "{given_up:?}");
        let Err(ClientError::Refused(status)) = client.login(&server.user(), "thirsty").await else {
            panic!("it is wrong")
        };
        assert_eq!(status.code, Some(Code::AuthenticationFailed));
        assert_eq!(client.machine().phase(), Phase::NotAuthenticated);
        client.login(&server.user(), "hungry").await.unwrap();
        assert_eq!(client.machine().phase(), Phase::Authenticated);
        client.logout().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sends_no_password_before_tls() {
    each_way(async |server| {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let mut client = Client::greet(stream, imap_proto::client::Config::default())
            .await
            .unwrap();
        let refused = client.login(&server.user(), "hungry").await;
        assert!(matches!(refused, Err(ClientError::Session(_))), "{refused:?}");
        let mut client = Client::connect(server.address, plaintext()).await.unwrap();
        let refused = client.run(imap_proto::Command::StartTls).await.unwrap_err();
        let ClientError::Session(mail_tokio::Error::Misuse(misuse)) = refused else {
            panic!("{refused}")
        };
        assert!(
            matches!(misuse, Misuse::NotOffered { .. } | Misuse::OutOfSequence { .. }),
            "{misuse:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn introduces_itself() {
    each_way(async |server| {
        let mut client = connect(server).await;
        assert!(
            client
                .capabilities()
                .await
                .unwrap()
                .iter()
                .any(|capability| capability.is("IMAP4rev1"))
        );
        run(&mut client, "CAPABILITY").await;
        let own = Id::new(vec![("name".try_into().unwrap(), Some("interop".try_into().unwrap()))]).unwrap();
        client.id(own).await.unwrap();
        client.id(Id::default()).await.unwrap();
        let enabled = client
            .enable([Capability::fixed("QRESYNC"), Capability::fixed("X-NONSENSE")])
            .await
            .unwrap();
        assert!(enabled.iter().any(|capability| capability.is("QRESYNC")), "{enabled:?}");
        assert!(client.machine().enabled().qresync);
        client.noop().await.unwrap();
        client.logout().await.unwrap();
    })
    .await;
}

/// What Dovecot does not offer is refused here, and nothing is sent.
#[tokio::test]
async fn knows_what_is_not_offered() {
    each_way(async |server| {
        let mut client = connect(server).await;
        client.select("INBOX").await.unwrap();
        for text in [
            "LANGUAGE de",
            "XLIST \"\" *",
            "ESEARCH IN (personal) ALL",
            "SEARCH FUZZY SUBJECT lunch",
            "FETCH 1 EMAILID",
            "GETJMAPACCESS",
            "UNAUTHENTICATE",
            "CREATE Trash (USE (\\Trash))",
            "CONVERSIONS text/plain text/html",
            "STATUS INBOX (MAILBOXID)",
        ] {
            let refused = client.run(command(text)).await.unwrap_err();
            let is_not_offered = matches!(
                refused,
                ClientError::Session(mail_tokio::Error::Misuse(Misuse::NotOffered { .. }))
            );
            assert!(is_not_offered, "{text}: {refused}");
        }
        client.noop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn asks_for_quota() {
    each_way(async |server| {
        let mut client = connect(server).await;
        client
            .append("INBOX", [], None, LUNCH.len() as u64, LUNCH)
            .await
            .unwrap();
        let (roots, quotas) = client.quota_roots("INBOX").await.unwrap();
        assert_eq!(roots.roots[0].to_text(), "User quota");
        let messages = quotas[0].usage(&QuotaResource::Message).unwrap();
        assert_eq!((messages.usage, messages.limit), (1, 10_000));
        assert_eq!(
            client
                .quota("User quota")
                .await
                .unwrap()
                .usage(&QuotaResource::Storage)
                .unwrap()
                .limit,
            102_400
        );
        assert!(
            client
                .set_quota("User quota", [(QuotaResource::Storage, 1)])
                .await
                .is_err()
        );
        refused(&mut client, "GETQUOTA nonsense").await;
    })
    .await;
}

#[tokio::test]
async fn manages_rights() {
    each_way(async |server| {
        let mut client = connect(server).await;
        client.create("Shared").await.unwrap();
        let mine = client.my_rights("Shared").await.unwrap();
        assert!(mine.rights.contains(Right::ADMINISTER), "{mine:?}");
        let rights = |letters| Rights::new(letters).unwrap();
        client
            .set_acl("Shared", "carol", RightsChange::Replace(rights("lr")))
            .await
            .unwrap();
        client
            .set_acl("Shared", "carol", RightsChange::Add(rights("s")))
            .await
            .unwrap();
        client
            .set_acl("Shared", "carol", RightsChange::Remove(rights("r")))
            .await
            .unwrap();
        let carols = |acl: imap_proto::Acl<'static>| {
            let mut entries = acl.entries.into_iter();
            entries
                .find(|(who, _)| who.0.as_bytes() == b"carol")
                .map(|(_, rights)| rights)
        };
        assert_eq!(carols(client.acl("Shared").await.unwrap()), Some(rights("ls")));
        let listed = client.list_rights("Shared", "carol").await.unwrap();
        assert!(
            listed.grantable.iter().any(|one| one.contains(Right::LOOKUP)),
            "{listed:?}"
        );
        client.delete_acl("Shared", "carol").await.unwrap();
        assert_eq!(carols(client.acl("Shared").await.unwrap()), None);
    })
    .await;
}

#[tokio::test]
async fn annotates() {
    each_way(async |server| {
        let mut client = connect(server).await;
        for mailbox in [Mailbox::Inbox, Mailbox::empty()] {
            annotates_one(&mut client, mailbox).await;
        }
        run(&mut client, "SETMETADATA INBOX (/private/comment \"hungry\")").await;
        let reply = run(&mut client, "GETMETADATA (DEPTH infinity) INBOX (/private)").await;
        assert!(matches!(&reply.data[..], [Data::Metadata(_)]), "{reply:?}");
        run(&mut client, "GETMETADATA (MAXSIZE 2) INBOX (/private/comment)").await;
    })
    .await;
}

async fn annotates_one(client: &mut Client, mailbox: Mailbox<'static>) {
    let entry = || MetadataEntry::new("/private/comment").unwrap();
    // Two lines need a literal.
    for text in [Some("hungry"), Some("two\r\nlines \"quoted\""), Some(""), None] {
        let value = MetadataValue {
            entry: entry(),
            value: text.map(Octets::from),
        };
        let set = SetMetadata {
            mailbox: mailbox.clone(),
            values: value.into(),
        };
        client.set_metadata(set).await.unwrap();
        let query = GetMetadata {
            options: Vec::new(),
            mailbox: mailbox.clone(),
            entries: entry().into(),
        };
        let found = client.metadata(query).await.unwrap();
        let values = found.iter().flat_map(|metadata| match &metadata.content {
            MetadataContent::Values(values) => values.iter(),
            MetadataContent::Changed(_) => panic!("nothing is new"),
        });
        let texts: Vec<_> = values
            .filter_map(|value| Some(value.value.as_ref()?.as_bytes()))
            .collect();
        assert_eq!(
            texts,
            text.map(str::as_bytes).into_iter().collect::<Vec<_>>(),
            "{mailbox:?}"
        );
    }
}
