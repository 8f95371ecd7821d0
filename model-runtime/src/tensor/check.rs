//! Arguments that candle would divide by, or subtract too much from: an error here instead of a panic there.

use crate::error::{Error, Result};

/// Checks a size, stride or count that must not be zero.
pub(super) fn not_zero(op: &str, what: &str, value: usize) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(invalid(format!("{op}, expected: a {what} of at least 1, got: 0"))) }
}

/// The arguments of a convolution that its output size depends on.
#[derive(Clone, Copy)]
pub(super) struct Conv<'a> {
    pub(super) op: &'a str,
    pub(super) input: &'a [usize],
    pub(super) kernel: &'a [usize],
    pub(super) padding: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
}

impl Conv<'_> {
    /// Checks that the kernel is not larger than the padded input.
    pub(super) fn check(self) -> Result<()> {
        self.check_sizes(|size, reach| size + 2 * self.padding > reach, "a kernel that fits into the padded input")
    }

    /// Checks that padding does not take away more than a transposed convolution makes.
    pub(super) fn check_transposed(self, output_padding: usize) -> Result<()> {
        let fits = |size: usize, reach: usize| {
            size > 0 && (size - 1) * self.stride + reach + output_padding + 1 > 2 * self.padding
        };
        self.check_sizes(fits, "an output that is not empty")
    }

    /// Asks `fits(input size, reach of the kernel)` for each dimension behind batch and channels. Numbers of dimensions
    /// that do not fit are left to candle.
    fn check_sizes(self, fits: impl Fn(usize, usize) -> bool, expected: &str) -> Result<()> {
        let Self { op, input, kernel, padding, stride, dilation } = self;
        not_zero(op, "stride", stride)?;
        for (&size, &kernel_size) in input.iter().zip(kernel).skip(2) {
            not_zero(op, "kernel size", kernel_size)?;
            if !fits(size, dilation * (kernel_size - 1)) {
                let got = format!("input {input:?}, kernel {kernel:?}, padding {padding}, dilation {dilation}");
                return Err(invalid(format!("{op}, expected: {expected}, got: {got}")));
            }
        }
        Ok(())
    }
}

/// Checks the arguments of pooling.
pub(super) fn pool(op: &str, kernel_size: (usize, usize), stride: (usize, usize)) -> Result<()> {
    not_zero(op, "kernel size", kernel_size.0.min(kernel_size.1))?;
    not_zero(op, "stride", stride.0.min(stride.1))
}

fn invalid(text: String) -> Error {
    Error::from(candle_core::Error::Msg(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_may_be_as_large_as_the_padded_input_and_no_larger() {
        let conv =
            |kernel| Conv { op: "conv1d", input: &[1, 1, 3], kernel, padding: 1, stride: 1, dilation: 1 }.check();
        assert!(conv(&[1, 1, 5]).is_ok());
        let error = conv(&[1, 1, 6]).expect_err("too large").to_string();
        assert!(error.contains("expected: a kernel that fits"), "{error}");
        assert!(conv(&[1, 1, 0]).is_err());
    }

    #[test]
    fn padding_may_not_take_away_all_of_a_transposed_convolution() {
        let conv = |padding| Conv {
            op: "conv_transpose1d",
            input: &[1, 1, 2],
            kernel: &[1, 1, 2],
            padding,
            stride: 1,
            dilation: 1,
        };
        assert!(conv(1).check_transposed(0).is_ok());
        assert!(conv(2).check_transposed(0).is_err());
    }
}
