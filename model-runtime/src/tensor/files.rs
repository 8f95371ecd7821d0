//! Single tensors in NumPy and safetensors files. Models have [`Checkpoint`](crate::checkpoint) and state dicts.

use std::io::Write;
use std::path::Path;

use super::{OnDevice, Tensor, doors::handle};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Reads a `.npy` file.
    ///
    /// Corresponds to `torch.from_numpy(numpy.load(path))`, see
    /// [`torch.from_numpy`](https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html).
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is no `.npy` file, or holds columns first or a dtype that candle lacks.
    pub fn read_npy(path: impl AsRef<Path>, device: D) -> Result<Self> {
        let _ = device;
        Ok(Self::wrap(candle_core::Tensor::read_npy(path)?.to_device(&handle::<D>()?)?))
    }

    /// Reads all arrays of a `.npz` file, with their names.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no `.npz` file, or an array as in [`read_npy`](Tensor::read_npy).
    pub fn read_npz(path: impl AsRef<Path>, device: D) -> Result<Vec<(String, Self)>> {
        let _ = device;
        let handle = handle::<D>()?;
        let arrays = candle_core::Tensor::read_npz(path)?.into_iter();
        arrays.map(|(name, array)| Ok((name, Self::wrap(array.to_device(&handle)?)))).collect()
    }

    /// Reads the named arrays of a `.npz` file, in the order of the names.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no `.npz` file, a name that it lacks, or an array as in
    /// [`read_npy`](Tensor::read_npy).
    pub fn read_npz_by_name(path: impl AsRef<Path>, names: &[&str], device: D) -> Result<Vec<Self>> {
        let _ = device;
        let handle = handle::<D>()?;
        let arrays = candle_core::Tensor::read_npz_by_name(path, names)?.into_iter();
        arrays.map(|array| Ok(Self::wrap(array.to_device(&handle)?))).collect()
    }

    /// Writes a `.npy` file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write_npy(&self, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.inner.write_npy(path)?)
    }

    /// Writes a `.npz` file of named tensors.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write_npz<S: AsRef<str>, T: OnDevice<D>>(tensors: &[(S, T)], path: impl AsRef<Path>) -> Result<()> {
        let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name, tensor.operand())).collect();
        Ok(candle_core::Tensor::write_npz(&tensors, path)?)
    }

    /// Writes a safetensors file with this tensor alone, by the name `name`.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn save_safetensors(&self, name: &str, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.inner.save_safetensors(name, path)?)
    }

    /// Writes the bytes of the elements in row-major order, little-endian.
    ///
    /// # Errors
    ///
    /// The writer fails.
    pub fn write_bytes(&self, writer: &mut impl Write) -> Result<()> {
        Ok(self.inner.write_bytes(writer)?)
    }
}
