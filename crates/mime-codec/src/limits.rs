//! How much of a message is looked at.

/// What the parsers allow. Beyond a limit only the thing itself degrades, with a defect that names the limit; the rest of the
/// message is read as ever.
///
/// ```
/// # use mime_codec::Limits;
/// let limits = Limits::default().with_depth(20);
/// assert_eq!((limits.depth(), limits.parts()), (20, 50_000));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    depth: usize,
    parts: usize,
    field: usize,
    decoded_layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 100,
            parts: 50_000,
            field: 256 * 1024,
            decoded_layers: 4,
        }
    }
}

impl Limits {
    /// How deep entities may be nested, the root being at depth 0: 100. An entity that lies at the limit is not looked into.
    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// Sets [`depth`](Self::depth).
    #[must_use]
    pub const fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// How many entities a message may have, the root and all multiparts included: 50,000. Where that many have begun,
    /// what follows belongs to the last of them.
    pub const fn parts(&self) -> usize {
        self.parts
    }

    /// Sets [`parts`](Self::parts); at least 1.
    #[must_use]
    pub const fn with_parts(mut self, parts: usize) -> Self {
        self.parts = parts;
        self
    }

    /// The octets of a header field with all its lines: 256 KiB. A longer one is passed over.
    pub const fn field(&self) -> usize {
        self.field
    }

    /// Sets [`field`](Self::field); what is more than 1 GiB is taken for that.
    #[must_use]
    pub const fn with_field(mut self, octets: usize) -> Self {
        self.field = if octets < FIELD_LIMIT { octets } else { FIELD_LIMIT };
        self
    }

    /// How many `message/rfc822` entities that are transfer-encoded are decoded and looked into, one inside another: 4. It
    /// bounds the memory that decoded copies take to so many times the message.
    pub const fn decoded_layers(&self) -> usize {
        self.decoded_layers
    }

    /// Sets [`decoded_layers`](Self::decoded_layers).
    #[must_use]
    pub const fn with_decoded_layers(mut self, layers: usize) -> Self {
        self.decoded_layers = layers;
        self
    }
}

const FIELD_LIMIT: usize = 1 << 30;
