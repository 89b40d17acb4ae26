//! The transfer encodings beside `encodify`, which all but the encoder of quoted-printable are built on and which looks for no
//! defects.
//!
//! `cargo run --release --bin versus-encodify -- [ROUNDS] [NAME]`: rounds alternate between the two, so that what else the
//! machine does hits both; ratios are those of the medians. With NAME only the work whose name has it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use encodify::base64::MIME;
use encodify::qp::{BINARY, BODY};
use mime_codec::transfer::{TransferEncoding, decode, decode_octets, encode};

fn main() {
    let rounds: usize = std::env::args()
        .nth(1)
        .map_or(31, |text| text.parse().expect("ROUNDS is a number"));
    println!("MB of encoded data a second, median of {rounds} rounds\n");
    println!("{:44} {:>8} {:>9} {:>6}", "", "ours", "encodify", "ratio");
    for (name, octets) in [("3 KB", 3_000), ("80 KB", 80_000), ("10 MB", 10_000_000)] {
        base64(name, octets, rounds);
    }
    for (name, text) in [
        ("English", ENGLISH),
        ("French", FRENCH),
        ("Greek", GREEK),
        ("HTML", HTML),
    ] {
        for octets in [3_000, 80_000] {
            quoted_printable(
                &format!("{name}, {} KB", octets / 1000),
                &repeated(text, octets),
                rounds,
            );
        }
    }
}

fn base64(name: &str, octets: usize, rounds: usize) {
    let data: Vec<u8> = (0..octets as u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let encoded = MIME.encode(&data).into_bytes();
    let label = |what: &str| format!("base64, {what}, {name}");
    versus(
        &label("decode"),
        encoded.len(),
        rounds,
        &mut || use_it(decode(TransferEncoding::Base64, &encoded)),
        &mut || use_it(MIME.decode(&encoded)),
    );
    versus(
        &label("encode"),
        encoded.len(),
        rounds,
        &mut || use_it(encode(TransferEncoding::Base64, &data)),
        &mut || use_it(MIME.encode(&data)),
    );
}

fn quoted_printable(name: &str, text: &[u8], rounds: usize) {
    let encoded = BODY.encode(text).into_bytes();
    let encoding = TransferEncoding::QuotedPrintable;
    let label = |what: &str| format!("quoted-printable, {what}, {name}");
    let mut theirs = || use_it(BODY.decode(&encoded));
    versus(
        &label("octets"),
        encoded.len(),
        rounds,
        &mut || use_it(decode_octets(encoding, &encoded)),
        &mut theirs,
    );
    versus(
        &label("octets and defects"),
        encoded.len(),
        rounds,
        &mut || use_it(decode(encoding, &encoded)),
        &mut theirs,
    );
    versus(
        &label("encode"),
        encoded.len(),
        rounds,
        &mut || use_it(encode(encoding, text)),
        &mut || use_it(BINARY.encode(text)),
    );
}

fn use_it<T>(value: T) {
    black_box(value);
}

fn versus(name: &str, octets: usize, rounds: usize, ours: &mut dyn FnMut(), theirs: &mut dyn FnMut()) {
    if !name.contains(&std::env::args().nth(2).unwrap_or_default()) {
        return;
    }
    let times = often(ours);
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        took[0].push(time(ours, times));
        took[1].push(time(theirs, times));
    }
    let [ours, theirs] = took.map(|took| (octets * times) as f64 / median(took).as_secs_f64() / 1e6);
    println!("{name:44} {ours:>8.0} {theirs:>9.0} {:>6.2}", ours / theirs);
}

/// How often it runs in a round.
fn often(run: &mut dyn FnMut()) -> usize {
    const ROUND: Duration = Duration::from_millis(3);
    let mut times = 1;
    while time(run, times) < ROUND {
        times *= 2;
    }
    times
}

fn time(run: &mut dyn FnMut(), times: usize) -> Duration {
    let start = Instant::now();
    (0..times).for_each(|_| run());
    start.elapsed()
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

fn repeated(text: &str, octets: usize) -> Vec<u8> {
    text.bytes().cycle().take(octets).collect()
}

const ENGLISH: &str = "Dear Bob,\r\n\r\nthe crepes were very good, and so was the company. I had not thought that one could eat \
                       them with ketchup, but now that I know it I shall never eat them with anything else.\r\n\r\nAlice\r\n";
const FRENCH: &str = "Cher Bob,\r\n\r\nles crêpes étaient délicieuses, et l’après-midi très agréable. Je ne savais pas qu’on \
                      pût les manger avec du ketchup; désormais, je n’en prendrai plus d’autres.\r\n\r\nÀ bientôt\r\nAlice\r\n";
const GREEK: &str = "Αγαπητέ Μπομπ,\r\n\r\nοι κρέπες ήταν πολύ νόστιμες και η παρέα ακόμα καλύτερη.\r\n";
const HTML: &str = "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\">\r\n  <tr>\r\n    <td \
                    style=\"font-family: Arial, sans-serif; color: #333333; padding: 10px 20px;\">Our offer of the week: \
                    <a href=\"https://news.example.org/click?id=4711&amp;u=42\">crêpes</a></td>\r\n  </tr>\r\n</table>\r\n";
