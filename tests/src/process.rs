//! The programs that a test starts, and everything that these start, ended with the test.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use crate::PATIENCE;

/// A program in a process group of its own. A browser outlives a driver that is killed, and children outlive a test
/// run that is killed: the guard, a shell that waits for the end of its input, ends the whole group in both cases.
pub(crate) struct Process {
    child: Child,
    guard: Child,
}

impl Process {
    /// Starts a program that keeps its files in this folder, if any.
    pub(crate) fn start(command: &mut Command, folder: Option<&Folder>) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = command.stdin(Stdio::null()).process_group(0).spawn();
        let child =
            started.unwrap_or_else(|error| panic!("{name}: {error}; `cargo xtask test` puts it in place"));
        let mut guard = Command::new("sh");
        guard.args(["-c", "read -r _; kill -KILL \"-$0\"; test -z \"$1\" || rm -rf \"$1\""]);
        guard.arg(child.id().to_string()).arg(folder.map(Folder::path).unwrap_or(Path::new("")));
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Self { child, guard: guard.spawn().unwrap() }
    }

    /// Starts a program and waits for the line in which it says what follows these words.
    pub(crate) fn said(
        command: &mut Command,
        folder: Option<&Folder>,
        words: &'static str,
    ) -> Option<(Self, String)> {
        let mut process = Self::start(command.stdout(Stdio::piped()), folder);
        let out = BufReader::new(process.child.stdout.take().unwrap());
        let (tell, told) = mpsc::channel();
        // Reads to the end, or the program would stop at a full pipe.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, said)) = line.split_once(words) {
                    // Fails when the line that was waited for has been there already.
                    let _ = tell.send(said.trim().to_owned());
                }
            }
        });
        let said = told.recv_timeout(PATIENCE).ok()?;
        Some((process, said))
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for the temporary files of a program: profiles that a killed browser leaves go with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty one. Its path is short, because a browser puts sockets into it.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("banq-e2e-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
