//! SEARCH, SORT and THREAD: what is asked, in which order, and what was found.

pub(crate) mod cancel_update;
pub(crate) mod correlator;
pub(crate) mod esearch;
pub(crate) mod filter_name;
pub(crate) mod found;
pub(crate) mod mod_sequence_key;
pub(crate) mod multi_search;
pub(crate) mod return_option;
pub(crate) mod search;
pub(crate) mod search_key;
pub(crate) mod search_program;
pub(crate) mod sort;
pub(crate) mod thread;
pub(crate) mod threads;
