//! mime-codec beside mail-parser and mailparse, which read messages, and mail-builder and lettre, which build them.
//!
//! `cargo run --release --ignore-rust-version --bin versus-mail-crates -- [ROUNDS] [NAME] [CRATE]`: rounds alternate between them, so
//! that what else the machine does hits all; ratios are those of the medians, to the first of the peers. With NAME only the work whose
//! name has it; with CRATE that one does it, ROUNDS times, in [`alone`] and untimed, for a profiler.

use std::time::{Duration, Instant};

use mail_benches::messages::{Contest, Run, contests};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments
        .next()
        .map_or(15, |text| text.parse().expect("ROUNDS is a number"));
    let name = arguments.next().unwrap_or_default();
    let contests = contests().into_iter().filter(|contest| contest.name.contains(&name));
    if let Some(contestant) = arguments.next() {
        let runs = contests.flat_map(|contest| contest.runs);
        return runs
            .filter(|(name, _)| *name == contestant)
            .for_each(|(_, mut run)| alone(&mut run, rounds));
    }
    println!("microseconds, median of {rounds} rounds; the ratio says how many times as fast as the first peer\n");
    for contest in contests {
        versus(contest, rounds);
    }
}

/// Never inlined, so that a profiler knows where to begin: `valgrind --tool=callgrind --toggle-collect='*::alone'`.
#[inline(never)]
fn alone(run: &mut Run, times: usize) {
    for _ in 0..times {
        std::hint::black_box(run());
    }
}

fn versus(mut contest: Contest, rounds: usize) {
    // As often as a round of ours takes: the slower ones run longer, which makes them no less exact.
    let times = often(&mut contest.runs[0].1);
    let mut took = vec![Vec::new(); contest.runs.len()];
    for _ in 0..rounds {
        for ((_, run), took) in contest.runs.iter_mut().zip(&mut took) {
            took.push(time(run, times));
        }
    }
    let micros: Vec<f64> = took
        .into_iter()
        .map(|took| median(took).as_secs_f64() * 1e6 / times as f64)
        .collect();
    print!("{:34} ratio {:5.2}", contest.name, micros[1] / micros[0]);
    for ((name, run), micros) in contest.runs.iter_mut().zip(&micros) {
        print!("   {name} {micros:.2} ({})", run());
    }
    println!();
}

/// How often it runs in a round.
fn often(run: &mut Run) -> usize {
    const ROUND: Duration = Duration::from_millis(8);
    let mut times = 1;
    while time(run, times) < ROUND {
        times *= 2;
    }
    times
}

/// After one run that is not timed, so that nobody pays for memory that the one before has given back to the system.
fn time(run: &mut Run, times: usize) -> Duration {
    run();
    let began = Instant::now();
    for _ in 0..times {
        run();
    }
    began.elapsed()
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took[took.len() / 2]
}
