//! Losses against PyTorch's numbers, and the labels that they refuse.

use model_runtime::prelude::*;

fn logits() -> Tensor<Cpu> {
    Tensor::new(&[[2f32, 0.0, -1.0], [0.0, 2.0, 0.5]], Cpu).unwrap()
}

/// `torch.nn.functional`, for the logits above, labels `[0, 2]` and their one-hot vectors.
#[test]
fn losses_are_pytorchs() {
    let labels = Tensor::new(&[0u32, 2], Cpu).unwrap();
    let one_hot = labels.one_hot(3, 1f32, 0.0).unwrap();
    for (loss, expected) in [
        (loss::cross_entropy(&logits(), &labels), 0.9881),
        (loss::nll(&logits().log_softmax(1).unwrap(), &labels), 0.9881),
        (loss::mse(&logits(), &one_hot), 1.0417),
        (loss::binary_cross_entropy_with_logit(&logits(), &one_hot), 0.7379),
        (loss::huber(&logits(), &one_hot, 0.5), 0.2917),
    ] {
        let loss = loss.unwrap().to_scalar::<f32>().unwrap();
        assert!((loss - expected).abs() < 1e-4, "{loss}, PyTorch has {expected}");
    }
}

/// PyTorch's `ignore_index`, and labels past the last class.
#[test]
fn labels_that_are_no_class_are_refused() {
    for label in [-100i64, -1, 3] {
        let labels = Tensor::new(&[0, label], Cpu).unwrap();
        assert!(loss::cross_entropy(&logits(), &labels).is_err(), "{label}");
    }
    assert!(loss::cross_entropy(&logits(), &Tensor::new(&[0u8, 3], Cpu).unwrap()).is_err());
    assert!(loss::cross_entropy(&logits(), &Tensor::new(&[0f32, 1.0], Cpu).unwrap()).is_err());
    assert!(loss::cross_entropy(&logits(), &Tensor::new(&[0u32], Cpu).unwrap()).is_err());
    assert!(loss::mse(&logits(), &Tensor::new(&[0f32, 1.0], Cpu).unwrap()).is_err());
}
