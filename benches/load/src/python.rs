//! The Python that has torch, if there is one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// A Python with torch.
pub struct Python {
    program: PathBuf,
    /// Name and version of what is measured in it.
    pub versions: Vec<(String, String)>,
}

const VERSIONS: &str = "import platform, torch, safetensors; print('Python', platform.python_version()); \
                        print('torch', torch.__version__); print('safetensors', safetensors.__version__)";

impl Python {
    /// The one that `TORCH_PYTHON` names, else `python3`, if torch and safetensors are there.
    pub fn find() -> Option<Self> {
        let program = std::env::var_os("TORCH_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
        let output = Command::new(&program).args(["-c", VERSIONS]).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        let versions = text.lines().filter_map(|line| line.split_once(' '));
        Some(Self { program, versions: versions.map(|(name, version)| (name.into(), version.into())).collect() })
    }

    /// A command that runs a script of `python/`.
    pub fn script(&self, name: &str) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name);
        let mut command = Command::new(&self.program);
        // A search for packages that differs from one machine to another is not what is measured.
        command.arg(script).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Runs a script to its end.
    pub fn run(&self, script: &str, argument: &Path) -> Result<()> {
        let status = self.script(script).arg(argument).status()?;
        if status.success() { Ok(()) } else { Err(format!("{script}: {status}").into()) }
    }
}
