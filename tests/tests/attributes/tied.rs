//! `#[module(tied = "path")]`: what it leads to, and what it cannot lead to.

use model_runtime::prelude::*;

use super::load_error;

fn weight(size: usize) -> Param<Meta> {
    Param::new(size, init::STANDARD_NORMAL)
}

/// A struct whose one tied field `b` is wrong, and what is said to it.
macro_rules! refused {
    ($path:literal, $a:expr, $b:expr) => {{
        #[derive(Module, Debug)]
        struct Net<D: Device> {
            a: Linear<D>,
            #[module(tied = $path)]
            b: Linear<D>,
        }
        let net = Net { a: $a, b: $b };
        let error = net.init(Cpu).unwrap_err().to_string();
        let in_report = load_error(&net, &StateDict::default());
        let (key, reason) = error.split_once(": ").unwrap();
        assert!(in_report.contains("Declared wrongly") && in_report.contains(reason), "{in_report}");
        format!("{key}: {reason}")
    }};
}

#[test]
fn a_bias_that_the_other_module_lacks_is_the_fields_own() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        wte: Embedding<D>,
        #[module(tied = "wte")]
        head: Linear<D>,
    }
    let net = Net { wte: Embedding::new(3, 2), head: Linear::new(2, 3) };
    let keys: Vec<_> = net.named_parameters().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["wte.weight", "head.bias"]);
    assert_eq!(net.num_parameters(), 9);
    assert!(net.summary().to_string().contains("= wte.weight"), "{}", net.summary());
}

#[test]
fn the_order_of_the_fields_makes_no_difference_to_the_values() {
    #[derive(Module, Debug)]
    struct First<D: Device> {
        a: Param<D>,
        #[module(tied = "a")]
        b: Param<D>,
    }
    #[derive(Module, Debug)]
    struct Last<D: Device> {
        #[module(tied = "a")]
        b: Param<D>,
        a: Param<D>,
    }
    let first = First { a: weight(3), b: weight(3) }.init_seeded(Cpu, 1).unwrap();
    let last = Last { a: weight(3), b: weight(3) }.init_seeded(Cpu, 1).unwrap();
    assert_eq!(first.a.to_vec1::<f32>().unwrap(), last.b.to_vec1::<f32>().unwrap());
    assert_eq!(first.b.leaf().identity(), first.a.leaf().identity());
    assert_eq!(last.a.leaf().identity(), last.b.leaf().identity());
    let last = last.to_dtype(DType::F64).unwrap();
    assert_eq!(last.a.leaf().identity(), last.b.leaf().identity());
}

#[test]
fn ties_in_elements_and_of_ties_are_followed() {
    #[derive(Module, Debug)]
    struct Inner<D: Device> {
        a: Param<D>,
        #[module(tied = "a")]
        b: Param<D>,
    }
    #[derive(Module, Debug)]
    struct Outer<D: Device> {
        list: Vec<Inner<D>>,
        #[module(tied = "list.1.b")]
        c: Param<D>,
        #[module(tied = "list.0")]
        d: Inner<D>,
    }
    let inner = || Inner { a: weight(2), b: weight(2) };
    let outer = Outer { list: vec![inner(), inner()], c: weight(2), d: inner() };
    assert_eq!(outer.num_parameters(), 4);
    let outer = outer.init(Cpu).unwrap();
    let id = |param: &Param<Cpu>| param.leaf().identity();
    assert_eq!(id(&outer.c), id(&outer.list[1].a));
    assert_eq!(id(&outer.d.b), id(&outer.list[0].a));
    assert_ne!(id(&outer.list[0].a), id(&outer.list[1].a));
    let saved = outer.state_dict().unwrap();
    assert_eq!(saved.len(), 7);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outer.safetensors");
    saved.save(&path).unwrap();
    let written = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    assert_eq!(written.keys().collect::<Vec<_>>(), ["list.0.a", "list.1.a"]);
    let again = outer.load_state_dict(&written, Cpu).unwrap();
    assert_eq!(again.c.to_vec1::<f32>().unwrap(), outer.c.to_vec1::<f32>().unwrap());
}

#[test]
fn a_path_to_nothing_names_the_nearest() {
    let error = refused!("a.wieght", Linear::new(2, 2), Linear::new(2, 2));
    assert!(error.starts_with("b.weight: tied to `a.wieght`"), "{error}");
    assert!(error.contains("did you mean `a`?"), "{error}");
}

#[test]
fn another_shape_is_named_with_both() {
    let error = refused!("a", Linear::new(2, 3), Linear::new(2, 4));
    assert_eq!(error, "b.weight: tied to `a.weight`, expected: shape [4, 2], got: [3, 2]");
}

#[test]
fn a_buffer_cannot_stand_in_for_a_parameter() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        a: Buffer<D>,
        #[module(tied = "a")]
        b: Param<D>,
    }
    let net = Net { a: Buffer::new(1, init::ONE), b: weight(1) };
    let error = net.init(Cpu).unwrap_err().to_string();
    assert_eq!(error, "b: tied to `a`, expected: a parameter, got: a buffer");
}

#[derive(Module, Clone, Debug)]
struct Gpt<D: Device> {
    wte: Embedding<D>,
    #[module(tied = "wte")]
    lm_head: Linear<D>,
}

fn gpt() -> Gpt<Meta> {
    Gpt { wte: Embedding::new(3, 2), lm_head: Linear::new(2, 3).bias(false) }
}

fn rows(state: &StateDict, key: &str) -> Vec<Vec<f32>> {
    state.get(key).unwrap().read().unwrap().to_vec2().unwrap()
}

/// In PyTorch too, `gpt.wte = nn.Embedding(5, 2)` leaves `gpt.lm_head.weight` as it was.
#[test]
fn a_field_that_is_given_another_tensor_is_no_longer_tied() {
    let mut gpt = gpt().init_seeded(Cpu, 0).unwrap();
    let old = gpt.lm_head.weight.to_vec2::<f32>().unwrap();
    gpt.wte = Embedding::new(5, 2).init_seeded(Cpu, 1).unwrap();
    gpt.requires_grad(false).unwrap();
    gpt.requires_grad(true).unwrap();
    assert_eq!(gpt.lm_head.weight.to_vec2::<f32>().unwrap(), old);
    let names: Vec<_> = gpt.named_parameters().into_iter().map(|(key, _)| key).collect();
    assert_eq!(names, ["wte.weight", "lm_head.weight"]);
    assert_eq!((gpt.num_parameters(), gpt.parameters().unwrap().len()), (16, 2));

    let saved = gpt.state_dict().unwrap();
    assert_eq!(rows(&saved, "lm_head.weight"), old);
    let gpt = gpt.to(Cpu).unwrap().to_dtype(DType::F64).unwrap().to_dtype(DType::F32).unwrap();
    assert_eq!(gpt.lm_head.weight.to_vec2::<f32>().unwrap(), old);
    let again = gpt.load_state_dict(&saved, Cpu).unwrap();
    assert_eq!(again.lm_head.weight.to_vec2::<f32>().unwrap(), old);
}

#[test]
fn what_was_saved_of_two_tensors_does_not_load_as_one() {
    let mut net = gpt().init_seeded(Cpu, 0).unwrap();
    net.wte = Embedding::new(3, 2).init_seeded(Cpu, 1).unwrap();
    let saved = net.state_dict().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.safetensors");
    saved.save(&path).unwrap();
    let written = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    assert_eq!(rows(&written, "lm_head.weight"), net.lm_head.weight.to_vec2::<f32>().unwrap());
    let error = load_error(&gpt(), &written);
    assert!(error.contains("different data"), "{error}");
    net.lm_head.weight = net.wte.weight.clone();
    assert_eq!(net.num_parameters(), 6);
    gpt().load_state_dict(&net.state_dict().unwrap(), Cpu).unwrap();
}

/// The walk that converts meets one tensor under both names, already converted under the first.
#[test]
fn a_conversion_keeps_ties_in_both_orders() {
    let gpt = gpt().init(Cpu).unwrap().to_dtype(DType::F64).unwrap();
    assert_eq!(gpt.wte.weight.leaf().identity(), gpt.lm_head.weight.leaf().identity());
    let mut gpt = gpt.clone().to_dtype(DType::F32).unwrap();
    gpt.requires_grad(true).unwrap();
    assert_eq!(gpt.parameters().unwrap().len(), 1);
}
