//! A zip archive, read from its directory and checked until only one reading of it is left.

mod end;
mod entry;
mod fields;

use std::borrow::Cow;

use entry::Entry;
use fields::Fields;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::record::Record;
use crate::checkpoint::window::Window;
use crate::hash::{FastMap, map_of, set_of};

/// Bytes of the least directory entry.
const LEAST_ENTRY: u64 = 46;

/// The records of an archive that `torch.save` wrote: everything lies in one folder, whose name does not matter.
#[derive(Debug)]
pub(super) struct Archive {
    root: String,
    records: FastMap<Box<str>, Record>,
}

impl Archive {
    /// Reads the directory, and compares every entry with what is in its place.
    pub(super) fn open(window: &mut Window<'_>) -> Result<Self> {
        let directory = end::find(window)?;
        let bytes = window.copy(directory.offset, directory.size)?;
        let mut entries = parse(&bytes, directory.entries).map_err(|error| error.at("directory"))?;
        check_names(&entries).map_err(|error| error.at("directory"))?;
        let root = common_root(&entries)?.to_owned();
        entries.sort_by_key(|entry| entry.header);
        let mut records = map_of(entries.len());
        let mut ends = entries.iter().skip(1).map(|entry| entry.header).chain([directory.offset]);
        if entries.first().is_some_and(|first| first.header != 0) {
            return Err(CheckpointError::damaged("there are bytes before the first entry of the archive"));
        }
        for entry in &entries {
            let record = entry.locate(window, ends.next().unwrap_or(directory.offset))?;
            if let Some(name) =
                entry.name.strip_prefix(&root).and_then(|name| name.strip_prefix('/')).filter(|_| !entry.is_folder())
            {
                records.insert(name.into(), record);
            }
        }
        Ok(Self { root, records })
    }

    /// The record `name`, without the name of the folder around it.
    pub(super) fn record(&self, name: &str) -> Option<&Record> {
        self.records.get(name)
    }

    /// The names of all records, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.records.iter().map(|(name, record)| (&**name, record))
    }

    /// The name of the folder that everything lies in.
    pub(super) fn root(&self) -> &str {
        &self.root
    }
}

fn parse(bytes: &[u8], count: u64) -> Result<Vec<Entry<'_>>> {
    let most = u64::try_from(bytes.len()).unwrap_or(u64::MAX) / LEAST_ENTRY;
    let entries = usize::try_from(count).ok().filter(|_| count <= most);
    let Some(entries) = entries else {
        return Err(CheckpointError::damaged("there are fewer entries than the end record says")
            .expected(count)
            .got(format_args!("room for {most}")));
    };
    let mut fields = Fields(bytes);
    let entries = (0..entries).map(|_| Entry::parse(&mut fields)).collect::<Result<Vec<_>>>()?;
    if !fields.0.is_empty() {
        return Err(CheckpointError::damaged("there are more entries than the end record says")
            .expected(count)
            .got(format_args!("{} more bytes", fields.0.len())));
    }
    Ok(entries)
}

/// PyTorch finds records without regard to case: two names that differ only there are one name twice.
fn check_names(entries: &[Entry<'_>]) -> Result<()> {
    let mut seen = set_of(entries.len());
    let is_lower = |name: &str| name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    let lower = |name| if is_lower(name) { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) };
    match entries.iter().find(|entry| !seen.insert(lower(entry.name))) {
        Some(entry) => {
            Err(CheckpointError::damaged("two entries have the same name").got(format_args!("`{}`", entry.name)))
        }
        None => Ok(()),
    }
}

fn common_root<'a>(entries: &[Entry<'a>]) -> Result<&'a str> {
    let mut roots = entries.iter().map(|entry| entry.name.split_once('/').map(|(root, _)| (root, entry)).ok_or(entry));
    let outside = |entry: &Entry<'_>| {
        CheckpointError::not_a_checkpoint(
            "an entry of the archive is outside of the folder that PyTorch puts everything in",
        )
        .got(format_args!("`{}`", entry.name))
        .fix("this is a zip file, but not one that `torch.save` wrote; unpack it first if the checkpoint is inside")
    };
    let (root, _) =
        roots.next().ok_or_else(|| CheckpointError::not_a_checkpoint("the zip archive is empty"))?.map_err(outside)?;
    match roots.find(|other| other.as_ref().map(|(other, _)| *other != root).unwrap_or(true)) {
        None => Ok(root),
        Some(Ok((_, entry)) | Err(entry)) => Err(outside(entry).expected(format_args!("everything in `{root}/`"))),
    }
}

#[cfg(test)]
mod tests;
