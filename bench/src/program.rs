//! The programs that are measured, as processes of their own.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program; it is killed when this is dropped.
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Program {
    /// Starts a program, and waits until it listens on this port. Its output goes to a file in `folder`.
    pub(crate) fn start(command: &mut Command, port: u16, folder: &Path) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = folder.join(format!("{port}.log"));
        let file = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).current_dir(folder);
        let started = command.spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        let mut program = Self { address, child: started.unwrap_or_else(|error| panic!("{name}: {error}")) };
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = program.child.try_wait().unwrap();
            if ended.is_some() || begin.elapsed() > PATIENCE {
                panic!(
                    "{name} does not listen on {address}: {}",
                    std::fs::read_to_string(&log).unwrap_or_default()
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the processor time that the program and its children have used, in seconds.
    pub(crate) fn processor_time(&self) -> f64 {
        self.family().iter().map(|id| processor_time(*id)).sum()
    }

    /// Returns the memory of the program and its children, in KiB.
    pub(crate) fn memory(&self) -> f64 {
        self.family().iter().map(|id| memory(*id)).sum()
    }

    /// Returns the ids of the program and of its children, such as nginx's worker.
    fn family(&self) -> Vec<u32> {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        std::iter::once(id)
            .chain(children.split_whitespace().filter_map(|child| child.parse().ok()))
            .collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        for id in self.family().into_iter().skip(1) {
            let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns utime and stime of a process: the fields 14 and 15 of `/proc/ID/stat`, in ticks of 10 ms.
fn processor_time(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The second field is the name, which may contain blanks.
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = rest.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn memory(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Returns a file or folder that `cargo xtask bench` names by a variable.
pub(crate) fn given(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    path.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask bench`, which sets it"))
}

/// Returns a program of this workspace: in `BANQ_BENCH_BIN`, or where cargo puts it beside a test.
pub(crate) fn built(name: &str) -> PathBuf {
    let set = std::env::var_os("BANQ_BENCH_BIN").map(PathBuf::from);
    let folder = set.or_else(|| Some(std::env::current_exe().ok()?.ancestors().nth(2)?.to_path_buf()));
    let program = folder.unwrap_or_default().join(name);
    assert!(program.exists(), "no {}: run `cargo build -p {name}`", program.display());
    program
}
