//! imap-proto beside imap-codec and the imap-proto that others publish, as ratios.
//!
//! `cargo run --release --bin versus-imap-crates -- [ROUNDS] [NAME]`: rounds alternate between them, so that what else the machine does
//! hits all; ratios are those of the medians. With NAME only the work whose name has it.

use std::time::{Duration, Instant};

use mail_benches::imap::{Contest, Run, contests};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments
        .next()
        .map_or(15, |text| text.parse().expect("ROUNDS is a number"));
    let name = arguments.next().unwrap_or_default();
    println!("MB a second, median of {rounds} rounds; the ratio is to the better of the two\n");
    println!(
        "{:40} {:>10} {:>11} {:>11} {:>7}",
        "", "ours", "imap-codec", "imap-proto", "ratio"
    );
    for contest in contests().into_iter().filter(|contest| contest.name.contains(&name)) {
        versus(contest, rounds);
    }
}

fn versus(contest: Contest, rounds: usize) {
    let mut all = [Some(contest.ours), contest.codec, contest.peer];
    // As often as a round of ours takes: the slower ones run longer, which makes them no less exact.
    let times = all[0].as_mut().map_or(1, often);
    let mut took = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for (run, took) in all.iter_mut().zip(&mut took) {
            if let Some(run) = run {
                took.push(time(run, times));
            }
        }
    }
    let speeds = took.map(|took| median(took).map(|took| (contest.octets * times) as f64 / took.as_secs_f64() / 1e6));
    let [ours, codec, peer] = speeds;
    let text = |speed: Option<f64>| speed.map_or_else(|| "-".to_owned(), |speed| format!("{speed:.0}"));
    let best = codec.unwrap_or(0.0).max(peer.unwrap_or(0.0));
    let ratio = ours.unwrap_or(0.0) / best;
    println!(
        "{:40} {:>10} {:>11} {:>11} {ratio:>7.2}",
        contest.name,
        text(ours),
        text(codec),
        text(peer)
    );
}

/// How often it runs in a round.
fn often(run: &mut Run) -> usize {
    const ROUND: Duration = Duration::from_millis(15);
    let mut times = 1;
    loop {
        let took = time(run, times);
        if took >= ROUND {
            return times;
        }
        times *= 2;
    }
}

fn time(run: &mut Run, times: usize) -> Duration {
    let began = Instant::now();
    for _ in 0..times {
        run();
    }
    began.elapsed()
}

fn median(mut took: Vec<Duration>) -> Option<Duration> {
    took.sort();
    took.get(took.len() / 2).copied()
}
