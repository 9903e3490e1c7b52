//! Checks the machine on which the server runs. A finding does not stop the start: the server logs it, and `doctor`
//! shows it. Nothing is checked in `local`.

use std::{net::IpAddr, os::unix::fs::PermissionsExt, path::Path};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use url::{Host, Url};

use crate::config::{Config, Database, Environment};

/// Files and sockets besides connections: the database's, the log's, the provider's.
const OTHER_FILES: u64 = 256;

/// File systems by the kernel's number, and the problem with a SQLite file there.
const FILE_SYSTEMS: [(u64, &str); 7] = [
    (0x0000_6969, NETWORK),
    (0x0000_517b, NETWORK),
    (0xff53_4d42, NETWORK),
    (0xfe53_4d42, NETWORK),
    (0x0102_1994, "is in memory (tmpfs), and is gone after the next start of the machine"),
    (0x8584_58f6, "is in memory (ramfs), and is gone after the next start of the machine"),
    (0x794c_7630, "is a part of a container (overlay), and is gone with it"),
];
const NETWORK: &str = "is on a network file system, where SQLite's locks and its log do not hold";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) fix: &'static str,
}

/// Returns the findings about the server's own process; raises its limit of open files as far as allowed.
pub(crate) fn of_process(config: &Config) -> Vec<Finding> {
    if config.environment == Environment::Local {
        return Vec::new();
    }
    let user = geteuid().is_root().then(|| Finding {
        what: "the server runs as root".into(),
        fix: "run it as a user of its own (systemd: DynamicUser=yes; a container: USER)",
    });
    let needed = u64::try_from(config.limits.connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    user.into_iter().chain(open_files(needed)).collect()
}

/// Returns the findings about the settings.
pub(crate) fn of_settings(config: &Config) -> Vec<Finding> {
    if config.environment == Environment::Local {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if config.limits.trusted_proxies.is_empty() {
        findings.push(Finding {
            what: "BANQ_TRUSTED_PROXIES is not set: behind a proxy all shoppers share one address and its limits".into(),
            fix: "set it to the address of the proxy that ends TLS, unless that one keeps the shoppers' addresses",
        });
    }
    if config.public_url.as_ref().is_some_and(is_near) {
        findings.push(Finding {
            what: "BANQ_PUBLIC_URL leads to this machine or its private network: the payment provider's webhooks cannot come"
                .into(),
            fix: "set it to the address by which the whole Internet reaches this server",
        });
    }
    match &config.database {
        Database::Sqlite(path) => findings.extend(of_file(path)),
        Database::Postgres(_) => {}
    }
    findings
}

/// Returns whether users other than the owner may read or write the file.
pub(crate) fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Prevents a core dump, which would contain every secret.
///
/// # Errors
/// The system's error.
pub(crate) fn forbid_core_dumps() -> std::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // Core dumps that are piped to a program ignore the limit.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

fn of_file(path: &Path) -> Vec<Finding> {
    let shown = path.display();
    let mut findings = Vec::new();
    if path.is_relative() {
        findings.push(Finding {
            what: format!("the database {shown} is where the server happens to be started: started elsewhere, it would begin with an empty one"),
            fix: "name its whole path in BANQ_DATABASE_URL, like sqlite:///var/lib/banq-intermediary/intermediary.sqlite",
        });
    }
    if is_open(path) {
        findings.push(Finding {
            what: format!("the database {shown} may be read by other users of this machine"),
            fix: "chmod 600 it and its -wal and -shm files, and start the server with umask 0077 (systemd: UMask=0077)",
        });
    }
    if let Some(matter) = file_system(path) {
        findings.push(Finding {
            what: format!("the database {shown} {matter}"),
            fix: "put it on a local disk or a volume that stays, or use PostgreSQL",
        });
    }
    findings
}

#[cfg(target_os = "linux")]
fn file_system(path: &Path) -> Option<&'static str> {
    // A number of 32 bits, whose width and sign depend on the platform.
    let kind = u64::try_from(i128::from(rustix::fs::statfs(path).ok()?.f_type) & 0xffff_ffff).ok()?;
    FILE_SYSTEMS.iter().find(|(known, _)| *known == kind).map(|(_, matter)| *matter)
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> Option<&'static str> {
    None
}

fn open_files(needed: u64) -> Option<Finding> {
    let limit = getrlimit(Resource::Nofile);
    let (current, maximum) = (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX));
    if current >= needed {
        return None;
    }
    let raised = needed.min(maximum);
    let wanted = Rlimit { current: Some(raised), maximum: limit.maximum };
    let got = if setrlimit(Resource::Nofile, wanted).is_ok() { raised } else { current };
    (got < needed).then(|| Finding {
        what: format!("the server may open {got} files, and needs {needed} for BANQ_MAX_CONNECTIONS"),
        fix: "raise the limit (systemd: LimitNOFILE; a container: --ulimit nofile), or lower BANQ_MAX_CONNECTIONS",
    })
}

/// Returns whether the address is reachable only on this machine or in its private network.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        Some(Host::Ipv6(ip)) => {
            let ip = IpAddr::V6(ip).to_canonical();
            match ip {
                IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
                IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local(),
            }
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_or_network_is_near() {
        for (url, near) in [
            ("https://localhost", true),
            ("https://127.0.0.1:8443", true),
            ("https://10.0.0.7", true),
            ("https://[::1]", true),
            ("https://[fd00::1]", true),
            ("https://0.0.0.0", true),
            ("https://pay.shop.example", false),
            ("https://203.0.113.7", false),
            ("https://[2001:db8::1]", false),
        ] {
            assert_eq!(is_near(&Url::parse(url).unwrap()), near, "{url}");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_open() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = |mode| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            is_open(file.path())
        };
        assert!(open(0o644) && open(0o620) && !open(0o600));
        assert!(!is_open(Path::new("/no/such/file")));
    }
}
