//! Structs that hold themselves, by name or as `Self`.

use model_runtime::prelude::*;

#[derive(Module)]
struct Tree<A: Device, B: Device> {
    left: Linear<A>,
    right: Linear<B>,
    child: Option<Box<Self>>,
    children: Vec<Tree<A, B>>,
}

#[derive(Module)]
struct Chain<M: Module> {
    item: M,
    next: Option<Box<Chain<M>>>,
}

// Configuration that holds itself, by way of another type and behind an alias.
#[derive(Module, Clone)]
enum Expr {
    Number(usize),
    Block(Stmt),
}

#[derive(Module, Clone)]
struct Stmt {
    body: Vec<Expr>,
}

type Next = Option<Box<Node>>;

#[derive(Module, Clone)]
struct Node {
    number: usize,
    next: Next,
}

fn leaf() -> Tree<Meta, Meta> {
    Tree { left: Linear::new(1, 1), right: Linear::new(1, 1), child: None, children: Vec::new() }
}

pub fn main() -> Result<()> {
    let tree = Tree { child: Some(Box::new(leaf())), children: vec![leaf(), leaf()], ..leaf() };
    let tree: Tree<Cpu, Auto> = tree.init((Cpu, Auto))?;
    let tree: Tree<Auto, Cpu> = tree.to((Auto, Cpu))?;
    assert_eq!(tree.num_parameters(), 16);
    assert_eq!(tree.named_parameters()[4].0, "child.left.weight");

    let program = Stmt { body: vec![Expr::Number(1), Expr::Block(Stmt { body: Vec::new() })] };
    assert_eq!(program.num_parameters(), 0);
    assert_eq!(Node { number: 1, next: Some(Box::new(Node { number: 2, next: None })) }.to(Cpu)?.number, 1);

    let last = Chain { item: Linear::new(1, 1), next: None };
    let chain: Chain<Linear<Cpu>> = Chain { item: Linear::new(1, 1), next: Some(Box::new(last)) }.init(Cpu)?;
    assert_eq!(chain.num_parameters(), 4);
    Ok(())
}
