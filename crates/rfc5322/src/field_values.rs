//! Fields with structured values, made in one call.

use alloc::format;
use alloc::string::String;

use crate::address_writer::Text;
use crate::{DateTime, Field, FieldError, FieldName, FieldWriter, Host, MsgId};

impl Field {
    /// `Date` and its like.
    ///
    /// ```
    /// # use rfc5322::{DateTime, Field, FieldName, Zone};
    /// let date = DateTime::from_unix(1_057_049_557, Zone::UTC)?;
    /// assert_eq!(Field::date(&FieldName::DATE, date).as_str(), "Date: Tue, 01 Jul 2003 08:52:37 +0000\r\n");
    /// # Ok::<(), rfc5322::DateError>(())
    /// ```
    pub fn date(name: &FieldName, date: DateTime) -> Self {
        let text = date.text();
        let text = str::from_utf8(&text).expect("a date is ASCII");
        let mut writer = FieldWriter::new(name);
        writer.group(text).expect("a date is short and ASCII");
        writer.finish()
    }

    /// `Message-ID`, `In-Reply-To`, `References`: identifiers with folds between.
    ///
    /// ```
    /// # use rfc5322::{Field, FieldName, MsgId};
    /// let id = MsgId::parse(b"<1.spoon@bistro.example>")?;
    /// let field = Field::msg_ids(&FieldName::IN_REPLY_TO, [&id]);
    /// assert_eq!(field.as_str(), "In-Reply-To: <1.spoon@bistro.example>\r\n");
    /// # Ok::<(), rfc5322::SyntaxError>(())
    /// ```
    pub fn msg_ids<'i>(name: &FieldName, ids: impl IntoIterator<Item = &'i MsgId>) -> Self {
        let mut writer = FieldWriter::new(name);
        for id in ids {
            writer
                .token(&["<", id.as_str(), ">"].concat())
                .expect("identifiers are ASCII without spaces, of at most MAX_TOKEN octets");
        }
        writer.finish()
    }

    /// `Keywords`: phrases with commas between (RFC 5322 §3.6.5). Empty ones are left out.
    ///
    /// ```
    /// # use rfc5322::Field;
    /// assert_eq!(Field::keywords(["spoon", "fork, silver"])?.as_str(), "Keywords: spoon, \"fork, silver\"\r\n");
    /// # Ok::<(), rfc5322::FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] for what is not printable ASCII, [`FieldError::Overlong`].
    pub fn keywords<'t, T: Into<Text<'t>>>(keywords: impl IntoIterator<Item = T>) -> Result<Self, FieldError> {
        let mut writer = FieldWriter::new(&FieldName::KEYWORDS);
        let mut pending: Option<String> = None;
        for keyword in keywords {
            let keyword = keyword.into();
            let tokens = keyword.tokens()?;
            let last = tokens.len().wrapping_sub(1);
            for (index, token) in tokens.into_iter().enumerate() {
                if let Some(before) = pending.take() {
                    writer.token(&before)?;
                }
                let comma = if index == last { "," } else { "" };
                pending = Some(token.into_owned() + comma);
            }
        }
        if let Some(token) = pending {
            writer.token(token.strip_suffix(',').unwrap_or(&token))?;
        }
        Ok(writer.finish())
    }

    /// `List-Unsubscribe` and its like: URLs in angle brackets with commas between, the preferred one first (RFC 2369 §2).
    ///
    /// ```
    /// # use rfc5322::{Field, FieldName};
    /// let field = Field::list_urls(&FieldName::LIST_HELP, ["https://host.example/help", "mailto:help@host.example"])?;
    /// assert_eq!(field.as_str(), "List-Help: <https://host.example/help>, <mailto:help@host.example>\r\n");
    /// # Ok::<(), rfc5322::FieldError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] for white space, angle brackets and what is not printable ASCII, none of which a URL
    /// holds; [`FieldError::Overlong`].
    pub fn list_urls<'t>(name: &FieldName, urls: impl IntoIterator<Item = &'t str>) -> Result<Self, FieldError> {
        let mut writer = FieldWriter::new(name);
        let mut urls = urls.into_iter().peekable();
        while let Some(url) = urls.next() {
            if let Some(offset) = url.find([' ', '\t', '<', '>', '"', '\\']) {
                let octet = url.as_bytes()[offset];
                return Err(FieldError::Forbidden { offset, octet });
            }
            let comma = if urls.peek().is_some() { "," } else { "" };
            writer.token(&format!("<{url}>{comma}"))?;
        }
        Ok(writer.finish())
    }

    /// `List-Id` (RFC 2919 §3): what a list is called, for people, and its identifier.
    ///
    /// ```
    /// # use rfc5322::{Field, Host};
    /// let field = Field::list_id("Lovers of ketchup", &Host::new("ketchup.hamburger.edu")?)?;
    /// assert_eq!(field.as_str(), "List-Id: Lovers of ketchup <ketchup.hamburger.edu>\r\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FieldError::Forbidden`] for a description that is not printable ASCII, [`FieldError::Overlong`].
    pub fn list_id<'t>(description: impl Into<Text<'t>>, id: &Host) -> Result<Self, FieldError> {
        let mut writer = FieldWriter::new(&FieldName::LIST_ID);
        for token in description.into().tokens()? {
            writer.token(&token)?;
        }
        writer.token(&format!("<{id}>"))?;
        Ok(writer.finish())
    }
}
