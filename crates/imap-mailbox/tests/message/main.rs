//! What FETCH tells of messages.

mod damage;
mod generated;
mod headers;
mod limits;
mod properties;
mod sections;
mod structures;
mod surrogates;
mod told;
