//! What a session says of itself: credentials, capabilities, status responses and their codes, ID, languages.

pub(crate) mod annotation_code;
pub(crate) mod auth;
pub(crate) mod capability;
pub(crate) mod capability_names;
pub(crate) mod code;
pub(crate) mod code_names;
pub(crate) mod code_text;
pub(crate) mod id;
pub(crate) mod in_progress;
pub(crate) mod language;
pub(crate) mod status;
