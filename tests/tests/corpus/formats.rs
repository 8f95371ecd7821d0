//! Good files around a pickle, a tensor or a header, one function a format.

use super::pickle::{dict, floats, pickle, tensor};
use super::zip::{Part, archive};

/// The zip archive of `torch.save` with this `data.pkl` and the storage of the good tensor.
pub fn zip(data_pkl: Vec<u8>) -> Vec<u8> {
    archive(&parts(data_pkl))
}

pub fn parts(data_pkl: Vec<u8>) -> Vec<Part> {
    vec![
        Part::new("a/data.pkl", &data_pkl),
        Part::new("a/byteorder", b"little"),
        Part::new("a/data/0", &floats()),
        Part::new("a/version", b"3\n"),
    ]
}

/// An archive that holds `{"w": tensor, "x": value}`.
pub fn beside(value: Vec<u8>) -> Vec<u8> {
    zip(pickle(&dict(&[("w", tensor()), ("x", value)])))
}

/// An archive that holds `{"w": value}`.
pub fn only(value: Vec<u8>) -> Vec<u8> {
    zip(pickle(&dict(&[("w", value)])))
}

pub fn good() -> Vec<u8> {
    only(tensor())
}
