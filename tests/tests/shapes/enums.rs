//! Enums: one attribute of a PyTorch class that holds one module or another.

use model_runtime::prelude::*;

use crate::fixture::{Saved, keys, layer};

#[derive(Module, Clone, Debug)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    Projected(LayerNorm<D>, Linear<D>),
    None,
}

#[derive(Module, Clone, Debug)]
struct Net<D: Device> {
    fc: Linear<D>,
    norm: Norm<D>,
}

fn net(norm: Norm<Meta>) -> Net<Meta> {
    Net { fc: Linear::new(4, 4), norm }
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x = self.fc.forward(x)?;
        match &self.norm {
            Norm::Layer(norm) => norm.forward(&x),
            Norm::Projected(norm, fc) => fc.forward(&norm.forward(&x)?),
            Norm::None => Ok(x),
        }
    }
}

#[test]
fn a_variant_has_the_keys_of_what_it_holds() {
    let layer = Saved::open("norm_layer").check(&net(Norm::Layer(LayerNorm::new(4))));
    assert!(matches!(layer.norm, Norm::Layer(_)));
    let both = Norm::Projected(LayerNorm::new(4), Linear::new(4, 4));
    assert!(matches!(Saved::open("norm_sequential").check(&net(both)).norm, Norm::Projected(..)));
    assert!(matches!(Saved::open("norm_none").check(&net(Norm::None)).norm, Norm::None));
}

#[test]
fn the_file_of_another_variant_is_refused_with_its_keys() {
    let saved = Saved::open("norm_layer");
    let error = net(Norm::None).load_state_dict(&saved.state, Cpu).unwrap_err().to_string();
    assert!(error.contains("norm.weight") && error.contains("norm.bias"), "{error}");
    let both = Norm::Projected(LayerNorm::new(4), Linear::new(4, 4));
    let error = net(both).load_state_dict(&saved.state, Cpu).unwrap_err().to_string();
    assert!(error.contains("norm.0.weight") && error.contains("norm.{0,1}.bias"), "{error}");
}

#[test]
fn an_enum_moves_trains_converts_and_saves_as_a_struct_does() {
    let mut net = net(Norm::Layer(LayerNorm::new(4))).init_seeded(Cpu, 0).unwrap();
    assert_eq!(net.parameters().unwrap().len(), 4);
    net.requires_grad(false).unwrap();
    assert!(net.parameters().is_err());

    let expected = net.state_dict().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    expected.save(&path).unwrap();
    let moved: Net<Auto> = net.to(Auto).unwrap();
    let back: Net<Cpu> = moved.to(Cpu).unwrap();
    let reloaded = net_like(&back).load_state_dict(&Checkpoint::open(&path).unwrap().state_dict().unwrap(), Cpu);
    assert_eq!(keys(&reloaded.unwrap()), ["fc.weight", "fc.bias", "norm.weight", "norm.bias"]);

    let half = back.to_dtype(DType::F16).unwrap();
    let Norm::Layer(norm) = &half.norm else { panic!("the variant has changed") };
    assert_eq!(norm.named_parameters()[0].1.dtype(), DType::F16);
}

/// A declaration with the same variant.
fn net_like<D: Device>(other: &Net<D>) -> Net<Meta> {
    net(match other.norm {
        Norm::Layer(_) => Norm::Layer(LayerNorm::new(4)),
        Norm::Projected(..) => Norm::Projected(LayerNorm::new(4), Linear::new(4, 4)),
        Norm::None => Norm::None,
    })
}

#[test]
fn fields_of_variants_take_attributes() {
    #[derive(Clone, Debug, PartialEq)]
    struct Note(&'static str);

    #[derive(Module, Debug)]
    enum Table<D: Device> {
        Learned {
            #[module(rename = "weight")]
            table: Param<D>,
            #[module(skip)]
            note: Note,
        },
        Fixed {
            #[module(persistent = false)]
            table: Buffer<D>,
            scale: Param<D>,
            heads: usize,
        },
        Named(#[module(rename = "only")] Param<D>),
    }

    let learned = Table::Learned { table: Param::new(2, init::ONE), note: Note("a") }.init(Cpu).unwrap();
    assert_eq!(keys(&learned), ["weight"]);
    assert!(matches!(learned, Table::Learned { note: Note("a"), .. }));

    let table = Buffer::new(2, init::ONE);
    let fixed = Table::Fixed { table, scale: Param::new(1, init::ONE), heads: 3 }.init(Cpu).unwrap();
    assert_eq!(keys(&fixed), ["scale"]);
    assert_eq!(fixed.named_buffers()[0].0, "table");
    assert!(matches!(fixed, Table::Fixed { heads: 3, .. }));

    assert_eq!(keys(&Table::Named(Param::new(1, init::ONE)).init(Cpu).unwrap()), ["only"]);
}

#[test]
fn variants_can_be_on_several_devices() {
    #[derive(Module, Debug)]
    enum Stage<A: Device, B: Device> {
        First(Linear<A>),
        Second(Linear<B>),
        Both { back: Linear<B>, forth: Linear<A> },
    }

    #[derive(Module, Debug)]
    struct Net<A: Device, B: Device> {
        stages: Vec<Stage<B, A>>,
    }

    let stages = vec![Stage::First(layer()), Stage::Second(layer()), Stage::Both { back: layer(), forth: layer() }];
    let net: Net<Auto, Cpu> = Net { stages }.init((Auto, Cpu)).unwrap();
    assert_eq!(keys(&net), ["stages.0.weight", "stages.1.weight", "stages.2.back.weight", "stages.2.forth.weight"]);
    let Stage::First(first) = &net.stages[0] else { panic!("the variant has changed") };
    let _: &Linear<Cpu> = first;
    let net: Net<Cpu, Cpu> = net.to(Cpu).unwrap();
    assert_eq!(net.num_parameters(), 4);
}

#[test]
fn an_enum_without_tensors_is_configuration() {
    #[derive(Module, Clone, Debug, Default, PartialEq)]
    enum Pooling {
        #[default]
        Mean,
        Window(usize),
        Named {
            name: String,
        },
    }

    #[derive(Module, Debug)]
    struct Net<D: Device> {
        fc: Linear<D>,
        pooling: [Pooling; 3],
    }

    let pooling = [Pooling::Mean, Pooling::Window(3), Pooling::Named { name: "max".into() }];
    let net = Net { fc: layer(), pooling: pooling.clone() }.init(Cpu).unwrap();
    assert_eq!(net.pooling, pooling);
    assert_eq!(keys(&net), ["fc.weight"]);
}

#[test]
fn an_enum_can_hold_itself_and_types_that_hold_it() {
    #[derive(Module, Debug)]
    enum Tree<D: Device> {
        Leaf(Linear<D>),
        Pair(Box<Self>, Box<Tree<D>>),
        Many { nodes: Vec<Node<D>> },
    }

    #[derive(Module, Debug)]
    struct Node<D: Device> {
        tree: Option<Box<Tree<D>>>,
    }

    let leaf = || Tree::Leaf(layer());
    let nodes = vec![Node { tree: None }, Node { tree: Some(Box::new(leaf())) }];
    let tree = Tree::Pair(Box::new(leaf()), Box::new(Tree::Many { nodes }));
    assert_eq!(keys(&tree.init(Cpu).unwrap()), ["0.weight", "1.nodes.1.tree.weight"]);
}

#[test]
fn an_enum_without_variants_is_a_module_that_nobody_has() {
    #[derive(Module, Debug)]
    enum Never {}

    #[derive(Module, Debug)]
    struct Net<D: Device> {
        fc: Linear<D>,
        absent: Option<Never>,
    }

    assert_eq!(keys(&Net { fc: layer(), absent: None }.init(Cpu).unwrap()), ["fc.weight"]);
}
