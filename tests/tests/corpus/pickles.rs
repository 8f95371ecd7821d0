//! Attacks on the pickle machine.

use super::formats::{beside, only, zip};
use super::pickle::{call, dict, global, int, list, pickle, tensor, text, tuple};
use super::{Case, read, refused, unreadable};

/// Opcodes that take something from the stack, with their operands.
const POPPING: &[(&str, &[u8])] = &[
    ("STOP", b"."),
    ("POP", b"0"),
    ("POP_MARK", b"1"),
    ("DUP", b"2"),
    ("REDUCE", b"R"),
    ("APPEND", b"a"),
    ("BUILD", b"b"),
    ("APPENDS", b"e"),
    ("SETITEM", b"s"),
    ("SETITEMS", b"u"),
    ("TUPLE", b"t"),
    ("LIST", b"l"),
    ("DICT", b"d"),
    ("OBJ", b"o"),
    ("INST", b"im\nC\n"),
    ("BINPERSID", b"Q"),
    ("TUPLE1", b"\x85"),
    ("TUPLE2", b"\x86"),
    ("TUPLE3", b"\x87"),
    ("NEWOBJ", b"\x81"),
    ("NEWOBJ_EX", b"\x92"),
    ("ADDITEMS", b"\x90"),
    ("FROZENSET", b"\x91"),
    ("STACK_GLOBAL", b"\x93"),
    ("MEMOIZE", b"\x94"),
    ("PUT", b"p0\n"),
    ("BINPUT", b"q\0"),
    ("LONG_BINPUT", b"r\0\0\0\0"),
];

const CALLABLES: &[(&str, &str)] =
    &[("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("torch.hub", "load"), ("runpy", "run_path")];

pub fn cases() -> Vec<Case> {
    [stack(), calls(), operands(), memo(), bombs(), targets()].into_iter().flatten().collect()
}

fn raw(name: &str, pickle: &[u8], text: &'static str) -> Case {
    refused(format!("pickle: {name}"), zip(pickle.to_vec()), text)
}

fn stack() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, op) in POPPING {
        cases.push(raw(&format!("{name} on an empty stack"), &[b"\x80\x02", *op, b"."].concat(), "byte 2 ("));
        let takes_mark = matches!(*name, "POP" | "POP_MARK" | "TUPLE" | "LIST" | "DICT" | "INST" | "FROZENSET");
        if !takes_mark {
            cases.push(raw(
                &format!("{name} takes a mark for a value"),
                &[b"\x80\x02N(", *op, b"."].concat(),
                "byte 4 (",
            ));
        }
    }
    for byte in [0x00u8, 0x01, b'#', b'A', b'z', 0x7f, 0x99, 0xff] {
        cases.push(raw(&format!("unknown opcode {byte:#04x}"), &[0x80, 2, byte, b'.'], "not a pickle opcode"));
    }
    cases.extend([
        raw("no opcodes at all", b"", "ends early"),
        raw("a header and nothing else", b"\x80\x02", "ends early"),
        raw("no STOP", b"\x80\x02}", "ends early"),
        raw("two values at the end", b"\x80\x02}}.", "left over"),
        raw("a mark at the end", b"\x80\x02(}.", "left over"),
        raw("bytes after STOP", &[pickle(&dict(&[("w", tensor())])), b"}.".to_vec()].concat(), "bytes after the end"),
        raw("a second pickle after STOP", &[pickle(&dict(&[("w", tensor())])), pickle(b"}")].concat(), "bytes after"),
        raw("protocol 6", b"\x80\x06}.", "protocol"),
        raw("protocol 255", b"\x80\xff}.", "protocol"),
    ]);
    cases
}

/// What is called is never called: it is data, and a tensor that goes into it is not lost.
fn calls() -> Vec<Case> {
    let mut cases = Vec::new();
    for (module, name) in CALLABLES {
        let (function, short) = (global(module, name), |text: &str| text.to_owned());
        let args = tuple(&[text("exit")]);
        let stacked = [text(module), text(name), b"\x93".to_vec()].concat();
        let forms = [
            (short("REDUCE"), [function.clone(), args.clone(), b"R".to_vec()].concat()),
            (short("NEWOBJ"), [function.clone(), args.clone(), b"\x81".to_vec()].concat()),
            (short("NEWOBJ_EX"), [function.clone(), args.clone(), b"}\x92".to_vec()].concat()),
            (short("OBJ"), [b"(".to_vec(), function.clone(), text("exit"), b"o".to_vec()].concat()),
            (short("INST"), [b"(".to_vec(), text("exit"), format!("i{module}\n{name}\n").into_bytes()].concat()),
            (short("STACK_GLOBAL"), [stacked, args.clone(), b"R".to_vec()].concat()),
            (short("BUILD"), [function.clone(), b")R}b".to_vec()].concat()),
        ];
        for (form, value) in forms {
            cases.push(read(format!("pickle: {module}.{name} called by {form}"), beside(value), "(...)"));
        }
        cases.push(read(format!("pickle: {module}.{name} named and not called"), beside(function), name));
        let swallow = call(module, name, &[tensor()]);
        cases.push(unreadable(
            format!("pickle: {module}.{name} of a tensor"),
            only(swallow),
            "a tensor inside an object",
        ));
    }
    cases.push(raw("a call of a number", b"\x80\x02K\x01)R.", "the callee is no class or function"));
    cases.push(raw("a call with a list of arguments", b"\x80\x02cos\nsystem\n]R.", "the arguments are no tuple"));
    cases.push(raw(
        "a call whose argument changes later",
        b"\x80\x02]q\0cm\nC\nh\0\x85Rq\x010K\x01ah\x01\x86.",
        "changed after the call",
    ));
    for (name, op) in [("EXT1", &b"\x82\x01"[..]), ("EXT2", b"\x83\x01\0"), ("EXT4", b"\x84\x01\0\0\0")] {
        cases.push(raw(
            &format!("{name}, the extension registry"),
            &[b"\x80\x02", op, b"."].concat(),
            "extension registry",
        ));
    }
    for (name, op) in [("PERSID", &b"Px\n"[..]), ("NEXT_BUFFER", b"\x97"), ("READONLY_BUFFER", b"\x98")] {
        cases.push(raw(name, &[b"\x80\x02", op, b"."].concat(), name));
    }
    cases
}

fn operands() -> Vec<Case> {
    let long = |op: u8, len: &[u8]| [&[0x80, 4, op], len, b"ab."].concat();
    let ends = "ends early";
    vec![
        raw("BINUNICODE of 4 GiB", &long(b'X', &[0xff; 4]), ends),
        raw("SHORT_BINUNICODE past the end", &long(0x8c, &[200]), ends),
        raw("BINUNICODE8 of 2^64-1", &long(0x8d, &[0xff; 8]), ends),
        raw("BINBYTES of 4 GiB", &long(b'B', &[0xff; 4]), ends),
        raw("BINBYTES8 of 2^63", &long(0x8e, &[0, 0, 0, 0, 0, 0, 0, 0x80]), ends),
        raw("BYTEARRAY8 of 2^64-1", &long(0x96, &[0xff; 8]), ends),
        raw("SHORT_BINBYTES past the end", &long(b'C', &[9]), ends),
        raw("BINSTRING of -1", &long(b'T', &[0xff; 4]), "out of range"),
        raw("SHORT_BINSTRING past the end", &long(b'U', &[9]), ends),
        raw("LONG1 past the end", &long(0x8a, &[255]), ends),
        raw("LONG4 of -1", &long(0x8b, &[0xff; 4]), "out of range"),
        raw("LONG4 of 2 GiB", &long(0x8b, &[0xff, 0xff, 0xff, 0x7f]), "an integer is too long"),
        raw("FRAME past the end", &long(0x95, &[100, 0, 0, 0, 0, 0, 0, 0]), ends),
        raw("FRAME of 2^64-1", &long(0x95, &[0xff; 8]), ends),
        raw(
            "a frame inside a frame",
            b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x95\x01\0\0\0\0\0\0\0}}.",
            "a frame starts inside",
        ),
        raw("an operand across the end of a frame", b"\x80\x04\x95\x02\0\0\0\0\0\0\0X\x01\0\0\0a.", "end of its frame"),
        raw("GLOBAL without a newline", &[b"\x80\x02c".to_vec(), vec![b'm'; 100_000]].concat(), "does not end"),
        raw("GLOBAL without its second line", b"\x80\x02cos\nsystem", ends),
        raw("GLOBAL that is not UTF-8", b"\x80\x02cos\n\xff\xfe\n.", "not UTF-8"),
        raw("STACK_GLOBAL of numbers", b"\x80\x04K\x01K\x02\x93.", "no strings"),
        raw("STACK_GLOBAL of bytes", b"\x80\x04C\x02osC\x06system\x93.", "no strings"),
        raw("a string that is not UTF-8", b"\x80\x02X\x02\0\0\0\xff\xfe.", "not UTF-8"),
        raw("a truncated surrogate", b"\x80\x02X\x02\0\0\0\xed\xa0.", "not UTF-8"),
        raw("INT that is no number", b"I12x\n.", "invalid"),
        raw("LONG that is no number", b"Lxyz\n.", "invalid"),
        raw("FLOAT that is no number", b"Fabc\n.", "invalid"),
        read(
            "pickle: NaN with a payload and -0.0",
            beside(b"(G\x7f\xf8\0\0\0\0\0\x01G\x80\0\0\0\0\0\0\0t".to_vec()),
            "-0.0",
        ),
        read(
            "pickle: an int of 100 bits",
            beside(b"\x8a\x0d\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x0f".to_vec()),
            "\"x\"",
        ),
        read("pickle: a lone surrogate", beside(b"X\x03\0\0\0\xed\xa0\x80".to_vec()), "\"x\""),
    ]
}

fn memo() -> Vec<Case> {
    let unset = "nothing was memoised";
    let slots: Vec<u8> =
        (0..50_000u32).flat_map(|at| [b"Nr".as_slice(), &(at * 65_521).to_le_bytes(), b"0"].concat()).collect();
    vec![
        raw("BINGET of an unset slot", b"\x80\x02h\x05.", unset),
        raw("LONG_BINGET of an unset slot", b"\x80\x02j\xff\xff\xff\xff.", unset),
        raw("GET of an unset slot", b"g5\n.", unset),
        raw("GET of a negative slot", b"g-1\n.", "no number below"),
        raw("PUT at 2^32", b"Np4294967296\n.", "no number below"),
        read("pickle: slot 2^32-1", beside(b"K\x07r\xff\xff\xff\xff0j\xff\xff\xff\xff".to_vec()), "\"x\": 7"),
        read("pickle: a slot is set twice", beside(b"K\x01q\x090K\x02q\x090h\x09".to_vec()), "\"x\": 2"),
        read("pickle: PUT and MEMOIZE share the memo", beside(b"K\x08q\x010K\x09\x940h\x01".to_vec()), "\"x\": 9"),
        read("pickle: 50 000 slots in no order", beside([slots, b"K\x03".to_vec()].concat()), "\"x\": 3"),
        read(
            "pickle: an alias of a dict that is filled later",
            beside(b"(}q\x09h\x09h\x09K\x01K\x02s0t".to_vec()),
            "{1: 2}, {1: 2}",
        ),
    ]
}

fn bombs() -> Vec<Case> {
    let laughs = |start: &[u8], step: fn(u8) -> Vec<u8>| {
        let body: Vec<u8> = (0..60).flat_map(step).collect();
        pickle(&[start, &body, b"h\x3c"].concat())
    };
    let deep = |open: &[u8], close: &[u8], n: usize| pickle(&[open.repeat(n), b"N".to_vec(), close.repeat(n)].concat());
    let multiply = "aliases multiply";
    vec![
        raw("tuples that double", &laughs(b"]q\x000", |i| vec![b'h', i, b'h', i, 0x86, b'q', i + 1, b'0']), multiply),
        raw(
            "lists that double",
            &laughs(b"]q\x000", |i| vec![b']', b'q', i + 1, b'(', b'h', i, b'h', i, b'e', b'0']),
            multiply,
        ),
        raw(
            "dicts that double",
            &laughs(b"}q\x000", |i| vec![b'}', b'q', i + 1, b'(', b'K', 1, b'h', i, b'K', 2, b'h', i, b'u', b'0']),
            multiply,
        ),
        raw(
            "calls that double",
            &laughs(b"cm\nC\n)Rq\x000", |i| {
                [b"cm\nC\nh".as_slice(), &[i, b'h', i], b"\x86Rq", &[i + 1], b"0"].concat()
            }),
            multiply,
        ),
        raw("150 000 lists", &deep(b"]", b"a", 150_000), "nested too deep"),
        raw("150 000 tuples", &deep(b"", b"\x85", 150_000), "nested too deep"),
        raw("150 000 dicts", &deep(b"}K\x01", b"s", 150_000), "nested too deep"),
        raw("150 000 calls", &deep(b"cm\nC\n", b"\x85R", 150_000), "nested too deep"),
        raw("150 000 frozensets", &deep(b"(", b"\x91", 150_000), "nested too deep"),
        raw("150 000 persistent ids", &deep(b"", b"Q", 150_000), "nested too deep"),
        raw("150 000 states", &deep(b"cm\nC\n)R", b"b", 150_000), "nested too deep"),
        raw("a million marks", &[b"(".repeat(1 << 20), b"N.".to_vec()].concat(), "left over"),
        raw("a million lists left over", &[b"]".repeat(1 << 20), b".".to_vec()].concat(), "left over"),
        raw("a million MEMOIZEs and no STOP", &[b"N".to_vec(), b"\x94".repeat(1 << 20)].concat(), "ends early"),
        raw("a million DUPs", &[b"]".to_vec(), b"2".repeat(1 << 20), b".".to_vec()].concat(), "left over"),
        read("pickle: 100 levels", beside([b"]".repeat(100), b"a".repeat(99)].concat()), "[[["),
    ]
}

/// Operands for containers that cannot take them.
fn targets() -> Vec<Case> {
    let mut cases = Vec::new();
    let values: &[(&str, &[u8])] = &[
        ("a tuple", b")"),
        ("a dict", b"}"),
        ("a str", b"X\0\0\0\0"),
        ("None", b"N"),
        ("a number", b"K\x01"),
        ("a set", b"\x8f"),
    ];
    for (name, value) in values {
        cases.push(raw(&format!("APPEND to {name}"), &[b"\x80\x04", *value, b"Na."].concat(), "cannot be appended to"));
    }
    for (name, value) in
        [("a tuple", &b")"[..]), ("a list", b"]"), ("None", b"N"), ("a number", b"K\x01"), ("a set", b"\x8f")]
    {
        cases.push(raw(
            &format!("SETITEM in {name}"),
            &[b"\x80\x04", value, b"NNs."].concat(),
            "cannot be given entries",
        ));
        cases.push(raw(&format!("BUILD of {name}"), &[b"\x80\x04", value, b"}b."].concat(), "cannot be given a state"));
    }
    let tensor_changed = |more: &[u8]| only([tensor(), more.to_vec()].concat());
    cases.extend([
        raw("ADDITEMS to a list", b"\x80\x04](K\x01\x90.", "cannot be added to"),
        raw("APPENDS to a set", b"\x80\x04\x8f(K\x01e.", "cannot be appended to"),
        raw("a key without a value", b"\x80\x02}(K\x01u.", "a key without a value"),
        raw("DICT of three values", b"\x80\x02(NNNd.", "a key without a value"),
        raw("a list as a key", b"\x80\x02}]Ns.", "cannot be a key"),
        raw("a dict as a key", b"\x80\x02}}Ns.", "cannot be a key"),
        raw("a set as a key", b"\x80\x04}\x8fNs.", "cannot be a key"),
        raw("a tuple of a list as a key", b"\x80\x02}]\x85Ns.", "cannot be a key"),
        raw("a list in itself", b"\x80\x02]q\0h\0a.", "holds itself"),
        raw("a dict in itself", b"\x80\x02}q\0K\x01h\0s.", "holds itself"),
        raw("a list in a tuple in itself", b"\x80\x02]q\0h\0\x85a.", "holds itself"),
        refused("tensor: SETITEM (CVE-2026-24747)", tensor_changed(b"NNs"), "is changed afterwards"),
        refused("tensor: APPEND", tensor_changed(b"Na"), "is changed afterwards"),
        refused("tensor: BUILD", tensor_changed(b"}b"), "is changed afterwards"),
        read(
            "pickle: 0 and \"0\" are two keys",
            beside([b"}(".to_vec(), int(0), int(1), text("0"), int(2), b"u".to_vec()].concat()),
            "{0: 1, \"0\": 2}",
        ),
        read("pickle: the last of two equal keys wins", beside(b"}(K\x01K\x02K\x01K\x03u".to_vec()), "{1: 3}"),
        read("pickle: True and 1 are one key", beside(b"}(K\x01K\x02\x88K\x03u".to_vec()), "{1: 3}"),
        read("pickle: a list of lists", beside(list(&[list(&[]), list(&[int(1)])])), "[[], [1]]"),
    ]);
    cases
}
