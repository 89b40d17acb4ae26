//! A task of smol for each connection: `smol ADDRESS`

use std::io;

use mail_runtimes::{Clock, Next, Service};
use smol::future::FutureExt;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::{TcpListener, TcpStream};
use smol::{LocalExecutor, Timer};

fn main() -> io::Result<()> {
    let executor = LocalExecutor::new();
    smol::block_on(executor.run(listen(&executor)))
}

async fn listen(executor: &LocalExecutor<'_>) -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening pop3 {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        executor.spawn(serve(stream)).detach();
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
                let read = async { Some(stream.read(service.space()).await) };
                let wait = async {
                    Timer::after(left).await;
                    None
                };
                match read.or(wait).await {
                    Some(Ok(0)) => service.end_of_input(),
                    Some(Ok(count)) => service.received(count),
                    Some(Err(error)) => return Err(error),
                    None => service.expire(),
                }
            }
            Next::Close => return Ok(()),
        }
    }
}
