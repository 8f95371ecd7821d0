//! Loads a file and saves it as shards, in a process that cannot start a thread: with `RUST_MIN_STACK` so large that the
//! system refuses the stack.
//!
//! `reload FROM TO SHARD` reads FROM and writes TO, in shards of SHARD bytes.

#![allow(clippy::print_stderr, reason = "what went wrong is what the test looks at")]

use std::process::ExitCode;

use model_runtime::checkpoint::SaveOptions;
use model_runtime::prelude::*;

type Net<D> = std::collections::BTreeMap<String, Buffer<D>>;

fn main() -> ExitCode {
    if std::thread::Builder::new().spawn(|| ()).is_ok() {
        eprintln!("this process can start threads");
        return ExitCode::FAILURE;
    }
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().unwrap_or_default();
    let (from, to, shard) = (argument(), argument(), argument().parse().unwrap_or_default());
    match reload(&from, &to, shard) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn reload(from: &str, to: &str, shard: u64) -> Result<()> {
    let tensors = Checkpoint::open(from)?.state_dict()?.tensors()?;
    let named = |(key, tensor)| Ok((key, Buffer::from_tensor(Tensor::try_from_candle(tensor)?)));
    let net: Net<Cpu> = tensors.into_iter().map(named).collect::<Result<_>>()?;
    net.state_dict()?.save_with(to, &SaveOptions::new().max_shard_size(shard))
}
