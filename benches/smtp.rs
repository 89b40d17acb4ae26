//! The SMTP server machine: octets per second of a large body, and small messages, pipelined.

use std::alloc::System;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mail_benches::text;
use mail_wire::{Answers, Machine, Step};
use smtp_proto::Server;
use smtp_proto::server::{Config, Event};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

criterion_main!(smtp);
criterion_group!(smtp, large_body, small_messages);

fn large_body(criterion: &mut Criterion) {
    let dialogue = [
        b"EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n",
        &text(10_000_000)[..],
        b".\r\nQUIT\r\n",
    ]
    .concat();
    let mut group = criterion.benchmark_group("smtp/server");
    group.throughput(Throughput::Bytes(dialogue.len() as u64));
    group.bench_function("10 MB body", |bench| bench.iter(|| serve(&dialogue)));
    group.finish();
}

fn small_messages(criterion: &mut Criterion) {
    const MESSAGES: usize = 1000;
    let one =
        b"MAIL FROM:<alice@a.example>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\nSubject: hi\r\n\r\nHow are you?\r\n.\r\n";
    let dialogue = |messages: usize| [&b"EHLO a.example\r\n"[..], &one.repeat(messages), b"QUIT\r\n"].concat();
    let region = Region::new(ALLOCATOR);
    serve(&dialogue(MESSAGES));
    let first = region.change().allocations;
    let region = Region::new(ALLOCATOR);
    serve(&dialogue(2 * MESSAGES));
    let more = region.change().allocations - first;
    println!(
        "allocations for each small message: {:.3}",
        more as f64 / MESSAGES as f64
    );

    let dialogue = dialogue(MESSAGES);
    let mut group = criterion.benchmark_group("smtp/server");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("1000 small messages", |bench| bench.iter(|| serve(&dialogue)));
    group.finish();
}

/// Drives a server through a whole dialogue in reads of 64 KiB, accepts everything, and returns the octets of bodies.
fn serve(mut input: &[u8]) -> u64 {
    let mut config = Config::new("b.example".parse().expect("a domain"));
    config.limits.message = 0;
    let mut server = Server::new(Arc::new(config));
    let mut octets = 0;
    loop {
        match server.poll().expect("a server has no errors") {
            Step::NeedInput => {
                let space = server.space();
                let n = space.len().min(input.len()).min(64 * 1024);
                space[..n].copy_from_slice(&input[..n]);
                input = &input[n..];
                server.filled(n);
                server.transmitted(usize::MAX);
            }
            Step::NeedFlush => server.transmitted(usize::MAX),
            Step::Body => {
                let n = server.body().len();
                octets += n as u64;
                server.consume(n);
            }
            Step::BodyEnd => server.close_body(),
            Step::Event(Event::Mail(ask, _)) => server.answer(ask, Ok(Default::default())).expect("open"),
            Step::Event(Event::Recipient(ask, _)) => server.answer(ask, Ok(Default::default())).expect("open"),
            Step::Event(Event::Data(ask)) => server.answer(ask, Ok(Default::default())).expect("open"),
            Step::Event(Event::Message(ask)) => server.answer(ask, Ok(Default::default())).expect("open"),
            Step::Event(_) => {}
            Step::Closed => return octets,
            step => panic!("unexpected {step:?}"),
        }
    }
}
