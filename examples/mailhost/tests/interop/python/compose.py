"""Composes and sends a message by smtplib's send_message: compose.py ADDRESS COPY RECIPIENT...

The recipient called nobody must be refused, and no other one. The octets of the message are written to COPY.
"""

import sys
from email.message import EmailMessage
from email.policy import SMTP
import smtplib

address, copy, *recipients = sys.argv[1:]
host, port = address.rsplit(":", 1)

message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
message["From"] = "Alice <alice@crepes.fr>"
message["To"] = ", ".join(recipients)
message["Subject"] = "Crêpes ou hamburgers ?"
message["Date"] = "Mon, 5 Oct 2026 09:00:00 +0200"
message["Message-ID"] = "<compose@crepes.fr>"
message.set_content("Bonjour,\n.\n..\nÀ bientôt !\n", cte="8bit")
message.add_attachment(bytes(range(256)) * 100, maintype="image", subtype="png", filename="crêpe.png")
# Each call that writes the message out would choose another one.
message.set_boundary("=-crepes-=")

with smtplib.SMTP(host, int(port), local_hostname="crepes.fr", timeout=20) as smtp:
    refused = smtp.send_message(message, "alice@crepes.fr", recipients, ["body=8bitmime"])
assert [who.split("@")[0] for who in refused] == ["nobody"], refused
code, text = refused[recipients[1]]
assert code == 550 and text.startswith(b"5.1.1 "), refused
with open(copy, "wb") as out:
    out.write(message.as_bytes())
