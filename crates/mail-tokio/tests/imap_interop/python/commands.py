"""Every command of imaplib that the server in memory knows: commands.py ADDRESS"""

import imaplib
import sys

host, port = sys.argv[1].rsplit(":", 1)


def connect():
    return imaplib.IMAP4(host, int(port), timeout=20)


def ok(answer):
    kind, data = answer
    assert kind == "OK", answer
    return data


wrong = connect()
assert wrong.welcome.startswith(b"* OK [CAPABILITY IMAP4rev1 "), wrong.welcome
try:
    wrong.login("bob", "thirsty")
    raise AssertionError("the password is wrong")
except imaplib.IMAP4.error as error:
    assert "AUTHENTICATIONFAILED" in str(error), error
wrong.logout()

plain = connect()
ok(plain.authenticate("PLAIN", lambda challenge: b"\0bob\0hungry"))
plain.logout()

imap = connect()
ok(imap.login("bob", "hungry"))
assert b"IDLE" in ok(imap.capability())[0].split()
assert ok(imap.list()) == [b'() "/" INBOX'], imap.list()
# Modified UTF-7, as imaplib wants its callers to write it.
ok(imap.create("Caf&AOk-"))
ok(imap.create("Old"))
ok(imap.rename("Old", "New"))
ok(imap.subscribe("New"))
assert ok(imap.lsub(pattern="N*")) == [b'() "/" New']
ok(imap.unsubscribe("New"))
ok(imap.delete("New"))
assert imap.delete("Nowhere")[0] == "NO"
assert ok(imap.status("INBOX", "(MESSAGES UNSEEN)")) == [b"INBOX (MESSAGES 2 UNSEEN 2)"]

assert ok(imap.select("INBOX")) == [b"2"]
assert imap.response("UIDVALIDITY")[1] == [b"17"]
assert ok(imap.search(None, "SUBJECT", '"Lunch"')) == [b"1"]
assert ok(imap.search(None, "ALL")) == [b"1 2"]
assert ok(imap.uid("SEARCH", None, "UNSEEN")) == [b"1 2"]
# A literal in a search.
imap.literal = "café".encode()
assert ok(imap.search("UTF-8", "TEXT")) == [b""]
(head, text), rest = ok(imap.fetch("1", "(BODY[TEXT] RFC822.SIZE)"))
assert text == b"Shall we have crepes?\r\n" and b"RFC822.SIZE" in rest, (head, rest)
data = ok(imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE)"))
assert len(data) == 2 and b"UID 2" in data[1], data
assert imaplib.ParseFlags(data[0]) == (b"\\Seen",), data
assert imaplib.Internaldate2tuple(data[0]) is not None
assert b"\\Answered" in ok(imap.store("1", "+FLAGS", "(\\Answered)"))[0]
ok(imap.copy("1", "Caf&AOk-"))
assert imap.copy("1", "Nowhere")[0] == "NO"
ok(imap.check())
ok(imap.noop())
ok(imap.append("INBOX", "(\\Flagged)", None, b"Subject: from Python\r\n\r\nThe text.\r\n"))
assert imap.append("Nowhere", None, None, b"Subject: lost\r\n\r\n")[0] == "NO"
ok(imap.store("1", "+FLAGS.SILENT", "(\\Deleted)"))
assert ok(imap.expunge()) == [b"1"]
if hasattr(imap, "idle"):
    with imap.idle(duration=1) as idler:
        assert any(kind == "EXISTS" for kind, _ in idler)
ok(imap.unselect())
ok(imap.select("INBOX", readonly=True))
ok(imap.close())
ok(imap.enable("UTF8=ACCEPT"))
assert b"Caf" in b"".join(ok(imap.list()))
imap.logout()
