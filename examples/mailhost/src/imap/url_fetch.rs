//! URLFETCH (RFC 4467 §7), also of parts without their transfer encoding, and of their structure (RFC 5524).

use imap_mailbox::message::{SectionReader, Summary, UnknownEncoding};
use imap_proto::server::Completion;
use imap_proto::{
    AString, BodyKind, BodyPart, BodyStructure, Data, FetchedUrl, IntoBoundedStatic as _, OneOrMore, Payload, Section,
    UrlItem, UrlParameter, UrlQuery,
};
use mime_codec::transfer::TransferEncoding;

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::fetch_reader::StoredMessage;
use super::signed_url::SignedUrl;
use super::url::MessageUrl;
use super::urlauth::unusable;

/// What is asked of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// The octets, and nothing is said of them.
    Simple,
    Extended {
        octets: Option<Form>,
        structure: bool,
    },
}

/// In which form octets are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Body,
    Binary,
}

impl Wanted {
    fn of(query: &UrlQuery<'_>) -> Result<Self, Failure> {
        let UrlQuery::Extended { parameters, .. } = query else {
            return Ok(Self::Simple);
        };
        let (mut octets, mut structure) = (None, false);
        for parameter in parameters {
            let form = match parameter {
                UrlParameter::Body => Form::Body,
                UrlParameter::Binary => Form::Binary,
                UrlParameter::BodyPartStructure => {
                    structure = true;
                    continue;
                }
                _ => return Err(Failure::bad("no such parameter")),
            };
            if octets.is_some_and(|other| other != form) {
                return Err(Failure::bad("either BODY or BINARY"));
            }
            octets = Some(form);
        }
        if octets.is_none() && !structure {
            octets = Some(Form::Body);
        }
        Ok(Self::Extended { octets, structure })
    }

    const fn form(self) -> Option<Form> {
        match self {
            Self::Simple => Some(Form::Body),
            Self::Extended { octets, .. } => octets,
        }
    }
}

impl ImapDialogue {
    pub(super) async fn url_fetch(&mut self, queries: &OneOrMore<UrlQuery<'_>>) -> Outcome {
        let wanted: Vec<Wanted> = queries.iter().map(Wanted::of).collect::<Result<_, _>>()?;
        for (query, wanted) in queries.iter().zip(wanted) {
            let url = query.url();
            match self.fetch_url(url, wanted).await {
                // What is wrong with it is not told: whoever asks need not know of the mailbox.
                Err(Failure::Refused(_)) => {
                    let url = url.clone().into_static();
                    let nothing = FetchedUrl::Simple { url, body: None };
                    self.session.send(Data::UrlFetch(nothing.into())).await?;
                }
                other => other?,
            }
            self.session.flush().await?;
        }
        Ok(Completion::default())
    }

    async fn fetch_url(&mut self, url: &AString<'_>, wanted: Wanted) -> Result<(), Failure> {
        let text = url.to_text();
        let parsed = SignedUrl::parse(&text).ok_or_else(unusable)?;
        let mailbox = self.authorize(&parsed).await?;
        let message = &parsed.message;
        let opened = self.open_in(mailbox, message).await?;
        let (mut source, summary) = opened.ok_or_else(unusable)?;
        let mut reader = match wanted.form() {
            Some(form) => octets(&summary, message, form)?,
            None => None,
        };
        let mut payload = None;
        if let Some(reader) = &mut reader {
            source.measure(reader).await?;
            payload = Some(Payload::Announced(reader.len().ok_or_else(unusable)?));
        }
        let url = url.clone().into_static();
        let fetched = match wanted {
            Wanted::Simple => FetchedUrl::Simple { url, body: payload },
            Wanted::Extended { octets, structure } => {
                let structure = match structure {
                    true => structure_of(&summary, message, octets, &mut source).await?,
                    false => None,
                };
                let octets = octets.map(|form| match form {
                    Form::Body => UrlItem::Body(payload),
                    Form::Binary => UrlItem::Binary(payload),
                });
                let items = structure.map(UrlItem::BodyPartStructure).into_iter().chain(octets);
                let items = OneOrMore::new(items.collect()).map_err(|_| unusable())?;
                FetchedUrl::Extended { url, items }
            }
        };
        self.session.send(Data::UrlFetch(fetched.into())).await?;
        match reader {
            Some(reader) => self.send_section(reader, &mut source).await,
            None => Ok(()),
        }
    }
}

/// The octets that a URL refers to; `None` where they are in a transfer encoding that nobody knows.
fn octets(summary: &Summary, url: &MessageUrl, form: Form) -> Result<Option<SectionReader>, Failure> {
    let reader = match (form, &url.section) {
        (Form::Binary, Section::Whole) => summary.binary(None, url.partial),
        (Form::Binary, Section::Part(path)) => summary.binary(Some(path), url.partial),
        (_, section) => Ok(summary.section(section, url.partial)),
    };
    match reader {
        Ok(reader) => reader.ok_or_else(unusable).map(Some),
        Err(UnknownEncoding) => Ok(None),
    }
}

/// The structure of the part that a URL refers to, as it is in the form in which its octets are told; `None` where it refers to no part.
async fn structure_of(
    summary: &Summary,
    url: &MessageUrl,
    form: Option<Form>,
    source: &mut StoredMessage,
) -> Result<Option<BodyStructure<'static>>, Failure> {
    let structure = summary.body_structure();
    let node = match &url.section {
        Section::Whole => Some(structure.root()),
        Section::Part(path) => structure.find(path),
        _ => None,
    };
    let Some(structure) = node.map(|node| node.to_structure().into_static()) else {
        return Ok(None);
    };
    let (Section::Part(path), Some(Form::Binary)) = (&url.section, form) else {
        return Ok(Some(structure));
    };
    match summary.binary(Some(path), None) {
        Ok(Some(reader)) if is_encoded(structure.root().part()) => {
            let octets = reader.len().unwrap_or_default();
            let encoding = encoding_of(reader, source).await?;
            Ok(Some(structure.decoded(encoding, octets)))
        }
        _ => Ok(Some(structure)),
    }
}

/// Whether BINARY tells other octets than BODY: messages are never encoded.
fn is_encoded(part: &BodyPart<'_>) -> bool {
    let encoding = TransferEncoding::from_token(part.encoding.as_bytes());
    let is_identity = encoding.is_none_or(TransferEncoding::is_identity);
    !is_identity && matches!(part.kind(), BodyKind::Basic | BodyKind::Text { .. })
}

/// What octets are without a transfer encoding (RFC 2045 §2.7, §2.8, §2.9).
async fn encoding_of(mut reader: SectionReader, source: &mut StoredMessage) -> Result<&'static str, Failure> {
    let mut encoding = "7bit";
    while source.fill(&mut reader).await? {
        let octets = reader.output();
        if octets.contains(&0) {
            return Ok("binary");
        }
        if !octets.is_ascii() {
            encoding = "8bit";
        }
        let read = octets.len();
        reader.consume(read);
    }
    Ok(encoding)
}
