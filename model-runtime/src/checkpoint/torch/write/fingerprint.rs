//! The `.data/serialization_id` of an archive: PyTorch's fingerprint of the names and checksums of its records.
//!
//! PyTorch combines the hashes of the names in the order in which C++'s `std::unordered_set` iterates over them, so that
//! order is made again here: libstdc++'s hash of a string, its list of nodes, and its sizes of tables.

/// The sizes that a table of libstdc++ grows through when elements are inserted one at a time.
/// <https://github.com/gcc-mirror/gcc/blob/master/libstdc%2B%2B-v3/src/shared/hashtable-aux.cc>
const TABLE_SIZES: &[u64] = &[
    13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172_933, 351_061, 712_697, 1_447_153,
    2_938_679, 5_967_347, 12_117_689, 24_607_243,
];

/// Forty digits: twenty for the names of all records, twenty for the checksums of those that are not empty, both in the
/// order in which they were written.
pub(super) fn fingerprint(names: &[String], checksums: &[u32]) -> String {
    let names = iteration_order(names).into_iter().fold(0, combine);
    let checksums = checksums.iter().copied().map(u64::from).fold(0, combine);
    format!("{names:020}{checksums:020}")
}

/// `at::hash_combine`.
fn combine(seed: u64, value: u64) -> u64 {
    const GOLDEN_RATIO: u64 = 0x9e37_79b9;
    seed ^ value.wrapping_add(GOLDEN_RATIO).wrapping_add(seed << 6).wrapping_add(seed >> 2)
}

/// The hashes of the names, as an `unordered_set` iterates over them.
fn iteration_order(names: &[String]) -> Vec<u64> {
    let mut sizes = TABLE_SIZES.iter().copied();
    let mut table = Table::new(Vec::new(), 1);
    let mut capacity = 0;
    for (count, name) in (0u64..).zip(names) {
        if count >= capacity {
            // A file of more records would have an id that is not PyTorch's; nothing reads it.
            capacity = sizes.next().unwrap_or(u64::MAX);
            table = Table::new(table.in_order(), capacity);
        }
        table.insert(hash(name.as_bytes()));
    }
    table.in_order()
}

/// One list of all nodes, in which those of a bucket are neighbours.
struct Table {
    size: u64,
    /// The hash of each node, and the node after it.
    nodes: Vec<(u64, Option<usize>)>,
    first: Option<usize>,
    /// The node before the first one of each bucket; `Some(None)` is the head of the list.
    buckets: std::collections::HashMap<u64, Option<usize>>,
}

impl Table {
    /// A table of that size, with the nodes of another one inserted in its order.
    fn new(hashes: Vec<u64>, size: u64) -> Self {
        let mut table = Self { size, nodes: Vec::new(), first: None, buckets: std::collections::HashMap::new() };
        hashes.into_iter().for_each(|hash| table.insert(hash));
        table
    }

    fn bucket(&self, hash: u64) -> u64 {
        hash.checked_rem(self.size).unwrap_or_default()
    }

    /// The first node of a bucket becomes the first of the list; the others go before the first of their bucket.
    fn insert(&mut self, hash: u64) {
        let new = self.nodes.len();
        let bucket = self.bucket(hash);
        if let Some(before) = self.buckets.get(&bucket).copied() {
            let next = self.after(before);
            self.nodes.push((hash, next));
            self.link(before, new);
            return;
        }
        let next = self.first;
        self.nodes.push((hash, next));
        self.first = Some(new);
        self.buckets.insert(bucket, None);
        if let Some((hash, _)) = next.and_then(|next| self.nodes.get(next)) {
            let bucket = self.bucket(*hash);
            self.buckets.insert(bucket, Some(new));
        }
    }

    fn after(&self, node: Option<usize>) -> Option<usize> {
        match node {
            None => self.first,
            Some(node) => self.nodes.get(node).and_then(|(_, next)| *next),
        }
    }

    fn link(&mut self, before: Option<usize>, node: usize) {
        match before {
            None => self.first = Some(node),
            Some(before) => self.nodes.get_mut(before).into_iter().for_each(|entry| entry.1 = Some(node)),
        }
    }

    fn in_order(&self) -> Vec<u64> {
        let mut hashes = Vec::with_capacity(self.nodes.len());
        let mut next = self.first;
        while let Some((hash, after)) = next.and_then(|node| self.nodes.get(node)) {
            hashes.push(*hash);
            next = *after;
        }
        hashes
    }
}

/// `std::hash<std::string>` of libstdc++ on 64 bits: MurmurHash2 with its own seed.
/// <https://github.com/gcc-mirror/gcc/blob/master/libstdc%2B%2B-v3/libsupc%2B%2B/hash_bytes.cc>
fn hash(bytes: &[u8]) -> u64 {
    const SEED: u64 = 0xc70f_6907;
    const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;
    let mix = |value: u64| value ^ (value >> 47);
    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut hash = SEED ^ len.wrapping_mul(MULTIPLIER);
    let (words, rest) = bytes.as_chunks();
    for word in words {
        let word = mix(u64::from_le_bytes(*word).wrapping_mul(MULTIPLIER)).wrapping_mul(MULTIPLIER);
        hash = (hash ^ word).wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let word = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash = (hash ^ word).wrapping_mul(MULTIPLIER);
    }
    mix(mix(hash).wrapping_mul(MULTIPLIER))
}
