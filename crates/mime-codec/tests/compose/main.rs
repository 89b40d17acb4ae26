//! What is composed reads back, and what is edited stays where it was not touched.

mod editing;
mod reading_back;
