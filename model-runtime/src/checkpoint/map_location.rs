//! Where the storages of a checkpoint go when no type says so: PyTorch's `map_location`, form by form.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::error::{CheckpointError, Result, clip};
use super::storage::Storage;

/// Bytes of a tag in a message.
const SHOWN: usize = 80;

/// The `map_location` of `torch.load`. It is asked once for each storage, so that tensors that share memory still do.
///
/// | PyTorch | here |
/// |---|---|
/// | `None` | `MapLocation::Saved`: back to the device that the file names |
/// | `"cpu"`, `torch.device("cuda:1")` | `MapLocation::from("cpu")`: everything goes there |
/// | `{"cuda:1": "cuda:0"}` | `MapLocation::from([("cuda:1", "cuda:0")])`: tags are matched exactly, others stay |
/// | `lambda storage, tag: ...` | `MapLocation::with(\|storage, tag\| ...)`; `None` keeps the saved device |
///
/// ```
/// use model_runtime::checkpoint::{Location, MapLocation};
///
/// let map = MapLocation::from([("cuda:1", "cuda:0")]);
/// assert_eq!(map.map_tag("cuda:1").unwrap(), Location::Cuda(Some(0)));
/// assert_eq!(map.map_tag("cuda:2").unwrap(), Location::Cuda(Some(2)));
/// assert!(MapLocation::from("cpu:0").map_tag("cpu").is_err());    // as in PyTorch: write "cpu"
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum MapLocation {
    /// Back to the device that each storage was saved from.
    #[default]
    Saved,
    /// Everything to one device.
    Device(String),
    /// From saved tag to tag, by exact match; tags that are not in the map stay.
    Map(HashMap<String, String>),
    /// A function of the storage and its saved tag; `None` stays.
    With(Arc<MapFunction>),
}

/// The function of [`MapLocation::With`].
pub type MapFunction = dyn Fn(&Storage, &str) -> Option<String> + Send + Sync;

/// A device, as a tag names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// `cpu`.
    Cpu,
    /// `cuda:1`, or `cuda` for the current device.
    Cuda(Option<usize>),
    /// `mps`, which has one device.
    Mps,
    /// `meta`: a shape without data.
    Meta,
}

impl MapLocation {
    /// The map of a function, called once for each storage with its saved tag.
    pub fn with(map: impl Fn(&Storage, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::With(Arc::new(map))
    }

    /// The device for `storage`.
    ///
    /// # Errors
    /// If the tag that results is none that PyTorch accepts, or of a device that this framework does not have. The
    /// message names the storage. Whether the device is present is checked when something is put there.
    pub fn resolve(&self, storage: &Storage) -> Result<Location> {
        let mapped = match self {
            Self::With(map) => map(storage, storage.location()),
            _ => None,
        };
        let tag = mapped.as_deref().unwrap_or_else(|| self.tag(storage.location()));
        let named = |error: CheckpointError| {
            error.at(format_args!("storage `{}`", storage.key())).in_file(storage.source().name())
        };
        Location::from_tag(tag).map_err(named)
    }

    /// The device for a storage with the saved `tag`. A function is not asked: it wants a storage.
    ///
    /// # Errors
    /// As [`MapLocation::resolve`].
    pub fn map_tag(&self, tag: &str) -> Result<Location> {
        Location::from_tag(self.tag(tag))
    }

    fn tag<'a>(&'a self, saved: &'a str) -> &'a str {
        match self {
            Self::Saved | Self::With(_) => saved,
            Self::Device(device) => device,
            Self::Map(map) => map.get(saved).map_or(saved, String::as_str),
        }
    }
}

impl Location {
    /// The device that PyTorch restores a storage to for `tag`.
    ///
    /// # Errors
    /// For a tag that PyTorch refuses: `cpu:0`, `CUDA:0`, `cuda:x`, ...; and for one of a device that PyTorch has and
    /// this framework has not.
    pub fn from_tag(tag: &str) -> Result<Self> {
        match tag {
            "cpu" => Ok(Self::Cpu),
            "meta" => Ok(Self::Meta),
            "cuda" => Ok(Self::Cuda(None)),
            // `_mps_deserialize` tests only the start.
            _ if tag.starts_with("mps") => Ok(Self::Mps),
            _ => match tag.strip_prefix("cuda") {
                // `re.match("cuda(:|[0-9]+)", tag)`, and then `torch.device(tag)`.
                Some(rest) if rest.starts_with(|c: char| c == ':' || c.is_ascii_digit()) => cuda(tag, rest),
                _ => Err(unknown(tag)),
            },
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.pad("cpu"),
            Self::Cuda(None) => f.pad("cuda"),
            Self::Cuda(Some(index)) => f.pad(&format!("cuda:{index}")),
            Self::Mps => f.pad("mps"),
            Self::Meta => f.pad("meta"),
        }
    }
}

impl fmt::Debug for MapLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saved => f.write_str("Saved"),
            Self::Device(device) => f.debug_tuple("Device").field(device).finish(),
            Self::Map(map) => f.debug_tuple("Map").field(map).finish(),
            Self::With(_) => f.write_str("With(..)"),
        }
    }
}

impl From<&str> for MapLocation {
    fn from(device: &str) -> Self {
        Self::Device(device.to_owned())
    }
}

impl From<String> for MapLocation {
    fn from(device: String) -> Self {
        Self::Device(device)
    }
}

impl From<HashMap<String, String>> for MapLocation {
    fn from(map: HashMap<String, String>) -> Self {
        Self::Map(map)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for MapLocation {
    fn from(map: [(&str, &str); N]) -> Self {
        Self::Map(map.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect())
    }
}

/// `:1` after `cuda`; an index as `torch.device` takes it has no sign, no spaces and no leading zero.
fn cuda(tag: &str, rest: &str) -> Result<Location> {
    let index = rest.strip_prefix(':').filter(|index| *index == "0" || !index.starts_with(['0', '+']));
    match index.and_then(|index| index.parse().ok()) {
        Some(index) => Ok(Location::Cuda(Some(index))),
        None => {
            let error = CheckpointError::argument(format_args!("invalid device string: '{}'", clip(tag, SHOWN)));
            Err(error.expected("`cuda` or `cuda:N`"))
        }
    }
}

/// Nothing restores this tag: PyTorch's message, and what to write instead where that can be guessed.
fn unknown(tag: &str) -> CheckpointError {
    let error = CheckpointError::argument(format_args!(
        "don't know how to restore data location (tagged with {})",
        clip(tag, SHOWN)
    ));
    let error = error.expected("`cpu`, `cuda`, `cuda:N`, `mps` or `meta`");
    let lower = tag.trim().to_ascii_lowercase();
    let kind = lower.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    match kind {
        "cpu" => error.fix("write `cpu`: in PyTorch too, a location has no index on the CPU"),
        "cuda" | "gpu" => error.fix("write `cuda:0`"),
        "metal" => error.fix("write `mps`"),
        "meta" => error.fix("write `meta`"),
        "hpu" | "xpu" | "mtia" | "xla" | "privateuseone" | "npu" => error
            .fix(format_args!("there are no {kind} devices here; map it with `map_location`, for example to `cpu`")),
        _ => error.fix("map the tag with `map_location`, for example to `cpu`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::limits::Limits;
    use crate::checkpoint::scalar_type::StorageClass;
    use crate::checkpoint::source::Source;
    use crate::checkpoint::storage::NewStorage;

    fn storage(location: &str) -> Storage {
        let source = Arc::new(Source::memory(Vec::new(), Limits::default()));
        let (key, location, class) = ("7".into(), location.into(), StorageClass::Untyped);
        Storage::new(NewStorage { id: 0, key, location, class, nbytes: 24, big_endian: false, source })
    }

    #[test]
    fn tags_are_parsed_as_pytorch_parses_them() {
        let parse = |tag| Location::from_tag(tag).ok();
        assert_eq!(parse("cpu"), Some(Location::Cpu));
        assert_eq!(parse("cuda"), Some(Location::Cuda(None)));
        assert_eq!(parse("cuda:0"), Some(Location::Cuda(Some(0))));
        assert_eq!(parse("cuda:11"), Some(Location::Cuda(Some(11))));
        assert_eq!(parse("mps"), Some(Location::Mps));
        assert_eq!(parse("mps:0"), Some(Location::Mps));
        assert_eq!(parse("meta"), Some(Location::Meta));
        for tag in ["", "cpu:0", "CUDA:0", "bogus", "cudaX", "xla:0", "meta:0", " cpu", "cuda ", "hpu:1"] {
            let error = Location::from_tag(tag).unwrap_err().to_string();
            assert!(error.starts_with("don't know how to restore data location (tagged with "), "{error}");
        }
        for tag in ["cuda0", "cuda:x", "cuda:-1", "cuda:", "cuda:+1", "cuda:01", "cuda:1 ", "cuda:99999999999999999999"]
        {
            let error = Location::from_tag(tag).unwrap_err().to_string();
            assert_eq!(error, format!("invalid device string: '{tag}', expected: `cuda` or `cuda:N`"));
        }
    }

    #[test]
    fn every_form_maps_the_storage_and_not_the_tensor() {
        let resolve = |map: &MapLocation| map.resolve(&storage("cuda:1")).unwrap();
        assert_eq!(resolve(&MapLocation::Saved), Location::Cuda(Some(1)));
        assert_eq!(resolve(&"cpu".into()), Location::Cpu);
        assert_eq!(resolve(&[("cuda:1", "meta")].into()), Location::Meta);
        assert_eq!(resolve(&[("cuda", "cpu")].into()), Location::Cuda(Some(1)));
        assert_eq!(
            resolve(&MapLocation::with(
                |storage, tag| (storage.nbytes() == 24 && tag == "cuda:1").then(|| "mps".into())
            )),
            Location::Mps
        );
        assert_eq!(resolve(&MapLocation::with(|_, _| None)), Location::Cuda(Some(1)));
    }

    #[test]
    fn an_error_names_the_storage_and_what_to_write() {
        let error = MapLocation::from("cpu:0").resolve(&storage("cuda:1")).unwrap_err().to_string();
        assert_eq!(
            error,
            "<bytes>: storage `7`: don't know how to restore data location (tagged with cpu:0), expected: `cpu`, `cuda`, \
             `cuda:N`, `mps` or `meta`; write `cpu`: in PyTorch too, a location has no index on the CPU"
        );
        let error = MapLocation::Saved.resolve(&storage("xpu:3")).unwrap_err().to_string();
        assert!(
            error.ends_with("there are no xpu devices here; map it with `map_location`, for example to `cpu`"),
            "{error}"
        );
    }
}
