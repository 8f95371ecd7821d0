//! PyTorch model classes as Rust structs, on candle.
