//! Opcodes with their operands: 68 opcodes become a dozen instructions.

use super::graph::{Node, Run};
use super::input::{Input, Span};
use super::opcode::OpCode;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::value::BigInt;

/// The newest protocol, of Python 3.8.
const NEWEST_PROTOCOL: u8 = 5;

/// What an opcode does to the machine.
#[derive(Debug)]
pub(super) enum Instruction {
    /// Nothing: a header, a frame.
    Skip,
    Stop,
    /// Pushes a new node.
    Push(Node),
    Mark,
    Pop,
    PopMark,
    Dup,
    Put(u32),
    Memoize,
    Get(u32),
    Make(Make),
    Change(Change),
}

/// Replaces values on the stack by one that is made of them.
#[derive(Debug)]
pub(super) enum Make {
    /// Of the top values.
    Tuple(usize),
    TupleFromMark,
    ListFromMark,
    DictFromMark,
    FrozenSetFromMark,
    PersistentId,
    StackGlobal,
    Reduce,
    /// `NEWOBJ`: as `REDUCE`, through `__new__`.
    New,
    ReduceWithKeywords,
    /// `INST`: the class is in the operand, the arguments are above the mark.
    Inst(Span, Span),
    /// `OBJ`: the class is the first value above the mark.
    Obj,
}

/// Adds operands on the stack to the value under them.
#[derive(Debug)]
pub(super) enum Change {
    Append,
    /// Appends to a list.
    Extend,
    /// Adds to a set.
    AddItems,
    SetItem,
    SetItems,
    Build,
}

/// Reads the operand of `op`.
// Each pass matches on what it returns. Out of line that goes through memory, and a pass takes a fifth longer.
#[inline(always)]
pub(super) fn instruction(op: OpCode, input: &mut Input<'_>, limits: &Limits) -> Result<Instruction> {
    Ok(match op {
        OpCode::Proto => protocol(input)?,
        OpCode::Frame => frame(input)?,
        OpCode::Stop => Instruction::Stop,
        OpCode::Mark => Instruction::Mark,
        OpCode::Pop => Instruction::Pop,
        OpCode::PopMark => Instruction::PopMark,
        OpCode::Dup => Instruction::Dup,
        OpCode::Put => Instruction::Put(text_index(input)?),
        OpCode::BinPut => Instruction::Put(u8::from_le_bytes(input.array()?).into()),
        OpCode::LongBinPut => Instruction::Put(u32::from_le_bytes(input.array()?)),
        OpCode::Get => Instruction::Get(text_index(input)?),
        OpCode::BinGet => Instruction::Get(u8::from_le_bytes(input.array()?).into()),
        OpCode::LongBinGet => Instruction::Get(u32::from_le_bytes(input.array()?)),
        OpCode::Memoize => Instruction::Memoize,
        OpCode::Append => Instruction::Change(Change::Append),
        OpCode::Appends => Instruction::Change(Change::Extend),
        OpCode::AddItems => Instruction::Change(Change::AddItems),
        OpCode::SetItem => Instruction::Change(Change::SetItem),
        OpCode::SetItems => Instruction::Change(Change::SetItems),
        OpCode::Build => Instruction::Change(Change::Build),
        OpCode::Tuple1 => Instruction::Make(Make::Tuple(1)),
        OpCode::Tuple2 => Instruction::Make(Make::Tuple(2)),
        OpCode::Tuple3 => Instruction::Make(Make::Tuple(3)),
        OpCode::Tuple => Instruction::Make(Make::TupleFromMark),
        OpCode::List => Instruction::Make(Make::ListFromMark),
        OpCode::Dict => Instruction::Make(Make::DictFromMark),
        OpCode::FrozenSet => Instruction::Make(Make::FrozenSetFromMark),
        OpCode::StackGlobal => Instruction::Make(Make::StackGlobal),
        OpCode::Reduce => Instruction::Make(Make::Reduce),
        OpCode::NewObj => Instruction::Make(Make::New),
        OpCode::NewObjEx => Instruction::Make(Make::ReduceWithKeywords),
        OpCode::Inst => Instruction::Make(Make::Inst(input.line()?, input.line()?)),
        OpCode::Obj => Instruction::Make(Make::Obj),
        OpCode::BinPersId => Instruction::Make(Make::PersistentId),
        _ => Instruction::Push(value(op, input, limits)?),
    })
}

/// The node that `op` pushes without looking at the stack.
fn value(op: OpCode, input: &mut Input<'_>, limits: &Limits) -> Result<Node> {
    Ok(match op {
        OpCode::None => Node::None,
        OpCode::NewTrue => Node::Bool(true),
        OpCode::NewFalse => Node::Bool(false),
        OpCode::EmptyTuple => Node::Tuple(Run::default()),
        OpCode::EmptyList => Node::List(Vec::new()),
        OpCode::EmptySet => Node::Set(Vec::new()),
        OpCode::EmptyDict => Node::Dict(Vec::new()),
        OpCode::BinInt1 => Node::Int(u8::from_le_bytes(input.array()?).into()),
        OpCode::BinInt2 => Node::Int(u16::from_le_bytes(input.array()?).into()),
        OpCode::BinInt => Node::Int(i32::from_le_bytes(input.array()?).into()),
        OpCode::BinFloat => Node::Float(f64::from_be_bytes(input.array()?)),
        OpCode::Long1 => long(u8::from_le_bytes(input.array()?).into(), input, limits)?,
        OpCode::Long4 => long(i32::from_le_bytes(input.array()?).into(), input, limits)?,
        OpCode::ShortBinUnicode => Node::Str(sized(u8::from_le_bytes(input.array()?), input)?),
        OpCode::BinUnicode => Node::Str(sized(u32::from_le_bytes(input.array()?), input)?),
        OpCode::BinUnicode8 => Node::Str(sized(u64::from_le_bytes(input.array()?), input)?),
        OpCode::ShortBinString => Node::ByteStr(sized(u8::from_le_bytes(input.array()?), input)?),
        OpCode::BinString => Node::ByteStr(sized(i32::from_le_bytes(input.array()?), input)?),
        OpCode::ShortBinBytes => Node::Bytes(sized(u8::from_le_bytes(input.array()?), input)?),
        OpCode::BinBytes => Node::Bytes(sized(u32::from_le_bytes(input.array()?), input)?),
        OpCode::BinBytes8 => Node::Bytes(sized(u64::from_le_bytes(input.array()?), input)?),
        OpCode::ByteArray8 => Node::ByteArray(sized(u64::from_le_bytes(input.array()?), input)?),
        OpCode::Global => Node::Global(input.line()?, input.line()?),
        OpCode::Int | OpCode::Long => text_int(input)?,
        OpCode::Float => text_float(input)?,
        OpCode::Unicode | OpCode::String => Err(text_error("a string of protocol 0"))?,
        OpCode::PersId => Err(text_error("a persistent id in text"))?,
        OpCode::Ext1 | OpCode::Ext2 | OpCode::Ext4 => Err(text_error("a class from the extension registry"))?,
        OpCode::NextBuffer | OpCode::ReadOnlyBuffer => Err(text_error("a buffer outside of the pickle"))?,
        _ => Err(CheckpointError::damaged("the opcode pushes no value"))?,
    })
}

fn protocol(input: &mut Input<'_>) -> Result<Instruction> {
    match u8::from_le_bytes(input.array()?) {
        ..=NEWEST_PROTOCOL => Ok(Instruction::Skip),
        version => Err(CheckpointError::unsupported("the pickle protocol is unknown")
            .expected(format_args!("at most {NEWEST_PROTOCOL}"))
            .got(version)),
    }
}

fn frame(input: &mut Input<'_>) -> Result<Instruction> {
    let len = u64::from_le_bytes(input.array()?);
    input.enter_frame(len)?;
    Ok(Instruction::Skip)
}

/// The place in the memo that `PUT` and `GET` of protocol 0 name.
fn text_index(input: &mut Input<'_>) -> Result<u32> {
    let span = input.line()?;
    let index = std::str::from_utf8(input.bytes(span)).ok().and_then(|text| text.parse().ok());
    index.ok_or_else(|| CheckpointError::damaged("the memo index is no number below 2^32"))
}

/// The next `len` bytes, where `len` may be negative in a hostile file.
fn sized<N: Copy + std::fmt::Display>(len: N, input: &mut Input<'_>) -> Result<Span>
where
    usize: TryFrom<N>,
{
    let invalid = || CheckpointError::damaged("the length of an operand is out of range").got(len);
    input.take(usize::try_from(len).map_err(|_| invalid())?)
}

fn long(len: i64, input: &mut Input<'_>, limits: &Limits) -> Result<Node> {
    let limit = limits.integer_bytes;
    if usize::try_from(len).is_ok_and(|len| len > limit) {
        return Err(CheckpointError::limit("an integer is too long", "integer_bytes", limit, len));
    }
    let span = sized(len, input)?;
    Ok(BigInt::parse(input.bytes(span)).map_or_else(Node::BigInt, Node::Int))
}

/// `INT` and `LONG` of protocols 0 and 1: `42`, `42L`, and `00` and `01` for the bools.
fn text_int(input: &mut Input<'_>) -> Result<Node> {
    let span = input.line()?;
    let text = std::str::from_utf8(input.bytes(span)).unwrap_or_default();
    let number: Option<i128> = match text {
        "00" => return Ok(Node::Bool(false)),
        "01" => return Ok(Node::Bool(true)),
        _ => text.strip_suffix('L').unwrap_or(text).parse().ok(),
    };
    let number = number.ok_or_else(|| CheckpointError::damaged("an integer in text is invalid").got(text))?;
    Ok(BigInt::parse(&number.to_le_bytes()).map_or_else(Node::BigInt, Node::Int))
}

fn text_float(input: &mut Input<'_>) -> Result<Node> {
    let span = input.line()?;
    let text = std::str::from_utf8(input.bytes(span)).unwrap_or_default();
    let invalid = || CheckpointError::damaged("a float in text is invalid").got(text);
    text.parse().map(Node::Float).map_err(|_| invalid())
}

/// `torch.save` cannot write these.
fn text_error(what: &str) -> CheckpointError {
    CheckpointError::unsupported(format_args!("{what}, which `torch.save` does not write"))
}
