"""Logs in over TLS, by STARTTLS and STLS and with the first octet: CERTIFICATE SUBMISSION SMTPS POP3 POP3S (ports)."""

import poplib
import smtplib
import ssl
import sys

certificate, submission, smtps, pop3, pop3s = sys.argv[1], *map(int, sys.argv[2:])
context = ssl.create_default_context(cafile=certificate)
HOST = "127.0.0.1"


def starttls():
    client = smtplib.SMTP(HOST, submission)
    client.ehlo()
    assert "auth" not in client.esmtp_features, client.esmtp_features
    client.starttls(context=context)
    return client


def implicit():
    return smtplib.SMTP_SSL(HOST, smtps, context=context)


sent = 0
for connect in (starttls, implicit):
    for mechanism in ("CRAM-MD5", "PLAIN", "LOGIN"):
        client = connect()
        client.ehlo()
        client.user, client.password = "bob", "hungry"
        method = getattr(client, "auth_" + mechanism.lower().replace("-", "_"))
        code, text = client.auth(mechanism, method)
        assert code == 235, (mechanism, code, text)
        client.sendmail("bob@hamburger.edu", ["bob@hamburger.edu"], b"Subject: %d\r\n\r\nhi\r\n" % sent)
        client.quit()
        sent += 1

client = starttls()
try:
    client.login("bob", "thirsty")
    raise SystemExit("a wrong password opens the door")
except smtplib.SMTPAuthenticationError as error:
    assert error.smtp_code == 535, error
client.close()

for number in range(2):
    if number == 0:
        client = poplib.POP3(HOST, pop3)
        assert "STLS" in client.capa() and "USER" not in client.capa(), client.capa()
        client.stls(context)
    else:
        client = poplib.POP3_SSL(HOST, pop3s, context=context)
    client.user("bob")
    client.pass_("hungry")
    assert client.stat()[0] == sent, client.stat()
    client.quit()
