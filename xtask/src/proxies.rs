//! Checks the settings of the proxies in docs/deploy.md by the proxies themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::{debian, paths, run, tools};

/// Debian's packages of the three proxies. They are unpacked with their libraries and not installed, because an
/// installed proxy starts at once.
const PACKAGES: [&str; 3] = ["nginx", "haproxy", "caddy"];

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

/// Returns the folder of Debian's packages.
fn unpacked() -> Result<PathBuf, Error> {
    debian::unpacked("proxies", &PACKAGES, "they check their settings in docs/deploy.md")
}
