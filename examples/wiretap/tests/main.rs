//! Captures that are made here: built octet by octet, or taken from loopback by tcpdump and read by tshark, too.

mod damage;
mod dialogues;
mod forms;
mod loopback;
mod octets;
mod program;
mod support;
