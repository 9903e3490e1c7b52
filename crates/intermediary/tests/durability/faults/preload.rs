//! A library that makes the files and the clock of one process fail, while the test says so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// A file's way to the disk.
    Sync = 1,
    /// A write to a file.
    Write = 2,
}

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
            ("FAULT_HOLD", name(self.folder.join("hold"))),
            ("FAULT_PASS", name(self.folder.join("pass"))),
            ("FAULT_HELD", name(self.folder.join("held"))),
            ("FAULT_FOLDER", name(files.to_owned())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// From now on each write fails with this number; with 0 none does.
    pub(super) fn fail(&self, errno: i32) {
        self.tell("flag", &errno.to_string());
    }

    /// From now on each of these waits, after so many that do not.
    pub(super) fn hold(&self, what: Held, pass: u64) {
        self.tell("pass", &pass.to_string());
        self.tell("hold", &(what as u8).to_string());
    }

    /// How many have waited or passed since the first hold; the last of them may wait now.
    pub(super) fn held(&self) -> u64 {
        fs::read_to_string(self.folder.join("held"))
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
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
