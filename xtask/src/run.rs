//! Runs programs: with their output visible, or quietly with a log that is shown after a failure.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::paths;

/// Runs a program and shows its output.
pub(crate) fn show(command: &mut Command) -> Result<(), Error> {
    let what = describe(command);
    let status = command.stdin(Stdio::null()).status().map_err(|cause| start(command, cause))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { what, status: status.to_string() }) }
}

/// The longest time without a line of output: a test that hangs fails, and cargo goes on with the next program.
const SILENCE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Runs a program, shows its output, and passes on each line of both streams in order. After [`SILENCE_LIMIT`] without a
/// line, kills the programs that it has started.
pub(crate) fn line_by_line(command: &mut Command, read: impl FnMut(&str)) -> Result<(), Error> {
    line_by_line_within(SILENCE_LIMIT, command, read)
}

fn line_by_line_within(
    silence_limit: Duration,
    command: &mut Command,
    mut read: impl FnMut(&str),
) -> Result<(), Error> {
    let what = describe(command);
    let (output, input) = std::io::pipe().map_err(|cause| start(command, cause))?;
    let same = input.try_clone().map_err(|cause| start(command, cause))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(input)
        .stderr(same)
        .spawn()
        .map_err(|cause| start(command, cause))?;
    // Drops our ends of the pipe: while they are open, the output does not end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
        // Sending fails when the program has ended, after which the rest of its output is ignored.
        lines.for_each(|line| drop(sender.send(line)));
    });
    let mut silent_since = Instant::now();
    let status = loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                // A test may write anything, also invalid UTF-8.
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                read(&line);
                silent_since = Instant::now();
            }
            // A process that a test left behind can keep the pipe open, so the end of our child counts.
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = child.try_wait().map_err(|cause| start(command, cause))? {
                    break status;
                }
                if silent_since.elapsed() > silence_limit {
                    println!("killed: no line of output for {} s", silence_limit.as_secs());
                    end_children(&mut child);
                    silent_since = Instant::now();
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                break child.wait().map_err(|cause| start(command, cause))?;
            }
        }
    };
    if status.success() { Ok(()) } else { Err(Error::Failed { what, status: status.to_string() }) }
}

/// Kills the programs that a program has started, but not those that they have started; or the program itself if there are
/// none or they cannot be found.
fn end_children(parent: &mut Child) {
    let mut kill = Command::new("pkill");
    kill.args(["-KILL", "-P", &parent.id().to_string()]);
    if answer(&mut kill).is_none() {
        // Fails only if it has ended by itself.
        let _ = parent.kill();
    }
}

/// Runs a program and shows its output only after a failure.
pub(crate) fn quietly(what: &str, command: &mut Command) -> Result<(), Error> {
    let folder = paths::tools().join("logs");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let name: String = what.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let log = folder.join(name + ".log");
    let file = File::create(&log).map_err(Error::file(&log))?;
    let same = file.try_clone().map_err(Error::file(&log))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(same)
        .status()
        .map_err(|cause| start(command, cause))?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(&log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(12)..] {
        eprintln!("    {line}");
    }
    Err(Error::Install { what: what.to_owned(), log })
}

/// Returns a program's output, or `None` if it is missing or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the path of a program in `PATH`, if any.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Returns a command in the workspace with our tools first in its `PATH`.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, tools: &[&Path]) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = tools.iter().map(|tool| tool.to_path_buf()).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command.current_dir(paths::root());
    command
}

/// Returns the `cargo` that runs this program.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), &[])
}

fn start(command: &Command, cause: std::io::Error) -> Error {
    Error::Start { program: command.get_program().to_string_lossy().into_owned(), cause }
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program.to_string_lossy()).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::line_by_line_within;

    #[test]
    fn a_silent_program_is_killed_and_its_parent_goes_on() {
        let mut parent = Command::new("sh");
        parent
            .env("LC_ALL", "C")
            .args(["-c", "echo one; sh -c 'echo two; exec sleep 600'; echo three; exit 1"]);
        let mut lines = Vec::new();
        let result =
            line_by_line_within(Duration::from_secs(5), &mut parent, |line| lines.push(line.to_owned()));
        assert_eq!(
            lines.iter().filter(|line| !line.contains("Killed")).collect::<Vec<_>>(),
            ["one", "two", "three"]
        );
        assert!(result.is_err());
    }

    #[test]
    fn a_silent_program_without_children_is_killed_itself() {
        let mut program = Command::new("sleep");
        program.arg("600");
        assert!(line_by_line_within(Duration::from_secs(1), &mut program, |_| {}).is_err());
    }
}
