//! Ways to cut an input.

/// The cuts of `input` that a case is fed in: whole, octet by octet, each cut in two where that is few, and a few random
/// ones (the same ones in each run).
pub fn chunkings(input: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut all = vec![vec![input], input.chunks(1).collect()];
    if input.len() <= 64 {
        all.extend((1..input.len()).map(|cut| vec![&input[..cut], &input[cut..]]));
    }
    let mut random = Random::new(input.len() as u64);
    all.extend((0..8).map(|_| random.cut(input)));
    all
}

/// A small repeatable source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    /// Cuts `input` into pieces of random sizes, small and large ones.
    pub fn cut<'a>(&mut self, mut input: &'a [u8]) -> Vec<&'a [u8]> {
        let most = [2, 5, 17, 100, 5000][self.below(5)];
        let mut pieces = Vec::new();
        while !input.is_empty() {
            let (piece, rest) = input.split_at((1 + self.below(most)).min(input.len()));
            pieces.push(piece);
            input = rest;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunking_is_the_input() {
        for len in [0, 1, 2, 63, 64, 65, 3000] {
            let input: Vec<u8> = (0..len).map(|i| i as u8).collect();
            for pieces in chunkings(&input) {
                assert_eq!(pieces.concat(), input);
            }
        }
    }
}
