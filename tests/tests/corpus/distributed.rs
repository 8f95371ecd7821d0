//! Attacks on the folders of `torch.distributed.checkpoint`.

use super::Verdict;
use super::folders::{FolderCase, folder};
use super::formats::zip;
use super::pickle::{call, dict, global, int, ints, pickle, storage, tensor, tensor_of, text, tuple};

const CLASSES: &str = "torch.distributed.checkpoint.metadata";
const PART: &str = "__0_0.distcp";

/// An instance of a class with these attributes.
fn object(module: &str, class: &str, attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    [global(module, class), b")\x81".to_vec(), dict(attributes), b"b".to_vec()].concat()
}

fn size(sizes: &[i64]) -> Vec<u8> {
    call("torch", "Size", &[ints(sizes)])
}

fn chunk(offsets: &[i64], sizes: &[i64]) -> Vec<u8> {
    object(CLASSES, "ChunkStorageMetadata", &[("offsets", size(offsets)), ("sizes", size(sizes))])
}

/// What the metadata of one tensor `w` say: whole, or in chunks.
#[derive(Clone)]
struct Metadata {
    root: (&'static str, &'static str),
    dtype: Vec<u8>,
    size: Vec<u8>,
    /// Offsets and sizes.
    chunks: Vec<(Vec<i64>, Vec<i64>)>,
    /// The list of chunks in other opcodes.
    list: Option<Vec<u8>>,
    /// Offsets, file, first byte, length.
    items: Vec<(Vec<i64>, &'static str, i64, i64)>,
    /// More attributes of every item.
    item_extra: Option<Vec<u8>>,
    planner: Vec<u8>,
}

impl Metadata {
    fn good(len: usize) -> Self {
        Self {
            root: (CLASSES, "Metadata"),
            dtype: global("torch", "float32"),
            size: size(&[2, 3]),
            chunks: vec![(vec![0, 0], vec![2, 3])],
            list: None,
            items: vec![(vec![0, 0], PART, 0, len as i64)],
            item_extra: None,
            planner: b"N".to_vec(),
        }
    }

    fn tensor(&self) -> Vec<u8> {
        let chunks: Vec<Vec<u8>> = self.chunks.iter().map(|(offsets, sizes)| chunk(offsets, sizes)).collect();
        let chunks = self.list.clone().unwrap_or_else(|| super::pickle::list(&chunks));
        let properties = object(CLASSES, "TensorProperties", &[("dtype", self.dtype.clone())]);
        let attributes = [("properties", properties), ("size", self.size.clone()), ("chunks", chunks)];
        object(CLASSES, "TensorStorageMetadata", &attributes)
    }

    fn pickle(&self) -> Vec<u8> {
        let item = |(offsets, file, start, len): &(Vec<i64>, &str, i64, i64)| {
            let index = object(CLASSES, "MetadataIndex", &[("fqn", text("w")), ("offset", size(offsets))]);
            let mut place = vec![("relative_path", text(file)), ("offset", int(*start)), ("length", int(*len))];
            place.extend(self.item_extra.iter().map(|extra| ("transform_descriptors", extra.clone())));
            [index, object("torch.distributed.checkpoint.filesystem", "_StorageInfo", &place)].concat()
        };
        let items: Vec<u8> = self.items.iter().flat_map(item).collect();
        let attributes = [
            ("state_dict_metadata", dict(&[("w", self.tensor())])),
            ("planner_data", self.planner.clone()),
            ("storage_data", [b"}(".as_slice(), &items, b"u"].concat()),
        ];
        pickle(&object(self.root.0, self.root.1, &attributes))
    }
}

fn part() -> Vec<u8> {
    zip(pickle(&tensor()))
}

/// A row of the good tensor.
fn row(offset: i64) -> Vec<u8> {
    zip(pickle(&tensor_of(storage(), int(offset), ints(&[1, 3]), ints(&[3, 1]))))
}

fn case(name: &str, change: impl Fn(&mut Metadata), verdict: Verdict) -> FolderCase {
    let mut metadata = Metadata::good(part().len());
    change(&mut metadata);
    folder(format!("distributed: {name}"), ".metadata", metadata.pickle(), vec![(PART, part())], verdict)
}

fn wrong(name: &str, text: &'static str, change: impl Fn(&mut Metadata)) -> FolderCase {
    case(name, change, Verdict::Refused(text))
}

pub fn cases() -> Vec<FolderCase> {
    [places(), numbers(), globals(), chunks(), parts(), pickles()].into_iter().flatten().collect()
}

/// A tensor of 1 000 rows, all of which are one part.
pub fn repeated() -> FolderCase {
    let rows = 1_000;
    let change = |metadata: &mut Metadata| {
        metadata.size = size(&[rows, 3]);
        metadata.chunks = (0..rows).map(|at| (vec![at, 0], vec![1, 3])).collect();
        metadata.items = (0..rows).map(|at| (vec![at, 0], PART, 0, row(0).len() as i64)).collect();
    };
    let mut case = case("one part for every row", change, Verdict::Read("w"));
    case.files = vec![(PART, row(0))];
    case
}

/// Where the parts are.
fn places() -> Vec<FolderCase> {
    let outside =
        ["../__0_0.distcp", "/etc/passwd", "x/__0_0.distcp", "./__0_0.distcp", "..", ".", "", "C:x", "x\\y", "a\0b"];
    let mut cases: Vec<FolderCase> = outside
        .iter()
        .map(|path| {
            wrong(&format!("a part at {path:?}"), "not a file beside", move |metadata| metadata.items[0].1 = path)
        })
        .collect();
    let linked = |name: &str, target: &'static str, verdict: Verdict| FolderCase {
        links: vec![("linked", target)],
        ..case(name, |metadata| metadata.items[0].1 = "linked", verdict)
    };
    cases.extend([
        wrong("a missing part", "cannot open the file", |metadata| metadata.items[0].1 = "__1_0.distcp"),
        wrong("itself for a part", "", |metadata| metadata.items[0].1 = ".metadata"),
        linked("a part that is a link", PART, Verdict::Read("w")),
        linked("a part that links to itself", "linked", Verdict::Refused("cannot open the file")),
        linked("a part that links to the folder", ".", Verdict::Refused("this is a folder")),
        linked("a part that links to a device", "/dev/zero", Verdict::Refused("a pipe or a device")),
    ]);
    cases
}

/// Offsets and lengths of the parts.
fn numbers() -> Vec<FolderCase> {
    vec![
        case("good", |_| {}, Verdict::Read("w")),
        wrong("a part before the file", "a number of bytes", |metadata| metadata.items[0].2 = -1),
        wrong("a part that starts later", "", |metadata| metadata.items[0].2 = 1),
        wrong("a part behind the file", "the file ends early", |metadata| metadata.items[0].2 = 1 << 40),
        wrong("a part of 2^63-1 bytes", "the file ends early", |metadata| metadata.items[0].3 = i64::MAX),
        wrong("an end that wraps", "the file ends early", |metadata| {
            (metadata.items[0].2, metadata.items[0].3) = (i64::MAX, i64::MAX);
        }),
        wrong("a part of -1 bytes", "a number of bytes", |metadata| metadata.items[0].3 = -1),
        wrong("an empty part", "has no end", |metadata| metadata.items[0].3 = 0),
        wrong("a part that is short by a byte", "", |metadata| metadata.items[0].3 -= 1),
        wrong("no place for the part", "which file holds it", |metadata| metadata.items.clear()),
        wrong("two places for one part", "two places", |metadata| {
            let other = (vec![0, 0], PART, 1, 2);
            metadata.items.push(other);
        }),
        wrong("a part that is compressed", "compressed or changed", |metadata| {
            metadata.item_extra = Some(super::pickle::list(&[text("zstd")]));
        }),
    ]
}

/// Classes and functions that no metadata names.
fn globals() -> Vec<FolderCase> {
    vec![
        wrong("a call", "a call where a plain value should be", |metadata| {
            metadata.planner = call("os", "system", &[text("id")]);
        }),
        wrong("a call that builds the sizes", "a call where", |metadata| {
            metadata.size = call("builtins", "eval", &[text("()")]);
        }),
        wrong("another class at the root", "", |metadata| metadata.root = ("builtins", "dict")),
        wrong("a class with a name like it", "Metadata", |metadata| metadata.root = (CLASSES, "MetadataIndex")),
        wrong("a class of another module", "a call where", |metadata| metadata.root = ("evil", "Metadata")),
        wrong("a function for the dtype", "dtype", |metadata| metadata.dtype = b"K\x01".to_vec()),
        case(
            "a dtype that nobody knows",
            |metadata| metadata.dtype = global("torch", "float3"),
            Verdict::Unreadable("torch.float3"),
        ),
        wrong("a persistent id", "persistent id", |metadata| metadata.planner = storage()),
        wrong("a path that is no list", "planner_data", |metadata| metadata.planner = dict(&[("w", int(1))])),
        wrong("a path with a negative index", "planner_data", |metadata| {
            metadata.planner = dict(&[("w", tuple(&[int(-1)]))]);
        }),
        wrong("a path with the index 2^62", "", |metadata| {
            metadata.planner = dict(&[("w", tuple(&[text("a"), int(1 << 62)]))])
        }),
    ]
}

/// Chunks that do not fill the tensor.
fn chunks() -> Vec<FolderCase> {
    let cut = |name: &str, text: &'static str, chunks: &[([i64; 2], [i64; 2])]| {
        let chunks: Vec<_> = chunks.iter().map(|(offsets, sizes)| (offsets.to_vec(), sizes.to_vec())).collect();
        wrong(name, text, move |metadata| metadata.chunks.clone_from(&chunks))
    };
    let many: Vec<_> = (0..20_000).map(|_| (vec![0, 0], vec![2, 3])).collect();
    vec![
        cut("no chunk", "a hole", &[]),
        cut("a chunk too few", "a hole", &[([0, 0], [1, 3])]),
        cut("a hole between chunks", "a hole", &[([0, 0], [2, 1]), ([0, 2], [2, 1])]),
        cut("two chunks in one place", "overlap", &[([0, 0], [2, 3]), ([0, 0], [2, 3])]),
        cut("chunks that overlap and leave a hole", "overlap", &[([0, 0], [1, 3]), ([0, 0], [1, 3])]),
        cut("chunks that overlap in a corner", "overlap", &[([0, 0], [2, 2]), ([1, 1], [1, 2])]),
        cut("a chunk past the end", "past the end", &[([0, 0], [2, 4])]),
        cut("a chunk that starts past the end", "past the end", &[([2, 0], [1, 3])]),
        cut("a chunk at 2^63-1", "past the end", &[([i64::MAX, 0], [2, 3])]),
        cut("a chunk of 2^63-1 rows", "past the end", &[([0, 0], [i64::MAX, 3])]),
        cut("a chunk at -1", "out of range", &[([-1, 0], [2, 3])]),
        cut("a chunk of -1 rows", "out of range", &[([0, 0], [-1, 3])]),
        wrong("a chunk of one dimension", "past the end", |metadata| metadata.chunks = vec![(vec![0], vec![6])]),
        wrong("20 000 chunks in one place", "overlap", move |metadata| metadata.chunks.clone_from(&many)),
        wrong("20 000 elements in one place", "key `w`: the chunks do not fill their tensor", |metadata| {
            metadata.size = size(&[200, 100]);
            metadata.chunks = vec![(vec![0, 0], vec![1, 1]); 20_000];
        }),
        wrong("20 000 chunks of -1 rows", "out of range", |metadata| {
            metadata.chunks = vec![(vec![0, 0], vec![-1, 1]); 20_000];
        }),
        wrong("one chunk 20 000 times", "overlap", |metadata| {
            let chunk = [chunk(&[0, 0], &[2, 3]), b"q\x07".to_vec()].concat();
            metadata.list = Some([b"](".as_slice(), &chunk, &b"h\x07".repeat(20_000), b"e"].concat());
        }),
        wrong("20 000 chunks with one size", "overlap", |metadata| {
            let attributes = |sizes: Vec<u8>| [("offsets", b"h\x06".to_vec()), ("sizes", sizes)];
            let chunk = |sizes: &[u8]| object(CLASSES, "ChunkStorageMetadata", &attributes(sizes.to_vec()));
            let first = [size(&[0, 0]), b"q\x060".to_vec(), size(&[2, 3]), b"q\x080".to_vec()].concat();
            let batch = [b"(".as_slice(), &chunk(b"h\x08").repeat(1_000), b"e"].concat();
            metadata.list = Some([first, b"]q\x09".to_vec(), batch.repeat(20)].concat());
        }),
        wrong("2^62 rows", "", |metadata| metadata.size = size(&[1 << 62, 1 << 62])),
        wrong("a size of -2", "out of range", |metadata| metadata.size = size(&[-2, 3])),
        wrong("65 dimensions", "too many dimensions", |metadata| metadata.size = size(&[1; 65])),
        wrong("a number for the size", "sizes", |metadata| metadata.size = int(6)),
    ]
}

/// Parts that are something else than the metadata say.
fn parts() -> Vec<FolderCase> {
    let with = |name: &str, part: Vec<u8>, verdict: Verdict| {
        let metadata = Metadata::good(part.len()).pickle();
        folder(format!("distributed: {name}"), ".metadata", metadata, vec![(PART, part)], verdict)
    };
    let rows = |name: &str, second: Vec<u8>, verdict: Verdict| {
        let (first, len) = (row(0), |bytes: &[u8]| bytes.len() as i64);
        let mut metadata = Metadata::good(0);
        metadata.chunks = vec![(vec![0, 0], vec![1, 3]), (vec![1, 0], vec![1, 3])];
        metadata.items = vec![(vec![0, 0], PART, 0, len(&first)), (vec![1, 0], PART, len(&first), len(&second))];
        let file = [first, second].concat();
        folder(format!("distributed: {name}"), ".metadata", metadata.pickle(), vec![(PART, file)], verdict)
    };
    let another = Verdict::Refused("another tensor than the metadata says");
    let mut double = Metadata::good(part().len());
    double.dtype = global("torch", "float64");
    vec![
        rows("two rows", row(3), Verdict::Read("w")),
        rows("a second row that is longer", part(), another),
        with("a part of another shape", row(0), Verdict::Refused("another tensor than the metadata says")),
        with("a part that is a dict", zip(pickle(b"}")), Verdict::Refused("the chunk is no tensor")),
        with("a part that is a page", b"<html></html>".to_vec(), Verdict::Refused("has no end")),
        with("a part that is a call", zip(pickle(&call("os", "system", &[text("id")]))), Verdict::Refused("no tensor")),
        folder(
            "distributed: a part of another type",
            ".metadata",
            double.pickle(),
            vec![(PART, part())],
            Verdict::Refused("another tensor than the metadata says"),
        ),
    ]
}

/// Metadata that are no sound pickle.
fn pickles() -> Vec<FolderCase> {
    let good = Metadata::good(part().len()).pickle();
    let with = |name: &str, bytes: Vec<u8>, text: &'static str| {
        folder(format!("distributed: {name}"), ".metadata", bytes, vec![(PART, part())], Verdict::Refused(text))
    };
    let mut cases: Vec<FolderCase> = (0..10)
        .map(|part| with(&format!("metadata cut after {part} tenths"), good[..good.len() * part / 10].to_vec(), ""))
        .collect();
    let deep = [b"\x80\x02".to_vec(), b"]".repeat(150_000), b"a".repeat(149_999), b".".to_vec()].concat();
    cases.extend([
        with("bytes behind the metadata", [good.clone(), vec![0]].concat(), "bytes after the end"),
        with("two pickles", [good.clone(), good].concat(), "bytes after the end"),
        with("metadata that are a list", pickle(b"]"), "Metadata"),
        with("metadata that are a checkpoint", part(), ""),
        with("metadata 150 000 deep", deep, "nested too deep"),
    ]);
    cases
}
