//! The program, run as a person or a script runs it, against a host of its own.

mod accounts;
mod fetching;
mod hostile;
mod html_words;
mod keys;
mod live;
mod mailboxes;
mod order;
mod place;
mod screens;
mod sending;
mod watching;
mod wrapping;
