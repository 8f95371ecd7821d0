//! `load_state_dict` and `state_dict`: the options of a load, its report, and PyTorch's own tests of them.

mod filters;
mod fixture;
mod merging;
mod names;
mod page;
mod pytorch;
mod pytorch_layers;
mod renames;
mod report;
mod transformer;
