//! Programs to read: SMTP and POP3, client and server, blocking and tokio, each under 100 lines.
