use model_runtime::prelude::*;
use model_runtime::tensor::kv_cache::KvCache;

fn grown(cache: &mut KvCache<Cuda<0>>, k: &Tensor<Cpu>, v: &Tensor<Cuda<0>>) -> Result<()> {
    cache.append(k, v)?;
    Ok(())
}

fn main() {}
