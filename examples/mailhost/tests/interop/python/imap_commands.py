"""Says the commands of IMAP by imaplib: imap_commands.py ADDRESS USER PASSWORD None|STARTTLS|IMAPS CERTIFICATE"""

import imaplib
import ssl
import sys
import time

address, user, password, way, certificate = sys.argv[1:]
host, port = address.rsplit(":", 1)
context = ssl.create_default_context(cafile=certificate)


def connect():
    if way == "IMAPS":
        return imaplib.IMAP4_SSL(host, int(port), ssl_context=context, timeout=20)
    imap = imaplib.IMAP4(host, int(port), timeout=20)
    if way == "STARTTLS":
        assert imap.starttls(context)[0] == "OK"
    return imap


def ok(answer):
    """The data of an OK."""
    assert answer[0] == "OK", answer
    return answer[1]


def refused(answer):
    assert answer[0] == "NO", answer


imap = connect()
try:
    imap.login(user, "wrong")
    raise AssertionError("a wrong password is taken")
except imaplib.IMAP4.error:
    pass
ok(imap.login(user, password))
assert "IMAP4REV1" in imap.capabilities, imap.capabilities
ok(imap.noop())
ok(imap.namespace())

name = "Python/" + way
ok(imap.create(name))
refused(imap.create(name))
ok(imap.subscribe(name))
listed = ok(imap.list('""', "Python/*"))
assert any(name.encode() in line for line in listed), listed
assert any(name.encode() in line for line in ok(imap.lsub('""', "*")))
ok(imap.unsubscribe(name))

texts = [
    b"Subject: first\r\nFrom: Alice <alice@crepes.fr>\r\nDate: Mon, 5 Oct 2026 09:00:00 +0200\r\n\r\nflour and eggs\r\n",
    b"Subject: second\r\nFrom: Carol <carol@crepes.fr>\r\nDate: Tue, 6 Oct 2026 09:00:00 +0200\r\n\r\nmilk\r\n",
    b"Subject: third\r\nFrom: Alice <alice@crepes.fr>\r\nDate: Wed, 7 Oct 2026 09:00:00 +0200\r\n\r\nbutter\r\n",
]
moment = time.time() - 86400
for text in texts:
    ok(imap.append(name, "(\\Seen)", imaplib.Time2Internaldate(moment), text))
status = ok(imap.status(name, "(MESSAGES UNSEEN UIDNEXT)"))[0]
assert b"MESSAGES 3" in status and b"UNSEEN 0" in status, status

refused(imap.select("Python/nowhere"))
ok(imap.select("INBOX"))
assert ok(imap.select(name)) == [b"3"]
assert imap.response("UIDVALIDITY")[1][0].isdigit()
for number, text in enumerate(texts, 1):
    [(head, body), tail] = ok(imap.fetch(str(number), "(UID FLAGS RFC822.SIZE INTERNALDATE RFC822)"))
    assert body == text, (body, text)
    assert b"\\Seen" in head + tail and f"RFC822.SIZE {len(text)}".encode() in head + tail, (head, tail)
    shown = imaplib.Internaldate2tuple(head if b"INTERNALDATE" in head else tail)
    assert abs(time.mktime(shown) - moment) < 2, (head, tail)
[(_, header), _] = ok(imap.fetch("2", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
assert header == b"Subject: second\r\n\r\n", header
assert b"ENVELOPE" in ok(imap.fetch("1", "(ENVELOPE)"))[0]
assert b"BODYSTRUCTURE" in ok(imap.fetch("1", "(BODYSTRUCTURE)"))[0]
[(_, part), _] = ok(imap.fetch("1", "(BODY.PEEK[TEXT]<6.3>)"))
assert part == b"and", part

for keys, found in [
    (("ALL",), b"1 2 3"),
    (("FROM", "alice"), b"1 3"),
    (("SUBJECT", '"second"'), b"2"),
    (("BODY", "milk"), b"2"),
    (("TEXT", "butter"), b"3"),
    (("UNSEEN",), b""),
    (("NOT", "FROM", "alice"), b"2"),
    (("OR", "SUBJECT", "first", "SUBJECT", "third"), b"1 3"),
    (("SENTSINCE", "6-Oct-2026"), b"2 3"),
]:
    assert ok(imap.search(None, *keys)) == [found], (keys, imap.search(None, *keys))
assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "FROM", "alice")) == [b"1 3"]
if "SORT" in imap.capabilities:
    assert ok(imap.sort("REVERSE DATE", "UTF-8", "ALL")) == [b"3 2 1"]
if "THREAD=REFERENCES" in imap.capabilities:
    assert ok(imap.thread("REFERENCES", "UTF-8", "ALL")) == [b"(1)(2)(3)"]
if "QUOTA" in imap.capabilities:
    ok(imap.getquotaroot(name))
if "ACL" in imap.capabilities:
    ok(imap.myrights(name))
    ok(imap.getacl(name))

answer = ok(imap.store("1:2", "+FLAGS", "(\\Flagged crepes)"))
assert len(answer) == 2 and all(b"\\Flagged" in line and b"crepes" in line for line in answer), answer
assert ok(imap.search(None, "KEYWORD", "crepes")) == [b"1 2"]
ok(imap.store("2", "-FLAGS.SILENT", "(\\Flagged)"))
assert ok(imap.search(None, "FLAGGED")) == [b"1"]
ok(imap.create(name + "/copies"))
ok(imap.copy("1,3", name + "/copies"))
ok(imap.uid("MOVE", "2", name + "/copies"))
ok(imap.check())
ok(imap.store("1", "+FLAGS", "(\\Deleted)"))
# It also gives what MOVE removed.
assert ok(imap.expunge())[-1] == b"1"
assert ok(imap.uid("SEARCH", "ALL")) == [b"3"]
ok(imap.store("1", "+FLAGS", "(\\Deleted)"))
ok(imap.close())
assert b"MESSAGES 0" in ok(imap.status(name, "(MESSAGES)"))[0]

ok(imap.rename(name + "/copies", name + "/kept"))
assert ok(imap.select(name + "/kept", readonly=True)) == [b"3"]
assert imap.is_readonly
ok(imap.unselect())
ok(imap.delete(name + "/kept"))
ok(imap.delete(name))
refused(imap.select(name))
assert imap.logout()[0] == "BYE"
