//! Random loads, views, writes, saves and drops, step by step beside the same on tensors that were read.

use std::path::PathBuf;

use candle_core::Tensor;
use model_runtime::prelude::{Checkpoint, StateDict};

use crate::{Net, Turn, contents, map};

/// Seeds of each run, and steps of each.
const SEEDS: u64 = 12;
const STEPS: usize = 300;

/// Numbers that depend on the seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// What is mapped, and beside it what was read.
#[derive(Default)]
struct World {
    paths: Vec<PathBuf>,
    states: Vec<(StateDict, StateDict)>,
    tensors: Vec<(Tensor, Tensor)>,
}

impl World {
    fn step(&mut self, random: &mut Random) {
        let (state, tensor) = (random.below(self.states.len()), random.below(self.tensors.len()));
        match random.below(11) {
            0 => self.open(random),
            1 if self.states.len() > 3 => drop(self.states.swap_remove(state)),
            2 if !self.states.is_empty() => self.load(state),
            3 if !self.states.is_empty() => self.read(state, random),
            4 if !self.tensors.is_empty() => self.view(tensor, random),
            5 if !self.tensors.is_empty() => self.write(tensor, random),
            6 if !self.tensors.is_empty() => self.compute(tensor),
            7 if !self.states.is_empty() => self.save(state, random),
            8 if self.tensors.len() > 4 => drop(self.tensors.drain(..tensor)),
            9 if !self.tensors.is_empty() => self.on_another_thread(tensor),
            _ if !self.tensors.is_empty() => drop(self.tensors.swap_remove(tensor)),
            _ => self.open(random),
        }
    }

    fn open(&mut self, random: &mut Random) {
        let path = &self.paths[random.below(self.paths.len())];
        let plain = Checkpoint::open(path).unwrap().state_dict().unwrap();
        self.states.push((map(path).unwrap().state_dict().unwrap(), plain));
    }

    fn load(&mut self, state: usize) {
        let (mapped, plain) = &self.states[state];
        let (mapped, plain) = (mapped.tensors().unwrap(), plain.tensors().unwrap());
        self.tensors.extend(mapped.into_values().zip(plain.into_values()));
    }

    fn read(&mut self, state: usize, random: &mut Random) {
        let (mapped, plain) = &self.states[state];
        let key = mapped.keys().nth(random.below(mapped.len())).unwrap().to_owned();
        let read = |state: &StateDict| state.get(&key).unwrap().read().unwrap().into_candle();
        self.tensors.push((read(mapped), read(plain)));
    }

    fn view(&mut self, tensor: usize, random: &mut Random) {
        let (mapped, plain) = self.tensors[tensor].clone();
        let len = mapped.dims().first().copied().unwrap_or(0);
        if len == 0 {
            return self.tensors.push((mapped, plain));
        }
        let start = random.below(len);
        let view = |tensor: Tensor| tensor.narrow(0, start, len - start).unwrap();
        self.tensors.push((view(mapped), view(plain)));
    }

    /// Overwrites a row, for all who share the memory.
    fn write(&mut self, tensor: usize, random: &mut Random) {
        let (mapped, plain) = &self.tensors[tensor];
        if mapped.rank() == 0 || !mapped.is_contiguous() || mapped.layout().start_offset() != 0 {
            return;
        }
        let row = random.below(mapped.dims()[0]);
        let fill = |tensor: &Tensor| {
            let source = tensor.narrow(0, row, 1).unwrap().affine(-2.0, 1.0).unwrap();
            tensor.slice_set(&source, 0, row).unwrap();
        };
        fill(mapped);
        fill(plain);
    }

    fn compute(&mut self, tensor: usize) {
        let (mapped, plain) = &self.tensors[tensor];
        let twice = |tensor: &Tensor| (tensor + tensor).unwrap();
        let pair = (twice(mapped), twice(plain));
        self.tensors.push(pair);
    }

    /// Replaces a file by one with other values; those who have it mapped keep the old one.
    fn save(&mut self, state: usize, random: &mut Random) {
        let path = &self.paths[random.below(self.paths.len())];
        let (mapped, _) = &self.states[state];
        mapped.save(path).unwrap();
    }

    fn on_another_thread(&mut self, tensor: usize) {
        let pair = self.tensors.swap_remove(tensor);
        std::thread::spawn(move || assert_eq!(contents(&pair.0), contents(&pair.1))).join().unwrap();
    }

    fn check(&self) {
        for (mapped, plain) in &self.tensors {
            assert_eq!(contents(mapped), contents(plain));
        }
    }
}

#[test]
fn random_orders_give_what_plain_loading_gives() {
    let _turn = Turn::take();
    // Printed only if the test fails: `MAPPED_SEED=.. cargo test -p tests --test mapped random_orders` repeats it.
    let first = std::env::var("MAPPED_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0) >> 8
    });
    for seed in first..first + SEEDS {
        println!("MAPPED_SEED={seed}");
        let (folder, mut random) = (tempfile::tempdir().unwrap(), Random(seed));
        let paths =
            ["a.pt", "b.safetensors", "c.pt"].iter().zip(0..).map(|(name, seed)| Net::file(folder.path(), name, seed));
        let mut world = World { paths: paths.collect(), ..World::default() };
        let mut most = 0;
        for step in 0..STEPS {
            world.step(&mut random);
            most = most.max(model_runtime::memory::mapped().tensors);
            if step % 50 == 0 {
                world.check();
            }
        }
        world.check();
        assert!(most > 0, "nothing was mapped");
    }
}
