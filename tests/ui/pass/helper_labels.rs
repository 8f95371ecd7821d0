//! Labels, ids and indices, moved to the device of what they are for.

use model_runtime::prelude::*;

/// The losses of a batch whose labels were read on the CPU.
fn losses<D: Compute>(logits: &Tensor<D>, labels: &Tensor<Cpu>) -> Result<Vec<f32>> {
    let labels = labels.to(logits.device())?;
    let one_hot = labels.one_hot(logits.dim(1)?, 1f32, 0.0)?;
    let losses = [
        loss::cross_entropy(logits, &labels)?,
        loss::nll(&logits.log_softmax(1)?, &labels)?,
        loss::mse(logits, &one_hot)?,
        loss::binary_cross_entropy_with_logit(logits, &one_hot)?,
        loss::huber(logits, &one_hot, 1.0)?,
    ];
    losses.iter().map(Tensor::to_scalar).collect()
}

/// Rows of a table by ids, in three ways.
fn rows<D: Compute>(table: &Tensor<D>, ids: &Tensor<D>) -> Result<[Tensor<D>; 3]> {
    Ok([table.embedding(ids)?, table.index_select(ids, 0)?, table.i(ids)?])
}

pub fn main() -> Result<()> {
    Auto::select("cpu")?;
    let logits = Tensor::new(&[[2f32, 0.0], [0.0, 2.0]], Auto)?;
    let labels = Tensor::new(&[0u32, 0], Cpu)?;
    // torch.nn.functional: cross_entropy, nll_loss, mse_loss, binary_cross_entropy_with_logits, huber_loss
    let expected = [1.1269, 1.1269, 1.5, 0.9100, 0.6250];
    for (loss, expected) in losses(&logits, &labels)?.into_iter().zip(expected) {
        assert!((loss - expected).abs() < 1e-4, "{loss} is not {expected}");
    }
    for rows in rows(&logits, &labels.to(Auto)?)? {
        assert_eq!(rows.to_vec2::<f32>()?, [[2.0, 0.0], [2.0, 0.0]]);
    }
    Ok(())
}
