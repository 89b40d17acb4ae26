//! Properties of the whole grammar, over random octets and over what the public constructors take.

mod constructors;
mod depth;
mod many;
mod octets;
mod refusals;
mod unit;
