//! Messages that are all different and alike in kind; the same ones in each run.

use mail_testing::Random;

/// The message of this number, of about so many octets, in lines that end in CRLF.
pub(crate) fn letter(number: usize, octets: usize) -> Vec<u8> {
    let mut random = Random::new(number as u64);
    let mut word = || WORDS[random.below(WORDS.len())];
    let (from, to) = (word(), word());
    let subject = [word(), word(), word()].join(" ");
    let mut text = format!(
        "Return-Path: <{from}@mill.example>\r\n\
         From: {from} Miller <{from}@mill.example>\r\n\
         To: {to} <{to}@inn.example>\r\n\
         Subject: {subject}\r\n\
         Date: Mon, {day} Jun 2026 09:{minute:02}:00 +0200\r\n\
         Message-ID: <{number}@mill.example>\r\n\
         X-Topic: {topic}\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n",
        day = 1 + number % 28,
        minute = number % 60,
        topic = word(),
    );
    let mut column = 0;
    while text.len() < octets {
        let word = word();
        text.push_str(word);
        column += word.len() + 1;
        text.push_str(if column > 65 { "\r\n" } else { " " });
        column = if column > 65 { 0 } else { column };
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// A word that some messages have: another one in each round.
pub(crate) const fn word(round: usize) -> &'static str {
    WORDS[round * 7 % WORDS.len()]
}

const WORDS: [&str; 64] = [
    "alder", "anchor", "apple", "badger", "barley", "basket", "beacon", "birch", "bramble", "bridge", "butter",
    "candle", "canvas", "cellar", "cherry", "chimney", "clover", "copper", "cottage", "cricket", "dapple", "ditch",
    "donkey", "feather", "fennel", "ferry", "fiddle", "flint", "garden", "ginger", "goose", "gravel", "hammer",
    "harbour", "hazel", "heron", "honey", "ivy", "jackdaw", "juniper", "kettle", "ladder", "lantern", "larch", "linen",
    "magpie", "meadow", "mortar", "mustard", "nettle", "oatmeal", "orchard", "otter", "paddle", "pepper", "plover",
    "quarry", "raven", "saddle", "thistle", "timber", "violet", "walnut", "willow",
];
