//! A task of tokio for each connection: `tokio ADDRESS`

use std::io;

use mail_runtimes::{Clock, Next, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

fn main() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(listen())
}

async fn listen() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening pop3 {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream));
    }
}

async fn serve(mut stream: TcpStream) -> io::Result<()> {
    let (mut service, mut clock) = (Service::default(), Clock::default());
    loop {
        match service.next() {
            Next::Write => {
                let count = stream.write(service.output()).await?;
                service.sent(count);
            }
            Next::Read => {
                let left = clock.left(service.timer());
                match timeout(left, stream.read(service.space())).await {
                    Ok(Ok(0)) => service.end_of_input(),
                    Ok(Ok(count)) => service.received(count),
                    Ok(Err(error)) => return Err(error),
                    Err(_) => service.expire(),
                }
            }
            Next::Close => return Ok(()),
        }
    }
}
