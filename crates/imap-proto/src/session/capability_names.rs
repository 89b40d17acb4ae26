//! The capabilities that are registered, by name and by what their values mean.

use core::num::NonZeroU32;

use crate::{Capability, Rights};

/// How large a message may be (RFC 7889 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendLimit {
    /// STATUS tells for each mailbox.
    PerMailbox,
    /// So many octets everywhere.
    Octets(u32),
}

/// Names, for comparison: `capabilities.contains(&Capability::IDLE)`.
impl Capability<'static> {
    /// IMAP4rev1 (RFC 3501).
    pub const IMAP4REV1: Self = Self::fixed("IMAP4rev1");
    /// IMAP4rev2 (RFC 9051).
    pub const IMAP4REV2: Self = Self::fixed("IMAP4rev2");
    /// Access control lists (RFC 4314).
    pub const ACL: Self = Self::fixed("ACL");
    /// Annotations of messages (RFC 5257).
    pub const ANNOTATE: Self = Self::fixed("ANNOTATE-EXPERIMENT-1");
    /// Parts without their transfer encoding, messages with NULs (RFC 3516).
    pub const BINARY: Self = Self::fixed("BINARY");
    /// APPEND of parts that the server joins (RFC 4469).
    pub const CATENATE: Self = Self::fixed("CATENATE");
    /// `\HasChildren` and `\HasNoChildren` (RFC 3348).
    pub const CHILDREN: Self = Self::fixed("CHILDREN");
    /// COMPRESS (RFC 4978).
    pub const COMPRESS_DEFLATE: Self = Self::fixed("COMPRESS=DEFLATE");
    /// Modification sequences (RFC 7162 §3.1).
    pub const CONDSTORE: Self = Self::fixed("CONDSTORE");
    /// Searches that are kept up to date (RFC 5267).
    pub const CONTEXT_SEARCH: Self = Self::fixed("CONTEXT=SEARCH");
    /// Sorted searches that are kept up to date (RFC 5267).
    pub const CONTEXT_SORT: Self = Self::fixed("CONTEXT=SORT");
    /// CONVERT (RFC 5259).
    pub const CONVERT: Self = Self::fixed("CONVERT");
    /// CREATE with a use (RFC 6154 §3).
    pub const CREATE_SPECIAL_USE: Self = Self::fixed("CREATE-SPECIAL-USE");
    /// ENABLE (RFC 5161).
    pub const ENABLE: Self = Self::fixed("ENABLE");
    /// SEARCH that returns what is asked (RFC 4731).
    pub const ESEARCH: Self = Self::fixed("ESEARCH");
    /// SORT that returns what is asked (RFC 5267).
    pub const ESORT: Self = Self::fixed("ESORT");
    /// Searches that the server keeps (RFC 5466).
    pub const FILTERS: Self = Self::fixed("FILTERS");
    /// Comparison of all letters (RFC 5255 §4.3).
    pub const I18NLEVEL_1: Self = Self::fixed("I18NLEVEL=1");
    /// COMPARATOR (RFC 5255 §4.4).
    pub const I18NLEVEL_2: Self = Self::fixed("I18NLEVEL=2");
    /// ID (RFC 2971).
    pub const ID: Self = Self::fixed("ID");
    /// IDLE (RFC 2177).
    pub const IDLE: Self = Self::fixed("IDLE");
    /// The INPROGRESS response code (RFC 9585).
    pub const INPROGRESS: Self = Self::fixed("INPROGRESS");
    /// GETJMAPACCESS (RFC 9698).
    pub const JMAPACCESS: Self = Self::fixed("JMAPACCESS");
    /// LANGUAGE (RFC 5255 §3).
    pub const LANGUAGE: Self = Self::fixed("LANGUAGE");
    /// LIST with options (RFC 5258).
    pub const LIST_EXTENDED: Self = Self::fixed("LIST-EXTENDED");
    /// LIST that tells METADATA (RFC 9590).
    pub const LIST_METADATA: Self = Self::fixed("LIST-METADATA");
    /// LIST that tells MYRIGHTS (RFC 8440).
    pub const LIST_MYRIGHTS: Self = Self::fixed("LIST-MYRIGHTS");
    /// LIST that tells STATUS (RFC 5819).
    pub const LIST_STATUS: Self = Self::fixed("LIST-STATUS");
    /// Literals without waiting (RFC 7888 §3).
    pub const LITERAL_PLUS: Self = Self::fixed("LITERAL+");
    /// Literals up to 4096 octets without waiting (RFC 7888 §5).
    pub const LITERAL_MINUS: Self = Self::fixed("LITERAL-");
    /// Referrals in answers to LOGIN (RFC 2221).
    pub const LOGIN_REFERRALS: Self = Self::fixed("LOGIN-REFERRALS");
    /// LOGIN is refused (RFC 9051 §6.2.3).
    pub const LOGINDISABLED: Self = Self::fixed("LOGINDISABLED");
    /// RLIST, RLSUB, and referrals of mailboxes (RFC 2193).
    pub const MAILBOX_REFERRALS: Self = Self::fixed("MAILBOX-REFERRALS");
    /// Annotations of mailboxes and of the server (RFC 5464).
    pub const METADATA: Self = Self::fixed("METADATA");
    /// Annotations of the server (RFC 5464).
    pub const METADATA_SERVER: Self = Self::fixed("METADATA-SERVER");
    /// MOVE (RFC 6851).
    pub const MOVE: Self = Self::fixed("MOVE");
    /// APPEND of many messages (RFC 3502).
    pub const MULTIAPPEND: Self = Self::fixed("MULTIAPPEND");
    /// SEARCH in many mailboxes (RFC 7377).
    pub const MULTISEARCH: Self = Self::fixed("MULTISEARCH");
    /// NAMESPACE (RFC 2342).
    pub const NAMESPACE: Self = Self::fixed("NAMESPACE");
    /// NOTIFY (RFC 5465).
    pub const NOTIFY: Self = Self::fixed("NOTIFY");
    /// Identifiers that never change (RFC 8474).
    pub const OBJECTID: Self = Self::fixed("OBJECTID");
    /// SEARCH and FETCH page by page (RFC 9394).
    pub const PARTIAL: Self = Self::fixed("PARTIAL");
    /// PREVIEW in FETCH (RFC 8970).
    pub const PREVIEW: Self = Self::fixed("PREVIEW");
    /// Quick resynchronisation (RFC 7162 §3.2).
    pub const QRESYNC: Self = Self::fixed("QRESYNC");
    /// Quotas (RFC 9208).
    pub const QUOTA: Self = Self::fixed("QUOTA");
    /// SETQUOTA (RFC 9208 §4.1.3).
    pub const QUOTASET: Self = Self::fixed("QUOTASET");
    /// REPLACE (RFC 8508).
    pub const REPLACE: Self = Self::fixed("REPLACE");
    /// AUTHENTICATE with its first response (RFC 4959).
    pub const SASL_IR: Self = Self::fixed("SASL-IR");
    /// When a message was saved (RFC 8514).
    pub const SAVEDATE: Self = Self::fixed("SAVEDATE");
    /// Searches that are not exact (RFC 6203).
    pub const SEARCH_FUZZY: Self = Self::fixed("SEARCH=FUZZY");
    /// `$`, the result that was saved (RFC 5182).
    pub const SEARCHRES: Self = Self::fixed("SEARCHRES");
    /// SORT (RFC 5256).
    pub const SORT: Self = Self::fixed("SORT");
    /// SORT by display names (RFC 5957).
    pub const SORT_DISPLAY: Self = Self::fixed("SORT=DISPLAY");
    /// What mailboxes are for (RFC 6154).
    pub const SPECIAL_USE: Self = Self::fixed("SPECIAL-USE");
    /// STARTTLS (RFC 9051 §6.2.1).
    pub const STARTTLS: Self = Self::fixed("STARTTLS");
    /// SIZE in STATUS (RFC 8438).
    pub const STATUS_SIZE: Self = Self::fixed("STATUS=SIZE");
    /// THREAD by subject (RFC 5256).
    pub const THREAD_ORDEREDSUBJECT: Self = Self::fixed("THREAD=ORDEREDSUBJECT");
    /// THREAD by references (RFC 5256).
    pub const THREAD_REFERENCES: Self = Self::fixed("THREAD=REFERENCES");
    /// UIDBATCHES (RFC 10022).
    pub const UIDBATCHES: Self = Self::fixed("UIDBATCHES");
    /// No message numbers (RFC 9586).
    pub const UIDONLY: Self = Self::fixed("UIDONLY");
    /// UIDs of new messages, UID EXPUNGE (RFC 4315).
    pub const UIDPLUS: Self = Self::fixed("UIDPLUS");
    /// UNAUTHENTICATE (RFC 8437).
    pub const UNAUTHENTICATE: Self = Self::fixed("UNAUTHENTICATE");
    /// UNSELECT (RFC 3691).
    pub const UNSELECT: Self = Self::fixed("UNSELECT");
    /// URLs that others may fetch (RFC 4467).
    pub const URLAUTH: Self = Self::fixed("URLAUTH");
    /// URLFETCH with parameters (RFC 5524).
    pub const URLAUTH_BINARY: Self = Self::fixed("URLAUTH=BINARY");
    /// URLs of parts of messages (RFC 5550).
    pub const URL_PARTIAL: Self = Self::fixed("URL-PARTIAL");
    /// UTF-8 in names and headers (RFC 6855).
    pub const UTF8_ACCEPT: Self = Self::fixed("UTF8=ACCEPT");
    /// Nothing without UTF-8 (RFC 6855 §6).
    pub const UTF8_ONLY: Self = Self::fixed("UTF8=ONLY");
    /// OLDER and YOUNGER in SEARCH (RFC 5032).
    pub const WITHIN: Self = Self::fixed("WITHIN");
    /// Gmail's labels, threads and searches.
    pub const X_GM_EXT_1: Self = Self::fixed("X-GM-EXT-1");
    /// XLIST: what Gmail had before SPECIAL-USE.
    pub const XLIST: Self = Self::fixed("XLIST");
}

/// Values.
impl Capability<'_> {
    /// The SASL mechanism of `AUTH=` (RFC 9051 §7.2.2).
    pub fn sasl_mechanism(&self) -> Option<&str> {
        self.value_of("AUTH")
    }

    /// How large a message may be, from `APPENDLIMIT` (RFC 7889 §2).
    ///
    /// ```
    /// # use imap_proto::{AppendLimit, Capability};
    /// let limit = Capability::new("APPENDLIMIT=35651584")?;
    /// assert_eq!(limit.append_limit(), Some(AppendLimit::Octets(35_651_584)));
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    pub fn append_limit(&self) -> Option<AppendLimit> {
        if self.is("APPENDLIMIT") {
            return Some(AppendLimit::PerMailbox);
        }
        let octets = number(self.value_of("APPENDLIMIT")?)?;
        Some(AppendLimit::Octets(octets))
    }

    /// The rights that RFC 4314 added to those of RFC 2086, from `RIGHTS=` (RFC 4314 §2).
    pub fn new_rights(&self) -> Option<Rights> {
        Rights::new(self.value_of("RIGHTS")?).ok()
    }

    /// The resource of `QUOTA=RES-` (RFC 9208 §3.1.1).
    pub fn quota_resource(&self) -> Option<&str> {
        let value = self.value_of("QUOTA")?;
        let (prefix, resource) = value.split_at_checked(4)?;
        (prefix.eq_ignore_ascii_case("RES-") && !resource.is_empty()).then_some(resource)
    }

    /// The algorithm of `COMPRESS=` (RFC 4978 §1).
    pub fn compression(&self) -> Option<&str> {
        self.value_of("COMPRESS")
    }

    /// The algorithm of `THREAD=` (RFC 5256 §1).
    pub fn thread_algorithm(&self) -> Option<&str> {
        self.value_of("THREAD")
    }

    /// What `SORT=` adds to SORT: `DISPLAY` (RFC 5957 §1).
    pub fn sort(&self) -> Option<&str> {
        self.value_of("SORT")
    }

    /// What `SEARCH=` adds to SEARCH: `FUZZY` (RFC 6203 §3).
    pub fn search(&self) -> Option<&str> {
        self.value_of("SEARCH")
    }

    /// `SEARCH` or `SORT` of `CONTEXT=` (RFC 5267 §1).
    pub fn context(&self) -> Option<&str> {
        self.value_of("CONTEXT")
    }

    /// `ACCEPT` or `ONLY` of `UTF8=` (RFC 6855 §3).
    pub fn utf8(&self) -> Option<&str> {
        self.value_of("UTF8")
    }

    /// The level of `I18NLEVEL=` (RFC 5255 §4).
    pub fn i18n_level(&self) -> Option<u32> {
        number(self.value_of("I18NLEVEL")?)
    }

    /// What STATUS adds by `STATUS=`: `SIZE` (RFC 8438 §3).
    pub fn status(&self) -> Option<&str> {
        self.value_of("STATUS")
    }

    /// How many messages a command takes, from `MESSAGELIMIT=` (RFC 9738).
    pub fn message_limit(&self) -> Option<NonZeroU32> {
        NonZeroU32::new(number(self.value_of("MESSAGELIMIT")?)?)
    }

    /// How many messages APPEND and COPY take, from `SAVELIMIT=` (RFC 9738).
    pub fn save_limit(&self) -> Option<NonZeroU32> {
        NonZeroU32::new(number(self.value_of("SAVELIMIT")?)?)
    }
}

/// `number`; nothing but digits.
fn number(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(text: &str) -> Capability<'_> {
        Capability::new(text).unwrap()
    }

    #[test]
    fn names_are_found_in_any_case() {
        let capabilities = [
            capability("imap4rev1"),
            capability("Compress=Deflate"),
            capability("ID"),
        ];
        assert!(capabilities.contains(&Capability::IMAP4REV1));
        assert!(capabilities.contains(&Capability::COMPRESS_DEFLATE));
        assert!(!capabilities.contains(&Capability::IDLE));
    }

    #[test]
    fn values_are_read() {
        assert_eq!(capability("auth=PLAIN").sasl_mechanism(), Some("PLAIN"));
        assert_eq!(capability("AUTH").sasl_mechanism(), None);
        assert_eq!(capability("APPENDLIMIT").append_limit(), Some(AppendLimit::PerMailbox));
        assert_eq!(capability("APPENDLIMIT=0").append_limit(), Some(AppendLimit::Octets(0)));
        assert_eq!(capability("RIGHTS=texk").new_rights(), Rights::new("texk").ok());
        assert_eq!(capability("quota=res-STORAGE").quota_resource(), Some("STORAGE"));
        assert_eq!(capability("COMPRESS=DEFLATE").compression(), Some("DEFLATE"));
        assert_eq!(capability("THREAD=REFS").thread_algorithm(), Some("REFS"));
        assert_eq!(capability("SORT=DISPLAY").sort(), Some("DISPLAY"));
        assert_eq!(capability("SEARCH=FUZZY").search(), Some("FUZZY"));
        assert_eq!(capability("CONTEXT=SORT").context(), Some("SORT"));
        assert_eq!(capability("UTF8=ONLY").utf8(), Some("ONLY"));
        assert_eq!(capability("STATUS=SIZE").status(), Some("SIZE"));
        assert_eq!(capability("I18NLEVEL=2").i18n_level(), Some(2));
        assert_eq!(capability("MESSAGELIMIT=1000").message_limit(), NonZeroU32::new(1000));
        assert_eq!(capability("SAVELIMIT=5").save_limit(), NonZeroU32::new(5));
        for bad in [
            "APPENDLIMIT=",
            "APPENDLIMIT=+5",
            "APPENDLIMIT=4294967296",
            "APPENDLIMITS",
        ] {
            assert_eq!(capability(bad).append_limit(), None, "{bad}");
        }
        for bad in ["QUOTA=RES-", "QUOTA=x", "QUOTA", "QUOTASET"] {
            assert_eq!(capability(bad).quota_resource(), None, "{bad}");
        }
        assert_eq!(capability("MESSAGELIMIT=0").message_limit(), None);
    }
}
