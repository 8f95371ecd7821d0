//! Puts what was measured between the markers of a README.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Replaces what is between `<!-- NAME -->` and `<!-- /NAME -->`.
pub fn replace(path: &Path, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let readme = fs::read_to_string(path)?;
    let (start, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let no_marker = || format!("{}: no `{start}` ... `{end}`", path.display());
    let (before, rest) = readme.split_once(&start).ok_or_else(no_marker)?;
    let (_, after) = rest.split_once(&end).ok_or_else(no_marker)?;
    Ok(fs::write(path, format!("{before}{start}\n\n{}\n\n{end}{after}", text.trim()))?)
}
