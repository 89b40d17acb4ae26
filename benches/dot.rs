//! The dot codec, both ways, over ordinary text and over lines that all begin with a dot.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mail_benches::text;
use mail_wire::{BareLineEnds, DotReader, DotWriter, Dots};

criterion_main!(dot);
criterion_group!(dot, reader, writer);

const WINDOW: usize = 64 * 1024;

fn reader(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dot/read");
    for (name, body) in inputs() {
        let wire = encode(&body);
        group.throughput(Throughput::Bytes(wire.len() as u64));
        group.bench_function(name, |bench| bench.iter(|| decode(&wire)));
    }
}

fn writer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dot/write");
    for (name, body) in inputs() {
        group.throughput(Throughput::Bytes(body.len() as u64));
        let mut wire = Vec::with_capacity(2 * WINDOW);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut writer = DotWriter::new(BareLineEnds::Refuse);
                for piece in body.chunks(WINDOW) {
                    wire.clear();
                    writer.write(piece, &mut wire, 2 * WINDOW).expect("clean lines");
                }
                wire.len()
            });
        });
    }
}

fn inputs() -> [(&'static str, Vec<u8>); 2] {
    [("text", text(1 << 20)), ("dots", b".\r\n".repeat(1 << 18))]
}

fn encode(body: &[u8]) -> Vec<u8> {
    let (mut writer, mut wire) = (DotWriter::new(BareLineEnds::Refuse), Vec::new());
    writer.write(body, &mut wire, usize::MAX).expect("clean lines");
    writer.finish(&mut wire).expect("clean lines");
    wire
}

/// As a machine does it: through a window that is filled and drained in turn.
fn decode(wire: &[u8]) -> usize {
    let mut reader = DotReader::new(BareLineEnds::Refuse);
    let (mut at, mut end, mut body) = (0, WINDOW.min(wire.len()), 0);
    loop {
        match reader.next(&wire[at..end]) {
            Dots::Body(n) => {
                reader.consumed(n);
                body += n;
                at += n;
            }
            Dots::Drop(n) => at += n,
            Dots::Incomplete => end = (end + WINDOW).min(wire.len()),
            Dots::End(_) => return body,
            Dots::Bare => unreachable!("clean lines"),
        }
    }
}
