//! The windows of a pooling: where they lie, and the poolings that candle has no kernel or no gradient for.

use candle_core::{Result, Tensor, bail};

/// How windows are laid over one side of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub kernel_size: usize,
    pub stride: usize,
    pub padding: usize,
    pub dilation: usize,
    pub ceil_mode: bool,
}

/// The windows over one side of an image of a known size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    pub side: Side,
    /// The size of the side, without padding.
    pub size: usize,
    /// The number of windows: the size of the output.
    pub count: usize,
}

impl Side {
    /// Whether candle's kernel takes it as it is: windows inside the input and, where a gradient is wanted, each element in one.
    #[inline]
    pub(super) fn is_plain(self, size: usize, has_gradient: bool) -> bool {
        let Self { kernel_size, stride, padding, dilation, ceil_mode } = self;
        let fits = padding == 0 && dilation == 1 && stride > 0 && (1..=size).contains(&kernel_size);
        fits && (kernel_size == stride && size.is_multiple_of(stride) || !ceil_mode && !has_gradient)
    }

    /// The windows over a side of `size` elements.
    ///
    /// [`pooling_output_shape`](https://github.com/pytorch/pytorch/blob/v2.9.0/aten/src/ATen/native/Pool.h#L34-L62)
    pub(super) fn windows(self, layer: &str, size: usize) -> Result<Windows> {
        self.check(layer)?;
        let padded = size + 2 * self.padding;
        let covered = self.covered();
        let rounding = if self.ceil_mode { self.stride - 1 } else { 0 };
        let Some(room) = (padded + rounding).checked_sub(covered) else {
            bail!("{layer}: padded input, expected: at least the kernel's {covered}, got: {padded}")
        };
        let count = room / self.stride + 1;
        // The last window starts inside the input or the padding before it.
        let is_outside = self.ceil_mode && (count - 1) * self.stride >= size + self.padding;
        Ok(Windows { side: self, size, count: if is_outside { count - 1 } else { count } })
    }

    /// The elements between the first and the last of a window.
    fn covered(self) -> usize {
        self.dilation * (self.kernel_size - 1) + 1
    }

    fn check(self, layer: &str) -> Result<()> {
        let sizes = [("kernel_size", self.kernel_size), ("stride", self.stride), ("dilation", self.dilation)];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            bail!("{layer}: {name} should be greater than zero, got: 0")
        }
        let (padding, covered) = (self.padding, self.covered());
        if padding > covered / 2 {
            bail!("{layer}: padding, expected: at most half of the kernel's {covered}, got: {padding}")
        }
        Ok(())
    }
}

impl Windows {
    /// The zeros before the first element and those that the last window reaches after the last one.
    pub(super) fn margins(&self) -> (usize, usize) {
        let end = (self.count - 1) * self.side.stride + self.side.covered();
        (self.side.padding, end.saturating_sub(self.size + self.side.padding))
    }

    /// Whether each element is in one window, and all windows are full: what candle's gradients are right for.
    pub(super) fn is_partition(&self) -> bool {
        let Side { kernel_size, stride, padding, dilation, .. } = self.side;
        kernel_size == stride && padding == 0 && dilation == 1 && self.count * stride == self.size
    }

    /// The elements of a window that lie inside the image, `start..end`.
    pub(super) fn inside(&self, window: usize) -> (usize, usize) {
        let start = window * self.side.stride;
        let end = (start + self.side.covered()).saturating_sub(self.side.padding).min(self.size);
        (start.saturating_sub(self.side.padding), end)
    }

    /// The elements of a window that lie inside the padded image.
    pub(super) fn padded_len(&self, window: usize) -> usize {
        let start = window * self.side.stride;
        (start + self.side.covered()).min(self.size + 2 * self.side.padding) - start
    }

    /// For each element of the kernel, its place in each window; that of another element where it lies outside.
    fn taps(&self) -> Option<Vec<Vec<u32>>> {
        let Side { kernel_size, stride, padding, dilation, .. } = self.side;
        let place = |window: usize, tap: usize| {
            let place = (window * stride + tap * dilation).checked_sub(padding)?;
            (place < self.size).then_some(place as u32)
        };
        let tap = |tap: usize| {
            let inside =
                |window: usize| place(window, tap).or_else(|| (0..kernel_size).find_map(|tap| place(window, tap)));
            (0..self.count).map(inside).collect()
        };
        (0..kernel_size).map(tap).collect()
    }
}

/// The largest element of each window along `dim`, with candle's gradient of `maximum`.
pub(super) fn max(layer: &str, x: &Tensor, dim: usize, windows: &Windows) -> Result<Tensor> {
    let Some(taps) = windows.taps() else {
        bail!("{layer}: a window has no element inside the input (input {:?})", x.dims())
    };
    let mut largest: Option<Tensor> = None;
    for places in taps {
        let tap = x.index_select(&Tensor::new(places, x.device())?, dim)?;
        largest = Some(match largest {
            Some(largest) => largest.maximum(&tap)?,
            None => tap,
        });
    }
    largest.ok_or_else(|| candle_core::Error::Msg(format!("{layer}: kernel_size should be greater than zero, got: 0")))
}

/// The sums of ranges along `dim`, each over its own divisor.
pub(super) fn average(x: &Tensor, dim: usize, ranges: impl Iterator<Item = ((usize, usize), usize)>) -> Result<Tensor> {
    let averages: Vec<_> = ranges
        .map(|((start, end), divisor)| x.narrow(dim, start, end - start)?.sum_keepdim(dim)? / divisor as f64)
        .collect::<Result<_>>()?;
    Tensor::cat(&averages, dim)
}
