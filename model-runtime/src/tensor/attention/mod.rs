//! Attention: [`Tensor::sdpa`](crate::Tensor::sdpa) on every device, and candle's fused kernels for the CPU.
//!
//! | function | shapes of query, keys and values | device |
//! |---|---|---|
//! | [`Tensor::sdpa`](crate::Tensor::sdpa) | `(batch, heads, length, features)` | all |
//! | [`flash_attn`] | `(batch, length, heads, features)` | CPU |
//! | [`flash_attn_varlen_cpu`] | `(sum of lengths, heads, features)`: sequences one after the other, no padding | CPU |
//! | [`flash_attn_varlen_unfused`] | the same | all |
//!
//! Keys and values can have fewer heads than the query, if their number divides: each is then used by several.

mod check;
mod flash;
mod mask;
mod sdpa;
mod varlen;

pub use flash::flash_attn;
pub use mask::AttnMask;
pub use varlen::{Varlen, flash_attn_varlen_cpu, flash_attn_varlen_unfused};
