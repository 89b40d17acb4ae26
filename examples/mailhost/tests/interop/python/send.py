"""Sends a file by smtplib: send.py ADDRESS FILE RECIPIENT[=CODE]...

With =CODE the server must refuse that recipient with that code, and no other one.
"""

import smtplib
import sys

address, file, *arguments = sys.argv[1:]
host, port = address.rsplit(":", 1)
recipients = [argument.split("=")[0] for argument in arguments]
expected = dict(argument.split("=") for argument in arguments if "=" in argument)

with open(file, "rb") as octets:
    message = octets.read()
with smtplib.SMTP(host, int(port), local_hostname="crepes.fr", timeout=20) as smtp:
    options = ["body=8bitmime"]
    refused = smtp.sendmail("alice@crepes.fr", recipients, message, options)
    codes = {recipient: str(code) for recipient, (code, _) in refused.items()}
    assert codes == expected, refused
    code, text = smtp.noop()
    assert code == 250, (code, text)
