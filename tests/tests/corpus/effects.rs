//! Calls whose result is thrown away, calls of objects, and keys and elements that are objects.

use super::formats::{beside, only, zip};
use super::pickle::{call, dict, global, hooks, int, list, pickle, tensor, text, tuple};
use super::{Case, read, refused};

pub fn cases() -> Vec<Case> {
    [thrown_away(), objects_that_are_called(), keys(), state_dict_hooks()].into_iter().flatten().collect()
}

/// The function `module.name` is called with the arguments, and its result is popped.
fn popped(module: &str, name: &str, args: &[Vec<u8>]) -> Vec<u8> {
    [call(module, name, args), b"0".to_vec()].concat()
}

fn thrown_away() -> Vec<Case> {
    let get = || b"h\x63".to_vec();
    let named = |value: Vec<u8>| [value, b"q\x63".to_vec()].concat();
    let object = || named([global("a", "B"), b")\x81".to_vec()].concat());
    let lost = "the result of a call is thrown away";
    vec![
        refused(
            "effect: operator.setitem of a dict",
            beside([named(b"}".to_vec()), popped("_operator", "setitem", &[get(), text("k"), tensor()])].concat()),
            lost,
        ),
        refused(
            "effect: operator.setitem of an OrderedDict",
            beside([named(hooks()), popped("_operator", "setitem", &[get(), text("k"), tensor()])].concat()),
            "a state that is no dict",
        ),
        refused(
            "effect: a function of a tensor",
            only([named(tensor()), popped("a", "f", &[get()])].concat()),
            "is changed afterwards",
        ),
        refused(
            "effect: a function of a number",
            beside([popped("os", "system", &[int(1)]), int(1)].concat()),
            "what it does would be lost, got: `os.system`",
        ),
        refused(
            "effect: memoised, and thrown away all the same",
            beside([call("os", "system", &[tensor()]), b"q\x620".to_vec(), int(1)].concat()),
            lost,
        ),
        refused(
            "effect: thrown away with a mark",
            beside([b"(".to_vec(), call("os", "system", &[tensor()]), b"1".to_vec(), int(1)].concat()),
            lost,
        ),
        read(
            "effect: the state of an object, set by a function",
            beside([object(), popped("a", "set_state", &[get(), tensor()])].concat()),
            "<a.B(...) <a.set_state(...)>>",
        ),
        read(
            "effect: a method of an object that holds it",
            beside(
                [
                    global("__builtin__", "getattr"),
                    b"q\x60".to_vec(),
                    b"(".to_vec(),
                    object(),
                    b"}".to_vec(),
                    text("method"),
                    b"h\x60(h\x63".to_vec(),
                    [text("f"), b"q\x61".to_vec()].concat(),
                    b"tRq\x62".to_vec(),
                    b"sb".to_vec(),
                    b"h\x61tR0h\x62".to_vec(),
                ]
                .concat(),
            ),
            "builtins.getattr",
        ),
    ]
}

fn objects_that_are_called() -> Vec<Case> {
    let object = || call("cloudpickle.cloudpickle", "_builtin_type", &[text("CodeType")]);
    vec![
        read("callee: an object", beside([object(), tuple(&[int(1)]), b"R".to_vec()].concat()), "operator.call"),
        read("callee: a class by value", beside([object(), b")\x81".to_vec()].concat()), "copyreg.__newobj__"),
        refused("callee: a chain of calls", beside([object(), b")R".repeat(5_000)].concat()), "nested too deep"),
        refused("callee: a tensor", beside([tensor(), b")R".to_vec()].concat()), "no class or function, got: tensor"),
        refused("callee: a str", beside([text("f"), b")R".to_vec()].concat()), "no class or function, got: a str"),
    ]
}

fn keys() -> Vec<Case> {
    let set = |items: &[Vec<u8>]| call("__builtin__", "set", &[list(items)]);
    let frozen = |items: &[Vec<u8>]| call("__builtin__", "frozenset", &[list(items)]);
    let keyed = |keys: &[Vec<u8>]| {
        let entries = keys.iter().flat_map(|key| [key.clone(), b"N".to_vec()].concat());
        [b"}(".to_vec(), entries.collect(), b"u".to_vec()].concat()
    };
    vec![
        // They are opened, and the tensors in `x` are none of a state dict.
        refused("key: a tensor, as in the state of an optimizer", beside(keyed(&[tensor()])), "got: entries `w`, `x`"),
        refused("key: two tensors are two keys", beside(keyed(&[tensor(), tensor()])), "got: entries `w`, `x`"),
        read(
            "key: equal frozensets are one key",
            beside(keyed(&[frozen(&[int(1), int(2)]), frozen(&[int(2), int(1), int(1)])])),
            "{{1, 2}: None}}",
        ),
        refused(
            "key: a frozenset of a list",
            beside(keyed(&[frozen(&[list(&[])])])),
            "cannot be an element of a set, got: list",
        ),
        read("set: each element once", beside(set(&[int(1), int(1), b"\x88".to_vec()])), "{1}"),
        read("set: by its opcodes", beside(b"\x8f(K\x01K\x01\x90".to_vec()), "{1}"),
        refused("set: of a list", beside(set(&[list(&[])])), "cannot be an element of a set, got: list"),
        refused("set: of a dict", beside(set(&[dict(&[])])), "cannot be an element of a set, got: dict"),
    ]
}

/// A whole module with the tensor `w` and one hook of `state_dict()`.
fn hooked(attribute: &str, hook: Vec<u8>) -> Vec<u8> {
    let hooks = [hooks(), int(0), hook, b"s".to_vec()].concat();
    let state = dict(&[("_parameters", dict(&[("w", tensor())])), ("_modules", dict(&[])), (attribute, hooks)]);
    zip(pickle(&[global("a", "Net"), b")\x81".to_vec(), state, b"b".to_vec()].concat()))
}

fn state_dict_hooks() -> Vec<Case> {
    let object = |module: &str, name: &str| [global(module, name), b")\x81".to_vec()].concat();
    let method = call("__builtin__", "getattr", &[object("a", "Wrapper"), text("hook")]);
    vec![
        refused("hook: a method", hooked("_state_dict_hooks", method), "got: `a.Wrapper.hook`"),
        refused("hook: an object", hooked("_state_dict_hooks", object("a", "Hook")), "got: `a.Hook`"),
        refused("hook: one that runs before", hooked("_state_dict_pre_hooks", global("a", "f")), "got: `a.f`"),
        read("hook: of a load", hooked("_load_state_dict_pre_hooks", global("a", "f")), "a.Net"),
        read(
            "hook: of spectral norm",
            hooked("_state_dict_hooks", object("torch.nn.utils.spectral_norm", "SpectralNormStateDictHook")),
            "a.Net",
        ),
    ]
}
