//! The goals, and whether what was measured meets them.

use std::fmt::Write;

use crate::child::Measured;
use crate::contest::{Line, Results, first, repeated};
use crate::spread::{Ratio, Spread};

/// One goal: a number at most.
pub struct Goal {
    pub text: String,
    pub limit: f64,
    /// What was measured: the first calls in a process, and those after it.
    pub got: Vec<Spread>,
}

/// A ratio of two lines at most.
pub fn ratio(text: &str, limit: f64, ours: Option<&Line>, theirs: Option<&Line>) -> Goal {
    let of = |value: fn(&Measured) -> f64| match (ours, theirs) {
        (Some(ours), Some(theirs)) => ours.ratio(theirs, value),
        _ => Spread::of([]),
    };
    Goal { text: text.to_owned(), limit, got: vec![of(first), of(repeated)] }
}

/// The goals of the loads of GPT-2.
pub fn of_loads(results: &Results) -> Vec<Goal> {
    let of = |id: &str| results.of(id);
    let (mapped, copied) = (of("ours-mapped"), of("ours-copied"));
    let file = results.of("load-file");
    let mut goals = vec![
        ratio("mapped load / candle `read_all`", 0.01, mapped, of("candle-read-all")),
        ratio("mapped load / `torch.load(mmap=True)`", 0.2, mapped, of("torch-load-mmap")),
        ratio("mapped load / safetensors' `load_file`", 0.5, mapped, file),
        ratio("copying load / candle `read_all`", 0.5, copied, of("candle-read-all")),
        ratio("copying load / pytorch-reader", 0.5, copied, of("pytorch-reader")),
        ratio("copying load / `torch.load`", 1.0, copied, of("torch-load")),
        ratio("copying load / parallel reads of the same bytes", 1.25, copied, of("floor")),
    ];
    if let Some(copied) = copied {
        let (weights, spare) = (copied.file.weights() as f64, 32.0 * 1_048_576.0);
        let over = copied.spread(|measured| measured.peak as f64 / (1.05 * weights + spare));
        let text = "copying load, peak memory / (1.05 times the weights + 32 MiB)";
        goals.push(Goal { text: text.to_owned(), limit: 1.0, got: vec![over] });
    }
    goals
}

/// The goal of load and forward.
pub fn of_forward(results: &Results) -> Vec<Goal> {
    let (ours, theirs) = (results.of("ours-mapped"), results.of("torch-load-mmap"));
    vec![ratio("mapped load and forward / PyTorch's with `mmap=True`", 1.0, ours, theirs)]
}

/// The goals of opening.
pub fn of_opens(results: &Results) -> Vec<Goal> {
    let of = |file: &str| results.with_file("ours-copied", file);
    let (few, many) = (of("many-1000"), of("many-10000"));
    let milliseconds = |value: fn(&Measured) -> f64| {
        many.map_or_else(|| Spread::of([]), |line| line.spread(|measured| 1e3 * value(measured)))
    };
    vec![
        ratio("opening 10 000 tensors / opening 1 000", 12.0, many, few),
        Goal {
            text: "opening 10 000 tensors, in ms".to_owned(),
            limit: 50.0,
            got: vec![milliseconds(first), milliseconds(repeated)],
        },
    ]
}

impl Goal {
    /// Whether all medians meet it.
    pub fn is_met(&self) -> bool {
        self.got.iter().all(|spread| spread.median <= self.limit)
    }

    fn verdict(&self) -> &'static str {
        match (self.got.iter().any(|spread| spread.median.is_nan()), self.is_met()) {
            (true, _) => "not measured",
            (false, true) => "met",
            (false, false) => "**missed**",
        }
    }
}

/// The table of goals.
pub fn table(goals: &[Goal]) -> String {
    let mut table = String::from("| | goal: at most | first in a process | again | |\n|---|---|---|---|---|\n");
    for goal in goals {
        let got = |index: usize| goal.got.get(index).map_or_else(String::new, |spread| Ratio(*spread).to_string());
        let (first, again) = (got(0), got(1));
        writeln!(table, "| {} | {} | {first} | {again} | {} |", goal.text, limit(goal.limit), goal.verdict())
            .expect("a string takes all");
    }
    table
}

/// A limit as the goals say it.
fn limit(limit: f64) -> String {
    if limit < 1.0 { format!("1/{:.0}", 1.0 / limit) } else { limit.to_string() }
}
