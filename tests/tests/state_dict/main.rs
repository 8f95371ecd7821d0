//! `load_state_dict` and `state_dict`: the options of a load, its report, and PyTorch's own tests of them.

mod filters;
mod merging;
mod pytorch;
mod renames;
mod report;
mod transformer;
