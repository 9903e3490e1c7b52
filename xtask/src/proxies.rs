//! Checks the settings of the proxies in docs/deploy.md by the proxies themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::{paths, run, tools};

/// Debian's packages of the three proxies. They are unpacked with their libraries and not installed, because an
/// installed proxy starts at once.
const PACKAGES: [&str; 3] = ["nginx", "haproxy", "caddy"];

/// Libraries that every Debian has, and that must fit its loader.
const BASE: [&str; 3] = ["libc6", "libgcc-s1", "libcrypt1"];

/// A proxy, its settings in the repository, and how it checks them.
struct Proxy {
    program: &'static str,
    settings: &'static str,
    arguments: &'static [&'static str],
}

const PROXIES: [Proxy; 3] = [
    Proxy { program: "nginx", settings: "docs/snippets/nginx.conf", arguments: &["-t", "-q", "-c"] },
    Proxy { program: "haproxy", settings: "docs/snippets/haproxy.cfg", arguments: &["-c", "-f"] },
    Proxy {
        program: "caddy",
        settings: "docs/snippets/Caddyfile",
        arguments: &["validate", "--adapter", "caddyfile", "--config"],
    },
];

/// Lets each proxy check its settings, with a certificate of this machine in place of the shop's.
pub(crate) fn check() -> Result<(), Error> {
    tools::command_line()?;
    if PROXIES.iter().any(|proxy| run::find(proxy.program).is_none()) && run::find("apt-get").is_none() {
        println!(
            "skipped: the proxies' settings of docs/deploy.md, because a proxy is missing and this is no Debian"
        );
        return Ok(());
    }
    let folder = paths::target()?.join("proxies");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let (certificate, key) = certificate(&folder)?;
    let replaced = [
        ("/etc/letsencrypt/live/pay.shop.example/fullchain.pem", &certificate),
        ("/etc/letsencrypt/live/pay.shop.example/privkey.pem", &key),
        ("/etc/haproxy/pay.shop.example.pem", &certificate),
    ];
    for proxy in PROXIES {
        let source = paths::root().join(proxy.settings);
        let mut settings = fs::read_to_string(&source).map_err(Error::file(&source))?;
        for (theirs, ours) in replaced {
            settings = settings.replace(theirs, &ours.to_string_lossy());
        }
        let mut command = program(proxy.program)?;
        if proxy.program == "nginx" {
            // It makes its folders and opens its log even to check.
            settings =
                settings.replace("http {\n", &format!("http {{ access_log off; {}\n", temporary_folders()));
            // It binds the port even to check, and a low one may be for root alone.
            settings = settings.replace("listen 443 ", "listen 127.0.0.1:18443 ");
            command.arg("-p").arg(&folder).args(["-e", "stderr", "-g", "pid nginx.pid; error_log stderr;"]);
        }
        let file = folder.join(source.file_name().unwrap_or_default());
        fs::write(&file, settings).map_err(Error::file(&file))?;
        command.args(proxy.arguments).arg(&file).env("HOME", &folder);
        run::quietly(&format!("{} on {}", proxy.program, proxy.settings), &mut command)?;
    }
    Ok(())
}

/// Returns nginx's settings for folders in its own.
fn temporary_folders() -> String {
    let names = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    names.map(|name| format!("{name}_temp_path {name}; ")).concat()
}

/// Returns a file with a certificate and its key, and the key alone.
fn certificate(folder: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let (both, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=pay.shop.example",
    ]);
    openssl.arg("-keyout").arg(&key).arg("-out").arg(&both);
    run::quietly("openssl req", &mut openssl)?;
    let mut text = fs::read_to_string(&both).map_err(Error::file(&both))?;
    text += &fs::read_to_string(&key).map_err(Error::file(&key))?;
    fs::write(&both, text).map_err(Error::file(&both))?;
    Ok((both, key))
}

/// Returns the installed program, or the one of Debian's package.
fn program(name: &str) -> Result<Command, Error> {
    if let Some(installed) = run::find(name) {
        return Ok(Command::new(installed));
    }
    let home = unpacked()?;
    let found = ["usr/sbin", "usr/bin"].iter().map(|folder| home.join(folder).join(name));
    let program = found.into_iter().find(|path| path.exists());
    let mut command =
        Command::new(program.ok_or_else(|| Error::Other(format!("Debian's package has no {name}")))?);
    let libraries =
        fs::read_dir(home.join("usr/lib")).into_iter().flatten().flatten().map(|entry| entry.path());
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap_or_default());
    Ok(command)
}

/// Downloads and unpacks Debian's packages, once. Returns their folder.
fn unpacked() -> Result<PathBuf, Error> {
    let home = paths::tools().join("proxies");
    if home.exists() {
        return Ok(home);
    }
    println!(
        "unpacking nginx, haproxy and caddy from Debian's packages: they check their settings in docs/deploy.md"
    );
    let part = paths::tools().join("proxies.part");
    let _ = fs::remove_dir_all(&part);
    fs::create_dir_all(&part).map_err(Error::file(&part))?;
    if run::quietly("apt-get download", &mut download(&part)).is_err() {
        // The lists of packages may be missing or old.
        let update = run::quietly("apt-get update", Command::new("apt-get").arg("update"));
        update.and_then(|()| run::quietly("apt-get download", &mut download(&part))).map_err(|_| {
            Error::Missing(
                "nginx, haproxy or caddy",
                "Debian's packages could not be downloaded; run `apt-get update` as root, or install all three",
            )
        })?;
    }
    let packages = fs::read_dir(&part).map_err(Error::file(&part))?.flatten().map(|entry| entry.path());
    for package in packages.filter(|path| path.extension().is_some_and(|extension| extension == "deb")) {
        run::quietly("dpkg -x", Command::new("dpkg").arg("-x").arg(&package).arg(&part))?;
        fs::remove_file(&package).map_err(Error::file(&package))?;
    }
    fs::rename(&part, &home).map_err(Error::file(&home))?;
    Ok(home)
}

/// Returns the command that downloads the packages and their libraries into a folder.
fn download(folder: &Path) -> Command {
    let kinds = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
    let mut depends = Command::new("apt-cache");
    depends.args(["depends", "--recurse"]).args(kinds.map(|kind| format!("--no-{kind}"))).args(PACKAGES);
    let tree = run::answer(&mut depends).unwrap_or_default();
    // A line of its own without an indentation is a package; one in angle brackets exists only by another name.
    let libraries = tree.lines().filter(|name| name.starts_with("lib") && !BASE.contains(name));
    let libraries: BTreeSet<&str> = libraries.filter(|name| !name.contains(':')).collect();
    let mut download = Command::new("apt-get");
    download.arg("download").args(PACKAGES).args(libraries).current_dir(folder);
    download
}
