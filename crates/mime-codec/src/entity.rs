//! The structure of messages: entities, one in another (RFC 2046 §5.1, §5.2.1).

mod delimiter;
mod field_place;
mod kind;
mod walker;

pub(crate) use field_place::FieldPlace;
pub(crate) use kind::{Kind, encoding};
pub(crate) use walker::{Found, Section, Walker};
