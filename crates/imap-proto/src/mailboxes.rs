//! Mailboxes: their names, what is listed and told of them, who may do what, how much they may hold.

pub(crate) mod acl;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod list_pattern;
pub(crate) mod listed;
pub(crate) mod mailbox;
pub(crate) mod mailbox_attribute;
pub(crate) mod mailbox_filter;
pub(crate) mod mailbox_status;
pub(crate) mod metadata;
pub mod mutf7;
pub(crate) mod namespace;
pub(crate) mod notify;
pub(crate) mod quota;
pub(crate) mod rights;
pub(crate) mod select;
