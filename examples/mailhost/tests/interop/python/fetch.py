"""Fetches all messages by poplib and deletes them: fetch.py ADDRESS USER PASSWORD FOLDER

Message N is written to FOLDER/N, octet for octet.
"""

import os
import poplib
import sys

address, user, password, folder = sys.argv[1:]
host, port = address.rsplit(":", 1)
# The default protects against endless lines, which our peers do not send.
pop3 = poplib.POP3(host, int(port), timeout=20)
pop3.user(user)
pop3.pass_(password)
count, _ = pop3.stat()
for number in range(1, count + 1):
    _, lines, _ = pop3.retr(number)
    with open(os.path.join(folder, str(number)), "wb") as out:
        out.write(b"".join(line + b"\r\n" for line in lines))
    pop3.dele(number)
pop3.quit()
