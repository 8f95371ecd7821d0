//! Pickles written by hand, opcode by opcode: what they mean and what is refused.

use super::super::error::Result;
use super::super::limits::Limits;
use super::super::source::Source;
use super::super::value::Value;
use super::{Call, Interpreter, load};

/// Knows nothing: every call stays opaque, every persistent id is its own value.
struct Plain;

impl Interpreter for Plain {
    fn global(&mut self, _: &str) -> Option<Value> {
        None
    }

    fn persistent(&mut self, id: &Value) -> Result<Value> {
        Ok(id.clone())
    }

    fn call(&mut self, call: Call) -> Result<Value> {
        call.into_opaque()
    }
}

fn with_limits(pickle: &[u8], limits: Limits) -> Result<Value> {
    let source = Source::memory(pickle.to_vec(), limits);
    load(&source, 0, source.len(), &mut Plain).map(|(value, _)| value)
}

fn read(pickle: &[u8]) -> String {
    with_limits(pickle, Limits::default()).unwrap().to_string()
}

fn refused(pickle: &[u8]) -> String {
    with_limits(pickle, Limits::default()).unwrap_err().to_string()
}

#[test]
fn long_arguments_of_many_dropped_calls_are_compared_once() {
    const LEN: usize = 200_000;
    let tuple = |memo: &[u8]| [b"(", b"N".repeat(LEN).as_slice(), b"tq", memo, b"0"].concat();
    let kept = b"ca\nf\nq\x020h\x02h\x00Rq\x030";
    for dropped in [b"h\x02h\x00R0h\x030", b"h\x02h\x01R0h\x030"] {
        let pickle = [&*tuple(b"\x00"), &*tuple(b"\x01"), kept, &*dropped.repeat(LEN), b"N."].concat();
        assert!(refused(&pickle).contains("the result of a call is thrown away"));
    }
}

#[test]
fn plain_values_of_every_protocol() {
    assert_eq!(
        read(b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00b]q\x01(NG?\xf0\0\0\0\0\0\0\x88eu."),
        r#"{"a": 1, "b": [None, 1.0, True]}"#
    );
    assert_eq!(read(b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x02hi\x94C\x01\0\x86\x94."), r#"("hi", <1 bytes>)"#);
    assert_eq!(read(b"(I01\nI00\nI-7\nL99999999999L\nF2.5\nt."), "(True, False, -7, 99999999999, 2.5)");
    assert_eq!(read(b"\x80\x02(J\xff\xff\xff\xffM\x01\x02\x8a\x01\x80U\x03a\xffbl."), "[-1, 513, -128, <3 bytes>]");
    assert_eq!(read(b"\x80\x04((K\x01K\x01\x91K\x02\x91."), "{{1}, 2}");
    assert_eq!(read(b"(X\x03\0\0\0\xed\xa0\x80t."), "(\"\u{fffd}\u{fffd}\u{fffd}\")");
}

#[test]
fn an_alias_sees_what_is_added_later() {
    // d = {}; [d, d]; then d["a"] = 1 through the memo
    assert_eq!(read(b"]q\x00}q\x01ah\x01ah\x01X\x01\0\0\0aK\x01s0."), r#"[{"a": 1}, {"a": 1}]"#);
}

#[test]
fn memo_indices_are_any_32_bit_number() {
    assert_eq!(read(b"K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff."), "7");
    assert!(refused(b"h\x05.").contains("byte 0 (BINGET): nothing was memoised under this index, got: 5"));
}

#[test]
fn unknown_calls_are_kept_and_not_made() {
    assert_eq!(read(b"cos\nsystem\n(X\x02\0\0\0lstR."), "<os.system(...)>");
    assert_eq!(read(b"(cos\nsystem\nX\x02\0\0\0lso."), "<os.system(...)>");
    assert_eq!(read(b"(X\x02\0\0\0lsios\nsystem\n."), "<os.system(...)>");
    assert_eq!(read(b"\x80\x02c__builtin__\nset\n)\x81}X\x01\0\0\0aK\x01sb."), r#"<builtins.set(...) {"a": 1}>"#);
    assert!(refused(b"K\x01)R.").contains("the callee is no class or function, got: a plain value"));
    assert!(refused(b"cos\nsystem\n]R.").contains("the arguments are no tuple, got: a list"));
}

#[test]
fn the_stack_cannot_be_emptied_or_left_full() {
    for opcode in *b".0Rabesut1do\x85\x86\x87\x81\x90\x91\x92\x93\x94Qq\0" {
        let text = refused(&[opcode, b'.']);
        assert!(text.contains("stack") || text.contains("ends early") || text.contains("opcode"), "{opcode}: {text}");
    }
    assert!(refused(b"K\x01(a.").contains("the stack is empty"));
    assert!(refused(b"K\x01K\x02.").contains("left over"));
    assert_eq!(read(b"K\x01(0."), "1");
}

#[test]
fn containers_take_only_what_they_can_hold() {
    assert!(refused(b")K\x01a.").contains("a tuple cannot be appended to"));
    assert!(refused(b"]K\x01K\x02s.").contains("a list cannot be given entries"));
    assert!(refused(b"}(K\x01u.").contains("a key without a value"));
    assert!(refused(b"}]K\x02s.").contains("this cannot be a key of a dict, got: list"));
    assert!(refused(b"}}b.").contains("a dict cannot be given a state"));
    assert_eq!(read(b"}(u."), "{}");
}

#[test]
fn cycles_of_containers_are_refused_and_of_objects_are_cut() {
    assert!(refused(b"]q\x00h\x00a.").contains("a container holds itself"));
    assert_eq!(read(b"cm\nC\n)\x81q\x00}X\x01\0\0\0ph\x00sb."), r#"<m.C(...) {"p": <itself>}>"#);
    assert!(refused(b"cm\nC\n(h\x00tR.").contains("nothing was memoised"));
}

#[test]
fn an_argument_that_changes_after_its_call_is_refused() {
    // l = []; o = C(l); l.append(1)
    assert!(refused(b"]q\x00cm\nC\nh\x00\x85Rq\x010K\x01ah\x01\x86.").contains("changed after the call"));
}

#[test]
fn laughs_do_not_multiply() {
    let mut bomb = b"]q\x00".to_vec();
    for i in 0..100u8 {
        bomb.extend([b'h', i, b'h', i, 0x86, b'q', i + 1]);
    }
    bomb.push(b'.');
    assert!(refused(&bomb).contains("left over"));
    let mut bomb = b"]q\x000".to_vec();
    for i in 0..100u8 {
        bomb.extend([b'h', i, b'h', i, 0x86, b'q', i + 1, b'0']);
    }
    bomb.extend(b"hd.");
    assert!(refused(&bomb).contains("aliases multiply"), "{}", refused(&bomb));
}

#[test]
fn depth_count_and_length_have_limits() {
    let deep = [b"]".repeat(5000), b"a".repeat(4999), b".".to_vec()].concat();
    assert!(refused(&deep).contains("nested too deep"));
    let fine = [b"]".repeat(900), b"a".repeat(899), b".".to_vec()].concat();
    assert_eq!(read(&fine), "[[[[[...]]]]]");
    let few = Limits { pickle_values: 10, ..Limits::default() };
    assert!(with_limits(&deep, few).unwrap_err().to_string().contains("Limits::pickle_values"));
    let short = Limits { pickle_opcodes: 10, ..Limits::default() };
    assert!(with_limits(&deep, short).unwrap_err().to_string().contains("Limits::pickle_opcodes"));
    assert!(refused(b"\x8b\xff\xff\xff\xff.").contains("out of range"));
    assert!(refused(b"\x8b\xff\xff\xff\x7f.").contains("an integer is too long"));
    assert!(refused(b"T\xff\xff\xff\xffabc.").contains("out of range"));
    assert!(refused(b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.").contains("ends early"));
}

#[test]
fn what_torch_never_writes_is_refused_by_name() {
    assert!(refused(b"Pabc\n.").contains("byte 0 (PERSID): a persistent id in text"));
    assert!(refused(b"\x82\x01.").contains("EXT1"));
    assert!(refused(b"\x97.").contains("NEXT_BUFFER"));
    assert!(refused(b"\x80\x06N.").contains("protocol"));
    assert!(refused(b"\xff.").contains("not a pickle opcode, got: 0xff"));
}

#[test]
fn an_error_names_the_key_it_happened_under() {
    // {"model": {"fc.weight": {[]: 2}}}
    let text = refused(b"}X\x05\0\0\0model}X\x09\0\0\0fc.weight}]K\x02sss.");
    assert!(text.starts_with("key `model.fc.weight`: byte 26: this cannot be a key"), "{text}");
}
