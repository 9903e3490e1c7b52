//! What the program does and says about the machine that it runs on, outside `local`.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

use crate::helpers::{changed, settings_for, within_deadline};

/// The program in the sandbox, with core dumps allowed and files that all may read; its `/proc/…/limits` while it
/// serves, and its log.
async fn serve(folder: &Path) -> (String, String) {
    let changes = [
        ("BANQ_ENVIRONMENT", "sandbox"),
        ("BANQ_PUBLIC_URL", "https://192.168.0.7"),
        ("BANQ_MAX_CONNECTIONS", "4000"),
    ];
    let settings = changed(settings_for("https://127.0.0.1:9", folder), &changes);
    let file = folder.join("settings.toml");
    std::fs::write(&file, "banq_retention_days = 100\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let start = "umask 022; ulimit -c unlimited || true; ulimit -n 1000; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", start, "sh", env!("CARGO_BIN_EXE_banq-intermediary"), "--config"]).arg(&file);
    command.env_clear().envs(&settings).stdin(Stdio::null()).kill_on_drop(true);
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = within_deadline(lines.next_line()).await.unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.id().unwrap()));
    program.start_kill().unwrap();
    let mut log = String::new();
    within_deadline(program.stderr.take().unwrap().read_to_string(&mut log)).await.unwrap();
    assert!(line.is_some(), "{log}");
    (limits.unwrap(), log)
}

#[tokio::test]
async fn a_crash_leaves_no_image_of_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (limits, _) = serve(folder.path()).await;
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "the limit, and what it can be raised to: {core}");
}

#[tokio::test]
async fn what_the_machine_has_wrong_is_logged_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (_, log) = serve(folder.path()).await;
    for found in [
        "BANQ_TRUSTED_PROXIES is not set",
        "BANQ_PUBLIC_URL leads to this machine or its private network",
        "test.sqlite may be read by other users of this machine",
        "settings.toml may be read by other users of this machine",
        "the server may open 1000 files, and needs 4256 for BANQ_MAX_CONNECTIONS",
    ] {
        let line = log.lines().find(|line| line.contains(found));
        assert!(line.is_some_and(|line| line.contains("\"fix\":")), "{found}: {log}");
    }
    let is_root =
        std::fs::metadata("/proc/self").map(|owner| std::os::unix::fs::MetadataExt::uid(&owner) == 0);
    assert_eq!(log.contains("the server runs as root"), is_root.unwrap(), "{log}");
}
