//! Attention with a mask, without one, and with a cache, in device-generic code.

use model_runtime::prelude::*;
use model_runtime::tensor::attention::{AttnMask, flash_attn};
use model_runtime::tensor::kv_cache::KvCache;

fn attended<D: Compute>(q: &Tensor<D>, cache: &mut KvCache<D>, mask: Option<&Tensor<D>>) -> Result<Tensor<D>> {
    let (k, v) = cache.append(q, q)?;
    let masked = q.sdpa(&k, &v, mask, false, 1.0, 1.0)?;
    let causal = q.sdpa(&k, &v, None, true, 1.0, 1.0)?;
    masked + causal
}

pub fn main() -> Result<()> {
    let x = Tensor::ones((1, 1, 2, 4), DType::F32, Cpu)?;
    let mut cache = KvCache::new(2, 8);
    let mask = Tensor::zeros((2, 2), DType::F32, x.device())?;
    assert_eq!(attended(&x, &mut cache, Some(&mask))?.dims(), [1, 1, 2, 4]);
    assert_eq!(attended(&x, &mut cache, None)?.dims(), [1, 1, 2, 4]);
    assert_eq!(cache.current_seq_len(), 4);

    // A mask can be a buffer of the model, too: it lends its tensor.
    let buffer = Buffer::from_tensor(mask);
    assert_eq!(x.sdpa(&x, &x, Some(buffer.tensor()), false, 1.0, 1.0)?.dims(), x.dims());

    let y = x.transpose(1, 2)?;
    for mask in [AttnMask::None, AttnMask::causal(), AttnMask::Mask(buffer.tensor().clone())] {
        assert_eq!(flash_attn(&y, &y, &y, 1.0, mask, None, None)?.dims(), x.dims());
    }
    Ok(())
}
