//! A library that makes the files and the clock of one process fail, while the test says so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// `preload.c`, built for one test, and the files by which it is told.
pub(super) struct Preload {
    folder: PathBuf,
}

impl Preload {
    /// Builds it in `folder`; `None` where there is no compiler.
    pub(super) fn build(folder: &Path) -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durability/faults/preload.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(folder.join("preload.so"))
            .arg(source)
            .status();
        built.is_ok_and(|status| status.success()).then(|| Self { folder: folder.to_owned() })
    }

    /// What the process needs in its environment, with the folder whose files may fail.
    pub(super) fn environment(&self, files: &Path) -> Vec<(String, String)> {
        let name = |path: PathBuf| path.display().to_string();
        [
            ("LD_PRELOAD", name(self.folder.join("preload.so"))),
            ("FAULT_FLAG", name(self.folder.join("flag"))),
            ("FAULT_CLOCK", name(self.folder.join("clock"))),
            ("FAULT_FOLDER", name(files.to_owned())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// From now on each write fails with this number; with 0 none does.
    pub(super) fn fail(&self, errno: i32) {
        self.tell("flag", &errno.to_string());
    }

    /// From now on the clock is off by so many seconds.
    pub(super) fn set_clock(&self, seconds: i64) {
        self.tell("clock", &seconds.to_string());
    }

    /// At once, as the process reads it again and again.
    fn tell(&self, name: &str, text: &str) {
        let (new, file) = (self.folder.join("new"), self.folder.join(name));
        fs::write(&new, text).unwrap();
        fs::rename(new, file).unwrap();
    }
}
