//! Pictures in a terminal.

use model_runtime::prelude::*;

/// Darker with every step; two characters make a pixel about square.
const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];

/// The lines of images `(N, 1, H, W)` with pixels between 0 and 1, side by side.
///
/// # Errors
///
/// Another shape or dtype.
pub fn side_by_side(images: &Tensor<Cpu>) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for image in images.squeeze(1)?.to_vec3::<f32>()? {
        lines.resize(lines.len().max(image.len()), String::new());
        for (line, row) in lines.iter_mut().zip(image) {
            line.extend(row.into_iter().map(shade));
            line.push_str("   ");
        }
    }
    Ok(lines)
}

fn shade(pixel: f32) -> &'static str {
    let step = (pixel.clamp(0.0, 1.0) * (SHADES.len() - 1) as f32).round() as usize;
    SHADES.get(step).copied().unwrap_or("??")
}
