//! Containers in containers, parameters of every kind, and types behind other names.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use model_runtime::prelude::*;

use crate::fixture::{keys, layer};

#[test]
fn containers_nest_in_each_other() {
    #[expect(clippy::type_complexity, reason = "such types are what the test is about")]
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        grid: Vec<[Option<Linear<D>>; 2]>,
        named: IndexMap<String, Vec<(Linear<D>, Box<Param<D>>)>>,
        maps: BTreeMap<String, HashMap<String, Arc<Linear<D>>>>,
        pair: (Vec<Linear<D>>, [BTreeMap<String, Param<D>>; 1]),
    }

    let scale = || Param::new(1, init::ONE);
    let inner: HashMap<_, _> = [("y".to_owned(), Arc::new(layer())), ("x".to_owned(), Arc::new(layer()))].into();
    let net = Net {
        grid: vec![[Some(layer()), None], [None, Some(layer())]],
        named: [("b".to_owned(), vec![(layer(), Box::new(scale()))]), ("a".to_owned(), Vec::new())].into(),
        maps: [("m".to_owned(), inner)].into(),
        pair: (vec![layer()], [[("s".to_owned(), scale())].into()]),
    };
    let expected = [
        "grid.0.0.weight",
        "grid.1.1.weight",
        "named.b.0.0.weight",
        "named.b.0.1",
        "maps.m.x.weight",
        "maps.m.y.weight",
        "pair.0.0.weight",
        "pair.1.0.s",
    ];
    let net = net.init(Cpu).unwrap();
    assert_eq!(keys(&net), expected);
    assert_eq!(keys(&net.to(Auto).unwrap().to(Cpu).unwrap()), expected);
}

#[test]
fn the_nth_of_three_devices_is_that_of_the_nth_parameter() {
    #[derive(Module, Debug)]
    struct Pair<A: Device, B: Device>(Linear<A>, Linear<B>);

    #[expect(clippy::type_complexity, reason = "such types are what the test is about")]
    #[derive(Module, Debug)]
    struct Net<A, B: Device, C>
    where
        C: Device,
        A: Device,
    {
        last: Linear<C>,
        turned: Pair<C, A>,
        all: HashMap<String, (Linear<B>, Linear<C>, Linear<A>)>,
        twice: Pair<B, B>,
    }

    let all = HashMap::from([("k".to_owned(), (layer(), layer(), layer()))]);
    let net = Net { last: layer(), turned: Pair(layer(), layer()), all, twice: Pair(layer(), layer()) };
    let net: Net<Cpu, Auto, Cpu> = net.init((Cpu, Auto, Cpu)).unwrap();
    let (b, c, a) = &net.all["k"];
    let (_, _, _): (&Linear<Auto>, &Linear<Cpu>, &Linear<Cpu>) = (b, c, a);
    let net: Net<Auto, Cpu, Cpu> = net.to((Auto, Cpu)).unwrap();
    let _: &Pair<Cpu, Auto> = &net.turned;
    assert_eq!(net.num_parameters(), 8);
}

#[test]
fn parameters_of_every_kind_have_defaults() {
    #[derive(Module, Debug)]
    struct Net<'a, D: Device = Meta, M: Module = Linear<D>, T = u8, const N: usize = 2, const BIAS: bool = true> {
        blocks: [M; N],
        scale: Param<D>,
        #[module(skip)]
        names: &'a [T],
    }

    let names = [1u8, 2];
    let net: Net<'_> = Net { blocks: [layer(), layer()], scale: Param::new(1, init::ONE), names: &names };
    let net: Net<'_, Cpu, Linear<Cpu>> = net.init(Cpu).unwrap();
    assert_eq!(keys(&net), ["blocks.0.weight", "blocks.1.weight", "scale"]);
    assert_eq!(net.names, [1, 2]);
}

#[test]
fn aliases_and_re_exports_are_what_they_name() {
    mod layers {
        pub use model_runtime::nn::Linear as Dense;
        pub type List<D> = Vec<Dense<D>>;
        pub type OnTwo<A, B> = (Dense<A>, Dense<B>);
    }

    #[derive(Module, Debug)]
    struct Net<A: Device, B: Device> {
        list: layers::List<B>,
        two: layers::OnTwo<A, B>,
        dense: layers::Dense<A>,
    }

    let net = Net { list: vec![layer()], two: (layer(), layer()), dense: layer() };
    let net: Net<Auto, Cpu> = net.init((Auto, Cpu)).unwrap();
    assert_eq!(keys(&net), ["list.0.weight", "two.0.weight", "two.1.weight", "dense.weight"]);
}

#[test]
fn two_types_can_hold_each_other() {
    #[derive(Module, Debug)]
    struct Left<A: Device, B: Device> {
        fc: Linear<A>,
        right: Option<Box<Right<B, A>>>,
    }

    #[derive(Module, Debug)]
    struct Right<A: Device, B: Device> {
        fc: Linear<A>,
        left: Vec<Left<B, A>>,
    }

    let right = Right { fc: layer(), left: vec![Left { fc: layer(), right: None }] };
    let net: Left<Cpu, Auto> = Left { fc: layer(), right: Some(Box::new(right)) }.init((Cpu, Auto)).unwrap();
    assert_eq!(keys(&net), ["fc.weight", "right.fc.weight", "right.left.0.fc.weight"]);
}

#[test]
fn written_bounds_stand_in_for_those_of_skipped_fields() {
    trait Vocabulary {
        type Word;
    }
    #[derive(Debug)]
    struct English;
    impl Vocabulary for English {
        type Word = &'static str;
    }

    struct Words<V: Vocabulary>(Vec<V::Word>);
    impl<V: Vocabulary<Word: Clone>> Clone for Words<V> {
        fn clone(&self) -> Self {
            Self(self.0.clone())
        }
    }

    #[derive(Module)]
    #[module(bound = "V: Vocabulary, V::Word: Clone")]
    struct Net<D: Device, V: Vocabulary> {
        fc: Linear<D>,
        #[module(skip)]
        words: Words<V>,
    }

    let net: Net<Cpu, English> = Net { fc: layer(), words: Words(vec!["a"]) }.init(Cpu).unwrap();
    assert_eq!(net.words.0, ["a"]);
}
