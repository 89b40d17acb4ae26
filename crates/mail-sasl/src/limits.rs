//! How much of everything.

/// The longest challenge or response that is looked at, in octets. A bearer token can be some KiB long.
pub const MESSAGE: usize = 65_536;

/// The longest user name or authorization identity, in octets: 255 characters (RFC 4616 §2).
pub const NAME: usize = 1020;

/// The longest password, in octets.
pub const PASSWORD: usize = 4096;

/// Fewer iterations of SCRAM are refused: they would make the password cheap to guess (RFC 5802 §9).
pub const LEAST_ITERATIONS: u32 = 4096;

/// More iterations of SCRAM are refused: they would keep a client busy for long. These take a third of a second with SHA-256
/// and two seconds with SHA-512 on a machine of 2024.
pub const MOST_ITERATIONS: u32 = 1_000_000;

/// How often new [`StoredKeys`](crate::StoredKeys) are iterated, if nothing else is said (RFC 7677 §4).
pub const ITERATIONS: u32 = 15_000;

/// How many octets of salt new [`StoredKeys`](crate::StoredKeys) have.
pub const SALT: usize = 16;

/// The most names of a server's list that a [`Policy`](crate::Policy) looks at.
pub const OFFERED: usize = 64;
