//! Whether two models compute the same.

use std::fs;

use crate::Result;
use crate::contender::Contender;
use crate::file::File;
use crate::process::{Session, Task};

/// The largest difference that counts as the same.
const CLOSE: f32 = 1e-3;

/// Compares the logits of two contenders, and returns the largest difference.
pub fn compare(session: &Session<'_>, file: &'static File, contenders: &[&'static Contender]) -> Result<f32> {
    let mut all = Vec::new();
    for contender in contenders {
        let out = session.cache.join(format!("logits-{}", contender.id));
        session.run(&Task { what: "logits", contender, file, repeats: 0, out: &out })?;
        let bytes = fs::read(&out)?;
        fs::remove_file(&out)?;
        let logits: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        all.push(logits);
    }
    let mut largest = 0f32;
    for other in &all {
        if other.is_empty() || other.len() != all[0].len() {
            return Err(format!("{} logits and {}", all[0].len(), other.len()).into());
        }
        let differences = all[0].iter().zip(other).map(|(a, b)| (a - b).abs());
        largest =
            differences.fold(
                largest,
                |largest, difference| if difference > largest || difference.is_nan() { difference } else { largest },
            );
    }
    if largest <= CLOSE { Ok(largest) } else { Err(format!("the logits differ by {largest}").into()) }
}
