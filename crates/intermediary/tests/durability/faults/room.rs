//! A small disk of a test's own: a tmpfs, unmounted with the test.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// A mounted tmpfs.
pub(super) struct Room {
    path: PathBuf,
}

impl Room {
    /// Mounts one of so many megabytes at a new folder; `None` without the right to.
    pub(super) fn mount(path: PathBuf, megabytes: u32) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let options = format!("size={megabytes}m,mode=1777");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "banq-faults"]).arg(&path);
        let done = mount.stderr(std::process::Stdio::null()).status();
        done.is_ok_and(|status| status.success()).then_some(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves no byte free.
    pub(super) fn fill(&self) {
        let mut ballast = File::create(self.path.join("ballast")).unwrap();
        for size in [1 << 16, 1 << 12] {
            let piece = vec![1; size];
            loop {
                match ballast.write_all(&piece) {
                    Ok(()) => {}
                    Err(full) if full.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    /// Makes room again.
    pub(super) fn empty(&self) {
        std::fs::remove_file(self.path.join("ballast")).unwrap();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Lazily: a PostgreSQL on it may still be ending.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
