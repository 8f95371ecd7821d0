//! Runs a fuzz target on mutated seeds, on a stable toolchain: `mutate TARGET SECONDS SEED_FILE...`.
//!
//! `mutate edits COUNT SEED_FILE...` makes COUNT mutants of each seed with 1 to 4 changed bytes, which is row B8 of
//! `docs/reliability.md`. A panic prints the mutant's path and ends the program with status 1. Everything runs on a
//! stack of 256 KiB.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

const SMALL_STACK: usize = 256 << 10;
/// Mutants grow by inserting and joining, up to this.
const LONGEST: usize = 256 << 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, amount, seeds @ ..] = arguments.as_slice() else {
        eprintln!("usage: mutate TARGET SECONDS SEED_FILE... | mutate edits COUNT SEED_FILE...");
        return ExitCode::FAILURE;
    };
    let seeds: Vec<Vec<u8>> =
        seeds.iter().filter_map(|path| fs::read(path).ok()).filter(|seed| !seed.is_empty()).collect();
    let amount: u64 = amount.parse().unwrap_or(10);
    if seeds.is_empty() {
        eprintln!("no seed can be read");
        return ExitCode::FAILURE;
    }
    let target = target.clone();
    let run = move || {
        if target == "edits" { edits(&seeds, amount) } else { timed(&target, &seeds, Duration::from_secs(amount)) }
    };
    match thread::Builder::new().stack_size(SMALL_STACK).spawn(run).map(thread::JoinHandle::join) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn edits(seeds: &[Vec<u8>], count: u64) -> bool {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (at, seed) in seeds.iter().enumerate() {
        let start = Instant::now();
        for _ in 0..count {
            let mut bytes = seed.clone();
            for _ in 0..=random.below(4) {
                let place = random.below(bytes.len());
                bytes[place] = random.byte();
            }
            if !survives(fuzz::open, &bytes) {
                return false;
            }
        }
        println!("seed {at}: {count} mutants of {} bytes in {:?}, no death", seed.len(), start.elapsed());
    }
    true
}

fn timed(name: &str, seeds: &[Vec<u8>], time: Duration) -> bool {
    let Some((_, target)) = fuzz::TARGETS.iter().find(|(known, _)| *known == name) else {
        eprintln!("no target `{name}`");
        return false;
    };
    let (mut random, start) = (Random(0x2545_f491_4f6c_dd1d), Instant::now());
    let (mut runs, mut slowest) = (0u64, Duration::ZERO);
    while start.elapsed() < time {
        let bytes = random.mutant(seeds);
        let began = Instant::now();
        if !survives(*target, &bytes) {
            return false;
        }
        slowest = slowest.max(began.elapsed());
        runs += 1;
    }
    println!("{name}: {runs} runs in {:?}, the slowest {slowest:?}, no panic", start.elapsed());
    true
}

fn survives(target: fuzz::Target, bytes: &[u8]) -> bool {
    if catch_unwind(AssertUnwindSafe(|| target(bytes))).is_ok() {
        return true;
    }
    let path = env::temp_dir().join(format!("mutant-{}.bin", std::process::id()));
    let written = fs::write(&path, bytes);
    eprintln!("a panic on {} ({written:?})", path.display());
    false
}

/// xorshift: the same mutants in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    fn mutant(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        const TOLD: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b'.', b'(', b'R', b'b', b't', b'"', b'0'];
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            let (at, len) = (self.below(bytes.len()), 1 + self.below(16));
            let end = bytes.len().min(at + len);
            match self.below(8) {
                0 => bytes[at..end].fill(TOLD[self.below(TOLD.len())]),
                1 => bytes.drain(at..end).for_each(drop),
                2 => drop(bytes.splice(at..at, (0..len).map(|_| self.byte()).collect::<Vec<_>>())),
                3 => {
                    let copied = bytes[at..end].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, copied);
                }
                4 if bytes.len() > 1 => bytes.truncate(at.max(1)),
                5 => {
                    let other = &seeds[self.below(seeds.len())];
                    bytes.truncate(at);
                    bytes.extend(&other[self.below(other.len())..]);
                }
                6 => bytes[at] ^= 1 << self.below(8),
                _ => bytes[at] = TOLD[self.below(TOLD.len())],
            }
            bytes.truncate(LONGEST);
            if bytes.is_empty() {
                bytes.push(self.byte());
            }
        }
        bytes
    }
}
