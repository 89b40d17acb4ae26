//! IMAP: this project's imap-proto, imap-codec and the imap-proto that others publish.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mail_benches::imap::contests;

criterion_main!(imap);
criterion_group!(imap, versus);

fn versus(criterion: &mut Criterion) {
    for contest in contests() {
        let mut group = criterion.benchmark_group(format!("imap/{}", contest.name));
        group.throughput(Throughput::Bytes(contest.octets as u64));
        let runs = [
            ("ours", Some(contest.ours)),
            ("imap-codec", contest.codec),
            ("imap-proto 0.17", contest.peer),
        ];
        for (name, run) in runs {
            if let Some(mut run) = run {
                group.bench_function(name, |bench| bench.iter(&mut run));
            }
        }
    }
}
