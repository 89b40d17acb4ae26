"""Says every command of SMTP by smtplib, in and out of order: smtp_commands.py ADDRESS

It leaves two messages for bob@hamburger.edu: one sent after HELO, one after EHLO.
"""

import smtplib
import sys

host, port = sys.argv[1].rsplit(":", 1)
smtp = smtplib.SMTP(timeout=20, local_hostname="crepes.fr")


def say(code, reply):
    """The reply's code must be this one, or in this hundred."""
    assert reply[0] == code or (code < 10 and reply[0] // 100 == code), (code, reply)
    return reply[1]


say(220, smtp.connect(host, int(port)))
say(250, smtp.helo("crepes.fr"))
say(250, smtp.mail("alice@crepes.fr"))
say(250, smtp.rcpt("bob@hamburger.edu"))
say(250, smtp.data(b"Subject: after HELO\r\n\r\nHello\r\n"))

text = say(250, smtp.ehlo("crepes.fr"))
assert text.startswith(b"mail.hamburger.edu"), text
for extension in ["pipelining", "size", "8bitmime", "enhancedstatuscodes"]:
    assert smtp.has_extn(extension), (extension, text)

# Out of order (RFC 5321 §4.1.4).
say(503, smtp.rcpt("bob@hamburger.edu"))
say(503, smtp.docmd("DATA"))
# Nonsense (RFC 5321 §4.3.2).
say(500, smtp.docmd("BREW", "coffee"))
say(501, smtp.docmd("MAIL", "FROM:<alice"))
# At any time.
say(250, smtp.noop())
say(2, smtp.docmd("HELP"))
say(250, smtp.rset())
# An address need not be confirmed (RFC 5321 §7.3).
assert smtp.verify("bob")[0] in (250, 252)
assert smtp.expn("everybody")[0] in (250, 252, 502, 550)
# Known to be too large before it is sent (RFC 1870 §6.1).
limit = int(smtp.esmtp_features["size"])
say(552, smtp.mail("alice@crepes.fr", [f"size={limit + 1}"]))
# RSET forgets the envelope.
say(250, smtp.mail("alice@crepes.fr", ["size=1000", "body=8bitmime"]))
say(250, smtp.rcpt("bob@hamburger.edu"))
say(250, smtp.rset())
say(503, smtp.docmd("DATA"))
# DATA without a recipient that was accepted (RFC 5321 §3.3).
say(250, smtp.mail("alice@crepes.fr"))
say(550, smtp.rcpt("nobody@hamburger.edu"))
assert smtp.docmd("DATA")[0] in (503, 554)
say(250, smtp.rset())
# The null reverse-path, postmaster, the local part's case and a quoted one (RFC 5321 §4.5.1, §4.5.5).
say(250, smtp.mail(""))
say(250, smtp.docmd("RCPT", "TO:<Postmaster>"))
say(250, smtp.docmd("RCPT", 'TO:<"bob"@Hamburger.EDU>'))
say(250, smtp.rset())

assert smtp.sendmail("alice@crepes.fr", ["bob@hamburger.edu"], b"Subject: after EHLO\r\n\r\nHello\r\n") == {}
say(221, smtp.quit())
