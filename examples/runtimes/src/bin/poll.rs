//! One thread, poll(2) and nothing else: `poll ADDRESS`

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use mail_runtimes::{Clock, Next, Service};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

struct Connection {
    stream: TcpStream,
    service: Service,
    clock: Clock,
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    println!("listening pop3 {}", listener.local_addr()?);
    let mut connections: Vec<Connection> = Vec::new();
    loop {
        wait(&listener, &mut connections)?;
        while let Some((stream, _)) = ready(listener.accept())? {
            stream.set_nonblocking(true)?;
            let (service, clock) = (Service::default(), Clock::default());
            connections.push(Connection { stream, service, clock });
        }
        connections.retain_mut(|connection| serve(connection).unwrap_or(false));
    }
}

/// Waits until something can be done for somebody.
fn wait(listener: &TcpListener, connections: &mut [Connection]) -> io::Result<()> {
    let mut left = Duration::MAX;
    let mut wanted = Vec::new();
    for connection in connections.iter_mut() {
        wanted.push(match connection.service.next() {
            Next::Write => PollFlags::OUT,
            Next::Read | Next::Close => PollFlags::IN,
        });
        left = left.min(connection.clock.left(connection.service.timer()));
    }
    let mut sockets = vec![PollFd::new(listener, PollFlags::IN)];
    let streams = connections.iter().zip(wanted);
    sockets.extend(streams.map(|(connection, wanted)| PollFd::new(&connection.stream, wanted)));
    let left = Timespec::try_from(left).ok();
    poll(&mut sockets, left.as_ref())?;
    Ok(())
}

/// Does what can be done without waiting; whether the connection goes on.
fn serve(connection: &mut Connection) -> io::Result<bool> {
    let Connection { stream, service, clock } = connection;
    loop {
        match service.next() {
            Next::Write => match ready(stream.write(service.output()))? {
                Some(count) => service.sent(count),
                None => return Ok(true),
            },
            Next::Read => match ready(stream.read(service.space()))? {
                Some(0) => service.end_of_input(),
                Some(count) => service.received(count),
                None if clock.left(service.timer()).is_zero() => service.expire(),
                None => return Ok(true),
            },
            Next::Close => return Ok(false),
        }
    }
}

/// `None`: not yet.
fn ready<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
