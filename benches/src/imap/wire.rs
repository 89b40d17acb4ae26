//! What goes over the wire in the IMAP benchmarks, in the spelling of imap-proto.

use std::fmt::Write;

/// FETCH responses as a client gets them when it shows a mailbox: flags, dates, sizes, envelopes and structures.
pub fn fetch_full() -> String {
    let mut wire = String::new();
    for number in 1..=20 {
        for (envelope, structure) in [NOTE, REPLY, REPORT] {
            let _ = write!(
                wire,
                "* {number} FETCH (UID {} FLAGS (\\Seen $Forwarded) INTERNALDATE \"17-Mar-2026 09:{:02}:25 +0100\" RFC822.SIZE {} \
                 ENVELOPE {envelope} BODYSTRUCTURE {structure})\r\n",
                number + 70_211,
                number + 20,
                number * 7_919,
            );
        }
    }
    wire
}

/// FETCH responses as a client gets them when it looks for changes.
pub fn fetch_flags() -> String {
    let mut wire = String::new();
    for number in 1..=500 {
        let flags = [
            "\\Seen",
            "",
            "\\Answered \\Seen",
            "\\Seen $Forwarded NonJunk",
            "\\Flagged",
        ][number % 5];
        let _ = write!(
            wire,
            "* {number} FETCH (UID {} FLAGS ({flags}))\r\n",
            number * 3 + 70_211
        );
    }
    wire
}

/// A SEARCH response of a hundred thousand unique identifiers, upwards with gaps.
pub fn search() -> String {
    let mut wire = String::from("* SEARCH");
    for number in 0..100_000u32 {
        let _ = write!(wire, " {}", 4_000 + number * 7 + number % 5);
    }
    wire + "\r\n"
}

/// What a client says in a session.
pub const COMMANDS: &str = "a1 LOGIN alice \"correct horse battery\"\r\n\
    a2 SELECT \"Work in progress\"\r\n\
    a3 UID FETCH 1:500,70211:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE \
    BODY.PEEK[HEADER.FIELDS (References List-Id)] BODY.PEEK[1.2]<0.16384>)\r\n\
    a4 UID SEARCH UNSEEN SINCE 1-Feb-2026 NOT FROM carol OR SUBJECT \"quarterly figures\" LARGER 100000 KEYWORD $Important\r\n\
    a5 UID STORE 70211,70214:70220,70300 +FLAGS.SILENT (\\Seen $Forwarded)\r\n";

const NOTE: (&str, &str) = (
    "(\"Tue, 17 Mar 2026 09:21:11 +0100\" \"Lunch on Thursday?\" ((\"Alice Example\" NIL \"alice\" \"a.example\")) \
     ((\"Alice Example\" NIL \"alice\" \"a.example\")) ((\"Alice Example\" NIL \"alice\" \"a.example\")) \
     ((\"Bob\" NIL \"bob\" \"b.example\")) NIL NIL NIL \"<20260317092111.4711@a.example>\")",
    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\" \"FORMAT\" \"flowed\") NIL NIL \"QUOTED-PRINTABLE\" 1203 31 NIL NIL NIL NIL)",
);

const REPLY: (&str, &str) = (
    "(\"Tue, 17 Mar 2026 11:03:42 +0000\" \"Re: [figures] =?utf-8?Q?Z=C3=A4hlen_im_ersten_Quartal?=\" \
     ((\"=?utf-8?Q?J=C3=BCrgen?=\" NIL \"juergen.example\" \"lists.b.example\")) \
     ((\"figures list\" NIL \"figures-bounces\" \"lists.b.example\")) ((NIL NIL \"figures\" \"lists.b.example\")) \
     ((NIL NIL \"figures\" \"lists.b.example\")(\"Carol C.\" NIL \"carol\" \"c.example\")(\"Dan\" NIL \"dan\" \"d.example\")) \
     ((\"Eve\" NIL \"eve\" \"e.example\")(NIL NIL \"frank\" \"f.example\")) NIL \
     \"<CAFE-1234567890abcdef@mail.c.example>\" \"<5d41402abc4b2a76b9719d911017c592@b.example>\")",
    "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 2279 48 NIL NIL NIL NIL)\
     (\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") NIL NIL \"QUOTED-PRINTABLE\" 11034 209 NIL NIL NIL NIL) \
     \"ALTERNATIVE\" (\"BOUNDARY\" \"0000000000007c9b2c0601c5d2a1\") NIL NIL NIL)",
);

const REPORT: (&str, &str) = (
    "(\"Mon, 16 Mar 2026 23:59:59 -0800\" \"Fwd: say \\\"yes\\\" to the new building plan\" \
     ((\"Grace Planner\" NIL \"grace\" \"g.example\")) ((\"Grace Planner\" NIL \"grace\" \"g.example\")) \
     ((\"Grace Planner\" NIL \"grace\" \"g.example\")) ((\"Alice Example\" NIL \"alice\" \"a.example\")) NIL NIL NIL \
     \"<b0a1.plan@g.example>\")",
    "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 410 12 NIL NIL NIL NIL)\
     (\"APPLICATION\" \"PDF\" (\"NAME\" \"plan.pdf\") \"<part2.plan@g.example>\" \"the plan\" \"BASE64\" 1482938 NIL \
     (\"ATTACHMENT\" (\"FILENAME\" \"plan.pdf\" \"SIZE\" \"1083685\")) NIL NIL)\
     (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 3219 \
     (\"Fri, 13 Mar 2026 08:00:00 -0800\" \"the new building plan\" ((NIL NIL \"heidi\" \"h.example\")) \
     ((NIL NIL \"heidi\" \"h.example\")) ((NIL NIL \"heidi\" \"h.example\")) ((NIL NIL \"grace\" \"g.example\")) NIL NIL NIL \
     \"<plan@h.example>\") \
     ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 1010 30 NIL NIL NIL NIL)\
     (\"IMAGE\" \"PNG\" (\"NAME\" \"front.png\") NIL NIL \"BASE64\" 1544 NIL (\"INLINE\" (\"FILENAME\" \"front.png\")) NIL NIL) \
     \"MIXED\" (\"BOUNDARY\" \"inner-=_42\") NIL NIL NIL) 61 NIL (\"ATTACHMENT\" NIL) NIL NIL) \
     \"MIXED\" (\"BOUNDARY\" \"outer-=_17\") NIL NIL NIL)",
);
