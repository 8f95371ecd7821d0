//! Shows the whole path: two files that PyTorch saved with the tag `cuda:0`, a derived struct, this machine's device, real digits.
//!
//! `cargo run --release`, or with `--features cuda` on a machine that has one.

use examples::digits::{Net, TestSet, correct, max_difference, path};
use examples::terminal;
use model_runtime::checkpoint::Value;
use model_runtime::prelude::*;

/// How many digits are drawn, and how many entries of a file are listed.
const SHOWN: usize = 6;
/// PyTorch and candle add in another order; more than this is a mistake.
const TOLERANCE: f32 = 1e-3;

fn main() -> Result<()> {
    let zip = open("digits.pt")?;
    let legacy = open("digits_legacy.pt")?;

    // torch.load(PATH, map_location=device) and model.load_state_dict(..) in one: the type says where it goes.
    let net = Net::new().load_state_dict(&zip.state_dict()?, Auto)?;
    println!("\nloaded on {}:\n\n{}", Auto::device()?, net.summary());

    let test = TestSet::open()?;
    let images = test.images.to(Auto)?;
    let logits = net.forward(&images)?.to(Cpu)?;
    compare(&logits, &test)?;
    draw(&logits, &test)?;

    let same = Net::new().load_state_dict(&legacy.state_dict()?, Auto)?;
    check("the legacy file gives other logits", max_difference(&same.forward(&images)?.to(Cpu)?, &logits)?)?;

    let saved = std::env::temp_dir().join(format!("digits-{}.safetensors", std::process::id()));
    net.state_dict()?.save(&saved)?;
    let again = Net::new().load_state_dict(&Checkpoint::open(&saved)?.state_dict()?, Auto)?;
    check("the saved model gives other logits", max_difference(&again.forward(&images)?.to(Cpu)?, &logits)?)?;
    println!("saved as safetensors, loaded back, and the legacy file too: the same logits, bit for bit");
    // Only the file that this program has just written.
    std::fs::remove_file(&saved).map_err(|source| Error::Write { path: saved, source })
}

/// Opens a file and prints what is in it, and where it was saved.
fn open(name: &str) -> Result<Checkpoint> {
    let checkpoint = Checkpoint::open(path(name))?;
    let state = checkpoint.state_dict()?;
    let mut locations: Vec<_> = state.iter().map(|(_, entry)| entry.location()).collect();
    locations.sort();
    locations.dedup();
    println!("{name}: {}, {} tensors saved on {}", checkpoint.format(), state.len(), locations.join(", "));
    let entries = checkpoint.root().as_dict().into_iter().flat_map(|dict| dict.iter());
    for (key, value) in entries.take(SHOWN) {
        println!("  {key}: {}", describe(value));
    }
    Ok(checkpoint)
}

/// What an entry of a checkpoint is, in a few words.
fn describe(value: &Value) -> String {
    match value {
        Value::Dict(dict) => format!("a dict of {}", dict.len()),
        Value::List(list) => format!("a list of {}", list.len()),
        other => other.to_string(),
    }
}

/// Prints our accuracy beside PyTorch's, and how far apart the logits are.
fn compare(logits: &Tensor<Cpu>, test: &TestSet) -> Result<()> {
    let total = test.labels.elem_count();
    for (who, logits) in [("this program", logits), ("PyTorch", &test.logits)] {
        let correct = correct(logits, &test.labels)?;
        println!("{who:>12}: {correct} of {total} unseen digits right, accuracy {:.4}", correct as f64 / total as f64);
    }
    let difference = max_difference(logits, &test.logits)?;
    println!("largest difference of a logit: {difference:.1e}");
    if difference > TOLERANCE {
        return Err(Error::unsupported(format_args!(
            "the logits differ by {difference}, expected: at most {TOLERANCE}"
        )));
    }
    Ok(())
}

/// Draws the first digits with what the model takes them for.
fn draw(logits: &Tensor<Cpu>, test: &TestSet) -> Result<()> {
    println!();
    for line in terminal::side_by_side(&test.images.narrow(0, 0, SHOWN)?)? {
        println!("{line}");
    }
    let digits = logits.argmax(1)?.to_vec1::<u32>()?;
    let line: String = digits.iter().take(SHOWN).map(|digit| format!("{:<19}", format!("a {digit}"))).collect();
    println!("{}\n", line.trim_end());
    Ok(())
}

/// Fails if a difference that must be zero is not.
fn check(what: &str, difference: f32) -> Result<()> {
    if difference == 0.0 {
        return Ok(());
    }
    Err(Error::unsupported(format_args!("{what}, expected: no difference, got: {difference}")))
}
