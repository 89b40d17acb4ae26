//! Reports as real reporters write them, and back.

use mime_codec::Message;
use mime_codec::compose::{Composer, PartBuilder, Transport};
use mime_codec::report::{
    Action, ActionMode, DeliveryStatus, Disposition, DispositionNotification, DispositionType, ExtensionField,
    RecipientStatus, ReportError, SendingMode, StatusCode, Typed,
};
use mime_codec::rfc5322::{DateTime, Zone};
use proptest::prelude::*;

fn bob() -> RecipientStatus {
    RecipientStatus::new("bob@hamburger.edu", Action::Delayed, StatusCode::new(4, 4, 7).unwrap())
}

#[test]
fn a_whole_report_travels() -> Result<(), Box<dyn std::error::Error>> {
    let status = DeliveryStatus {
        reporting_mta: Some(Typed::host("crepes.fr")),
        arrival_date: Some(DateTime::from_unix(1_057_049_557, Zone::UTC)?),
        extensions: vec![ExtensionField {
            name: "X-Queue".into(),
            value: "17".into(),
        }],
        recipients: vec![
            bob(),
            RecipientStatus::new("françois@crepes.fr", Action::Failed, StatusCode::new(5, 6, 7).unwrap()),
        ],
        ..DeliveryStatus::default()
    };
    let part = PartBuilder::octets("message", "delivery-status", status.to_vec()?)?;
    let report = PartBuilder::multipart("report", [PartBuilder::text("It takes longer."), part])?;
    let report = report.with_param("report-type", "delivery-status")?;
    let octets = Composer::new()
        .from("postmaster@crepes.fr")
        .body(report)
        .to_vec(Transport::SEVEN_BIT)?;
    let message = Message::parse(&octets);
    assert_eq!(message.check(), []);
    assert_eq!(message.part(2).unwrap().delivery_status(), Some(status));
    assert_eq!(message.part(1).unwrap().delivery_status(), None);
    assert_eq!(message.attachments().count(), 0);
    Ok(())
}

#[test]
fn delivery_reports_of_all_kinds_are_read() {
    let read = |text: &str| DeliveryStatus::parse(text.as_bytes());
    let sloppy = read(
        "\n\nreporting-mta : DNS;crepes.fr\nno field\n\n\n\nFINAL-RECIPIENT: RFC822;\n bob@hamburger.edu\nAction: Failed (expired)\n\
         Status: 5.4.7 (timed out)\nX-Mark: a\n  b\n\nFinal-Recipient: eve@example.net\nAction: eaten\nStatus: 9.1.1\n",
    );
    assert_eq!(sloppy.reporting_mta, Some(Typed::new("DNS", "crepes.fr")));
    assert_eq!(sloppy.recipients.len(), 2);
    assert_eq!(
        sloppy.recipients[0].final_recipient,
        Some(Typed::new("RFC822", "bob@hamburger.edu"))
    );
    assert_eq!(sloppy.recipients[0].action, Some(Action::Failed));
    assert_eq!(sloppy.recipients[0].status, StatusCode::new(5, 4, 7));
    assert_eq!(sloppy.recipients[0].extensions[0].value, "a  b");
    assert_eq!(
        sloppy.recipients[1].final_recipient,
        Some(Typed::new("", "eve@example.net"))
    );
    assert_eq!((sloppy.recipients[1].action, sloppy.recipients[1].status), (None, None));

    let headless = read("Final-Recipient: rfc822; bob@hamburger.edu\r\nAction: relayed\r\nStatus: 2.0.0\r\n");
    assert_eq!((headless.reporting_mta, headless.recipients.len()), (None, 1));
    assert_eq!(read(""), DeliveryStatus::default());
}

#[test]
fn what_a_report_must_have() {
    let missing = |status: DeliveryStatus| status.to_vec().unwrap_err();
    assert_eq!(
        missing(DeliveryStatus::default()),
        ReportError::Missing("Reporting-MTA")
    );
    let reporting_mta = Some(Typed::host("crepes.fr"));
    let empty = DeliveryStatus {
        reporting_mta,
        ..DeliveryStatus::default()
    };
    assert_eq!(missing(empty.clone()), ReportError::Missing("Final-Recipient"));
    let recipients = vec![RecipientStatus { action: None, ..bob() }];
    assert_eq!(
        missing(DeliveryStatus {
            recipients,
            ..empty.clone()
        }),
        ReportError::Missing("Action")
    );
    let recipients = vec![RecipientStatus {
        final_log_id: Some("1\r\n\r\nAction: failed".into()),
        ..bob()
    }];
    assert!(matches!(
        missing(DeliveryStatus { recipients, ..empty }),
        ReportError::Field(_)
    ));
    assert_eq!(
        DispositionNotification::default().to_vec(),
        Err(ReportError::Missing("Final-Recipient"))
    );
}

#[test]
fn dispositions_of_all_kinds_are_read() {
    let read = |text: &str| DispositionNotification::parse(format!("Disposition: {text}\r\n").as_bytes()).disposition;
    let automatic = Disposition {
        modifiers: vec!["error".into(), "x-full".into()],
        ..Disposition::automatic(DispositionType::Deleted)
    };
    assert_eq!(
        read("Automatic-Action / MDN-sent-automatically ; deleted / error , x-full"),
        Some(automatic.clone())
    );
    assert_eq!(read(&automatic.to_string()), Some(automatic));
    let mixed = Disposition {
        action: ActionMode::Manual,
        sending: SendingMode::Automatically,
        ..Disposition::manual(DispositionType::Dispatched)
    };
    assert_eq!(read("manual-action/MDN-sent-automatically; dispatched"), Some(mixed));
    for wrong in [
        "",
        "displayed",
        "manual-action; displayed",
        "manual-action/MDN-sent-manually; eaten",
    ] {
        assert_eq!(read(wrong), None, "{wrong:?}");
    }
}

/// Threats row 11.
#[test]
fn endless_reports_take_linear_time() {
    for line in [
        "Error: x\r\n",
        "\r\n",
        "Final-Recipient: x\r\n\r\n",
        "no field\r\n",
        "Disposition: a/b; c\r\n",
    ] {
        let report = line.repeat(200_000);
        DeliveryStatus::parse(report.as_bytes());
        DispositionNotification::parse(report.as_bytes());
    }
}

proptest! {
    #[test]
    fn addresses_of_any_spelling(address in "\\PC{0,20}") {
        let typed = Typed::address(&address);
        let is_utf8 = typed.is("utf-8");
        prop_assert!(typed.to_string().is_ascii());
        prop_assert!(!is_utf8 || typed.decoded() == address);
    }

    #[test]
    fn any_octets_are_read(report: Vec<u8>) {
        let status = DeliveryStatus::parse(&report);
        DispositionNotification::parse(&report);
        // What can be written reads back.
        if let Ok(octets) = status.to_vec() {
            prop_assert_eq!(DeliveryStatus::parse(&octets), status);
        }
    }
}
