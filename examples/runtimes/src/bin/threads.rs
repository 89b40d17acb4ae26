//! A thread for each connection: `threads ADDRESS`

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use mail_runtimes::{Clock, Next, Service};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address)?;
    println!("listening pop3 {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept()?;
        thread::spawn(move || serve(stream));
    }
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    let (mut service, mut clock) = (Service::default(), Clock::default());
    loop {
        match service.next() {
            Next::Write => {
                let count = stream.write(service.output())?;
                service.sent(count);
            }
            Next::Read => {
                // No time at all would be taken for all the time in the world.
                let left = clock.left(service.timer()).max(std::time::Duration::from_millis(1));
                stream.set_read_timeout(Some(left))?;
                match stream.read(service.space()) {
                    Ok(0) => service.end_of_input(),
                    Ok(count) => service.received(count),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                        service.expire()
                    }
                    Err(error) => return Err(error),
                }
            }
            Next::Close => return Ok(()),
        }
    }
}
