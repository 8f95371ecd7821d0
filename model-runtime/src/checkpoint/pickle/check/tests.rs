//! What the first pass refuses, and what it leaves to the second.

use super::*;

fn checked(pickle: &[u8]) -> Result<Checked> {
    let source = Source::memory(pickle.to_vec(), Limits::default());
    check(&source, 0, source.len())
}

#[test]
fn the_length_and_the_nodes_are_those_of_the_pickle() {
    let found = checked(b"\x80\x02]q\x00(K\x01K\x02eN0.rest").unwrap();
    assert_eq!((found.len, found.nodes), (14, 4));
}

#[test]
fn memo_slots_out_of_order_are_followed_up_to_a_point() {
    let put = |index: u32| [b"r".as_slice(), &index.to_le_bytes()].concat();
    let slots: Vec<u8> = (1..2000).flat_map(|index| put(index * 7)).collect();
    let pickle = |get: u8| [b"]".as_slice(), &slots, b"0h", &[get], b"."].concat();
    assert!(checked(&pickle(7)).is_ok());
    assert!(checked(&pickle(8)).is_ok(), "it is left to the second pass");
    assert!(checked(b"]q\x070h\x08.").unwrap_err().to_string().contains("nothing was memoised"));
}
