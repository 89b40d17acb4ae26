"""Says every command of POP3 by poplib: pop3_commands.py ADDRESS USER PASSWORD

The maildrop must hold three messages: a small one, a dotted one, a large one.
"""

import poplib
import sys
import time

address, user, password = sys.argv[1:]
host, port = address.rsplit(":", 1)


def connect():
    pop3 = poplib.POP3(host, int(port), timeout=20)
    assert pop3.getwelcome().startswith(b"+OK"), pop3.getwelcome()
    return pop3


def login():
    pop3 = connect()
    pop3.user(user)
    pop3.pass_(password)
    return pop3


def refused(call, *arguments):
    """The text of the -ERR."""
    try:
        answer = call(*arguments)
    except poplib.error_proto as error:
        assert error.args[0].startswith(b"-ERR"), error
        return error.args[0]
    raise AssertionError((call, arguments, answer))


def names(pop3):
    return [line.split()[1] for line in pop3.uidl()[1]]


# AUTHORIZATION
pop3 = connect()
capabilities = pop3.capa()
for name in ["TOP", "USER", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"]:
    assert name in capabilities, capabilities
refused(pop3.stat)
pop3.user(user)
assert b"[AUTH]" in refused(pop3.pass_, "thirsty")
pop3.close()

# TRANSACTION
pop3 = login()
capabilities = pop3.capa()
assert "TOP" in capabilities and "UIDL" in capabilities, capabilities
second = connect()
second.user(user)
assert b"[IN-USE]" in refused(second.pass_, password)
second.close()

count, octets = pop3.stat()
listing = [line.split() for line in pop3.list()[1]]
sizes = [int(size) for _, size in listing]
assert count == 3 and [number for number, _ in listing] == [b"1", b"2", b"3"], listing
assert sum(sizes) == octets, (sizes, octets)
assert pop3.list(2).split()[1:] == listing[1], pop3.list(2)
unique = names(pop3)
assert len(set(unique)) == 3 and all(0 < len(name) <= 70 for name in unique), unique
assert pop3.uidl(2).split()[1:] == [b"2", unique[1]], pop3.uidl(2)

for number in (1, 2, 3):
    _, whole, _ = pop3.retr(number)
    assert sum(len(line) + 2 for line in whole) == sizes[number - 1], number
    head = whole[: whole.index(b"") + 1]
    for lines in (0, 1, 5, 100):
        _, top, _ = pop3.top(number, lines)
        assert top == whole[: len(head) + lines], (number, lines, top)
_, top, _ = pop3.top(3, 1_000_000_000)
assert top == whole

for number in (0, 4, 4294967296):
    refused(pop3.list, number)
    refused(pop3.retr, number)
    refused(pop3.dele, number)
pop3.noop()

pop3.dele(1)
pop3.dele(2)
refused(pop3.dele, 2)
refused(pop3.retr, 2)
refused(pop3.top, 2, 0)
refused(pop3.uidl, 2)
assert pop3.stat() == (1, sizes[2])
assert pop3.list()[1] == [b"3 %d" % sizes[2]]
pop3.rset()
assert pop3.stat() == (3, octets)
pop3.dele(2)
pop3.quit()

# UPDATE: the second is gone, the others kept their names.
pop3 = login()
assert names(pop3) == [unique[0], unique[2]], names(pop3)
pop3.dele(1)
pop3.close()

# A session that ends without QUIT deletes nothing (RFC 1939 §6). The server has to notice its end first.
for _ in range(500):
    try:
        pop3 = login()
        break
    except poplib.error_proto as error:
        assert b"[IN-USE]" in error.args[0], error
        time.sleep(0.01)
assert names(pop3) == [unique[0], unique[2]], names(pop3)
pop3.quit()
