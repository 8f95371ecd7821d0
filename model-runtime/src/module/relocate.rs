//! [`Relocate`]: the walk that rebuilds a model on other devices.

use super::Module;
use super::leaf::Leaf;
use super::mode::Mode;
use super::path::{At, Path};
use super::ties::{Links, Scopes};
use super::visitor::Mover;
use super::walk::path_methods;
use crate::device::{Device, DeviceError, Placement, Tag};
use crate::error::{Error, Result};
use crate::with::Convert;

/// The walk that rebuilds a model on other devices.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a visitor has no text, and a walk is nothing else")]
pub struct Relocate<'v> {
    path: Path,
    ties: Scopes<Leaf>,
    mover: &'v mut dyn Mover,
    is_plan: bool,
    /// What went wrong first: what is built after it is dropped unused.
    error: Option<Error>,
}

impl<'v> Relocate<'v> {
    /// The copy of `module` on the devices of `P`, with the leaves that `mover` makes.
    ///
    /// # Errors
    ///
    /// The mover's, a leaf without data for a device that computes, and what the attributes say about it is impossible.
    pub(crate) fn rebuild<M: Module, P: Placement>(module: &M, mover: &'v mut dyn Mover) -> Result<M::On<P>> {
        let mut walk = Self::new(mover, false);
        let moved = module.relocate::<P>(&mut walk);
        match walk.error {
            None => Ok(moved),
            Some(error) => Err(error),
        }
    }

    /// Shows `mover` where each leaf goes. What is built is dropped unused, so that its leaves need no data.
    ///
    /// # Errors
    ///
    /// The mover's.
    pub(crate) fn plan<M: Module, P: Placement>(module: &M, mover: &'v mut dyn Mover) -> Result<()> {
        let mut walk = Self::new(mover, true);
        drop(module.relocate::<P>(&mut walk));
        walk.error.map_or(Ok(()), Err)
    }

    fn new(mover: &'v mut dyn Mover, is_plan: bool) -> Self {
        Self { path: Path::default(), ties: Scopes::default(), mover, is_plan, error: None }
    }

    path_methods!(T, <T>);

    /// Says that the next field, of the struct `module`, is tied.
    pub fn tied<M: Module>(&mut self, _path: &str, module: &M) -> &mut Self {
        self.ties.note(self.path.key(), Links::owned(module));
        self
    }

    /// The leaf of the copy, on `D`.
    ///
    /// No `Result`: after each `?`, a struct would have code that drops the fields before it, for every device. After the
    /// first error the walk goes on to its end with leaves that nobody will see, and calls the mover no more.
    #[inline]
    pub fn leaf<D: Device>(&mut self, leaf: &Leaf) -> Leaf {
        self.leaf_on(leaf, D::__tag())
    }

    fn leaf_on(&mut self, leaf: &Leaf, to: Tag) -> Leaf {
        if self.error.is_some() {
            return leaf.clone();
        }
        self.moved(leaf, to).unwrap_or_else(|error| {
            self.error = Some(error);
            leaf.clone()
        })
    }

    fn moved(&mut self, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        let at = self.path.at();
        match self.ties.resolve(at.key) {
            Ok(None) => moved(self.mover, at, leaf, to, self.is_plan),
            Ok(Some(tied)) => {
                let at = At { tied: Some(&tied.key), ..at };
                moved(self.mover, at, &tied.leaf, to, self.is_plan)
            }
            Err(reason) => moved(self.mover, At { invalid: Some(&reason), ..at }, leaf, to, self.is_plan),
        }
    }

    /// The mode of the copy.
    pub fn mode(&mut self, mode: &Mode) -> Mode {
        if self.error.is_some() { mode.clone() } else { self.mover.mode(mode) }
    }
}

fn moved(mover: &mut dyn Mover, at: At<'_>, leaf: &Leaf, to: Tag, is_plan: bool) -> Result<Leaf> {
    if !is_plan {
        // A plan collects all that is wrong.
        at.check()?;
    }
    let moved = mover.leaf(at, leaf, to)?;
    match to {
        // A leaf on `Meta` has no data, whatever the mover has made.
        Tag::Meta => Ok(moved.without_data()),
        Tag::Fixed(_) | Tag::Slot(_) if moved.tensor().is_none() && !is_plan => {
            Err(Error::NoData { key: at.key.to_owned() })
        }
        Tag::Fixed(_) | Tag::Slot(_) => {
            check_place(&moved, to)?;
            Ok(moved)
        }
    }
}

/// The one check that a mover put a leaf where its type will say.
fn check_place(leaf: &Leaf, to: Tag) -> Result<()> {
    match (leaf.tensor(), to.handle()?) {
        (Some(tensor), Some(handle)) if !tensor.device().same_device(&handle) => {
            Err(DeviceError::Mismatch { expected: to.to_string(), got: leaf.device_name() }.into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Meta;
    use crate::nn::{Dropout, Linear};

    /// Counts what it is asked for, and fails at its second leaf.
    #[derive(Default)]
    struct FailsAtTheSecond {
        leaves: usize,
        modes: usize,
    }

    impl Mover for FailsAtTheSecond {
        fn leaf(&mut self, at: At<'_>, leaf: &Leaf, _: Tag) -> Result<Leaf> {
            self.leaves += 1;
            if self.leaves < 2 { Ok(leaf.clone()) } else { Err(Error::NoData { key: at.key.to_owned() }) }
        }

        fn mode(&mut self, mode: &Mode) -> Mode {
            self.modes += 1;
            mode.clone()
        }
    }

    #[test]
    fn after_the_first_error_the_mover_is_called_no_more() {
        let block = || (Dropout::new(0.5), Linear::new(2, 2));
        let mut mover = FailsAtTheSecond::default();
        let error = Relocate::rebuild::<_, Meta>(&vec![block(), block()], &mut mover).map(drop).unwrap_err();
        assert!(error.to_string().contains("0.1.bias"), "{error}");
        assert_eq!((mover.leaves, mover.modes), (2, 1));
    }
}
