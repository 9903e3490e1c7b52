//! The tools and their versions, and how each is installed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::{debian, paths, run};

pub(crate) struct CargoTool {
    pub(crate) package: &'static str,
    pub(crate) program: &'static str,
    pub(crate) why: &'static str,
    /// Options for `cargo install`, such as `--locked`, which uses the published lock file.
    pub(crate) options: &'static [&'static str],
}

pub(crate) const TRUNK: CargoTool = CargoTool {
    package: "trunk",
    program: "trunk",
    why: "builds the widget's bundle",
    // Without TLS, which only its own downloads need: its tools are already installed.
    options: &["--locked", "--no-default-features"],
};
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    why: "connects WebAssembly to JavaScript",
    options: &[],
};
pub(crate) const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    program: "cargo-deny",
    why: "checks licences and sources of the dependencies",
    options: &["--locked"],
};
pub(crate) const TYPOS: CargoTool = CargoTool {
    package: "typos-cli",
    program: "typos",
    why: "checks the spelling of code and documents",
    options: &["--locked"],
};
pub(crate) const MDBOOK: CargoTool = CargoTool {
    package: "mdbook",
    program: "mdbook",
    why: "makes the book of the documents",
    // Without its server and its search.
    options: &["--locked", "--no-default-features"],
};
pub(crate) const CARGO_CYCLONEDX: CargoTool = CargoTool {
    package: "cargo-cyclonedx",
    program: "cargo-cyclonedx",
    why: "lists the packages in the server and in the widget",
    options: &["--locked"],
};
pub(crate) const CARGO_DEB: CargoTool = CargoTool {
    package: "cargo-deb",
    program: "cargo-deb",
    why: "makes the Debian package",
    options: &["--locked"],
};
pub(crate) const GECKODRIVER: CargoTool = CargoTool {
    package: "geckodriver",
    program: "geckodriver",
    why: "drives Firefox in the tests",
    options: &["--locked"],
};

impl CargoTool {
    /// Returns the version to install. trunk 0.22 needs a newer compiler than ours; wasm-bindgen's CLI must have the
    /// library's version.
    fn version(&self) -> Result<String, Error> {
        match self.package {
            "trunk" => Ok("0.21.14".to_owned()),
            "cargo-deny" => Ok("0.20.2".to_owned()),
            "cargo-cyclonedx" => Ok("0.5.9".to_owned()),
            "cargo-deb" => Ok("3.8.0".to_owned()),
            "geckodriver" => Ok("0.37.1".to_owned()),
            "mdbook" => Ok("0.5.4".to_owned()),
            "typos-cli" => Ok("1.52.0".to_owned()),
            _ => locked_version("wasm-bindgen"),
        }
    }

    /// Returns the folder with the program, and builds it first if it is missing.
    pub(crate) fn folder(&self) -> Result<PathBuf, Error> {
        let version = self.version()?;
        if let Some(found) = run::find(self.program)
            && run::answer(Command::new(&found).arg("--version"))
                .is_some_and(|output| is_version(&output, &version))
        {
            return Ok(found.parent().map(PathBuf::from).unwrap_or_default());
        }
        let home = paths::tools().join(format!("{}-{version}", self.package));
        if !home.exists() {
            let lock = builds_lock()?;
            lock.lock().map_err(Error::file(builds()))?;
            if home.exists() {
                // Another command built it while this one waited.
                return Ok(home.join("bin"));
            }
            println!("installing {} {version}: {} (some minutes, once)", self.package, self.why);
            // Built in another folder and renamed when complete, so an interrupted build never counts as finished.
            let build = home.with_extension("part");
            let mut install = run::cargo();
            install.args(["install", self.package, "--version", &version, "--root"]).arg(&build);
            install.args(self.options);
            // Cargo compiles a dependency that several tools have only once.
            install.env("CARGO_TARGET_DIR", builds());
            // The tools run for seconds, so a fast build matters more than a fast program.
            install.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
            run::quietly(&format!("installing {}", self.package), &mut install)?;
            fs::rename(&build, &home).map_err(Error::file(&home))?;
        }
        Ok(home.join("bin"))
    }
}

/// Returns the folder in which tools are built.
fn builds() -> PathBuf {
    paths::tools().join("builds")
}

/// Opens the file that is locked while a tool is built, so that no other command removes the folder.
fn builds_lock() -> Result<File, Error> {
    let path = paths::tools().join("builds.lock");
    fs::create_dir_all(paths::tools()).and_then(|()| File::create(&path)).map_err(Error::file(&path))
}

/// Removes the folder in which tools are built, unless another command builds one there.
pub(crate) fn remove_builds() {
    if builds().exists()
        && let Ok(lock) = builds_lock()
        && lock.try_lock().is_ok()
    {
        // What remains is removed after the next tool.
        let _ = fs::remove_dir_all(builds());
    }
}

fn is_version(output: &str, version: &str) -> bool {
    output.split_whitespace().any(|word| word == version)
}

/// Returns the folder with the npm tools of `package.json` (wasm-opt, esbuild, axe-core, darkreader, fonts), installed
/// by its lock file.
pub(crate) fn npm() -> Result<PathBuf, Error> {
    let root = paths::root();
    let read = |name: &str| fs::read(root.join(name)).map_err(Error::file(root.join(name)));
    let (package, lock) = (read("package.json")?, read("package-lock.json")?);
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let home = paths::tools().join(format!("npm-{:016x}", hasher.finish()));
    if !home.exists() {
        if run::find("npm").is_none() {
            return Err(Error::Missing(
                "npm",
                "it brings wasm-opt, esbuild, axe-core, darkreader and fonts; install Node.js 20 or newer",
            ));
        }
        println!(
            "installing wasm-opt and esbuild, which make the widget small, and axe-core, darkreader and Noto fonts, which test it, from npm"
        );
        let build = home.with_extension("part");
        fs::create_dir_all(&build).map_err(Error::file(&build))?;
        for (name, bytes) in [("package.json", package), ("package-lock.json", lock)] {
            fs::write(build.join(name), bytes).map_err(Error::file(build.join(name)))?;
        }
        // Without scripts: the binaries come as packages.
        let mut install = Command::new("npm");
        install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&build);
        run::quietly("npm ci", &mut install)?;
        fs::rename(&build, &home).map_err(Error::file(&home))?;
    }
    Ok(home.join("node_modules").join(".bin"))
}

/// Returns axe-core's script, which finds accessibility problems of a page.
pub(crate) fn axe() -> Result<PathBuf, Error> {
    Ok(npm()?.with_file_name("axe-core").join("axe.min.js"))
}

/// Returns darkreader's script, which darkens pages as the browser extension does.
pub(crate) fn darkreader() -> Result<PathBuf, Error> {
    Ok(npm()?.with_file_name("darkreader").join("darkreader.js"))
}

/// Returns the folder of the fonts in which pictures are compared.
pub(crate) fn fonts() -> Result<PathBuf, Error> {
    Ok(npm()?.with_file_name("@fontsource-variable"))
}

/// Checks for the programs of the documents' commands. Tests compute signatures by openssl too, independently.
pub(crate) fn command_line() -> Result<(), Error> {
    let programs = ["openssl", "curl", "sqlite3"];
    let missing: Vec<&str> = programs.into_iter().filter(|program| run::find(program).is_none()).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        debian(&missing, "run the commands of the documents in the tests")
    }
}

/// Checks for the languages of the shops in `examples/`. Node.js is there already, for the npm tools.
pub(crate) fn languages_of_shops() -> Result<(), Error> {
    let missing: Vec<&str> = [("python3", "python3"), ("php", "php-cli"), ("php", "php-sqlite3")]
        .into_iter()
        .filter(|(program, _)| run::find(program).is_none())
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() { Ok(()) } else { debian(&missing, "run the shops of examples/") }
}

/// Returns the folder of PostgreSQL's programs, for the tests that start their own cluster: `BANQ_POSTGRES_BIN`, in
/// `PATH`, or Debian's folder, which is not in `PATH`.
pub(crate) fn postgres() -> Result<PathBuf, Error> {
    let look = || {
        let set = std::env::var_os("BANQ_POSTGRES_BIN").map(PathBuf::from);
        let in_path = run::find("initdb").and_then(|program| program.parent().map(PathBuf::from));
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let debian = versions.map(|version| version.path().join("bin"));
        let complete = |folder: &PathBuf| {
            ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file())
        };
        set.into_iter().chain(debian).chain(in_path).find(complete)
    };
    if let Some(found) = look() {
        return Ok(found);
    }
    without_a_system_cluster()?;
    debian(&["postgresql"], "run the store's tests on it too")?;
    look().ok_or(Error::Missing("PostgreSQL", "install its server, or set BANQ_POSTGRES_BIN to its programs"))
}

/// Returns the NATS server for the tests that start their own: `BANQ_NATS_SERVER`, in `PATH`, or Debian's.
pub(crate) fn nats() -> Result<PathBuf, Error> {
    let set = std::env::var_os("BANQ_NATS_SERVER").map(PathBuf::from).filter(|program| program.is_file());
    if let Some(found) = set.or_else(|| run::find("nats-server")) {
        return Ok(found);
    }
    let home = debian::unpacked("nats", &["nats-server"], "the tests of several instances start it")?;
    let program = ["usr/sbin", "usr/bin"].map(|folder| home.join(folder).join("nats-server"));
    program
        .into_iter()
        .find(|program| program.is_file())
        .ok_or(Error::Missing("nats-server", "install it, or set BANQ_NATS_SERVER to it"))
}

/// Prevents Debian's package from creating and starting a system-wide cluster at its installation. Existing settings
/// stay.
fn without_a_system_cluster() -> Result<(), Error> {
    let folder = PathBuf::from("/etc/postgresql-common");
    let settings = folder.join("createcluster.conf");
    if !is_root() || settings.exists() {
        return Ok(());
    }
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    fs::write(&settings, "create_main_cluster = false\n").map_err(Error::file(&settings))
}

/// Installs Debian's packages, if that is possible without a question.
pub(crate) fn debian(packages: &[&str], why: &str) -> Result<(), Error> {
    let list = packages.join(" ");
    if !is_root() || run::find("apt-get").is_none() {
        return Err(Error::Other(format!(
            "these packages are missing, to {why}: {list}; install them and try again"
        )));
    }
    println!("installing {list} from Debian's packages, to {why}");
    run::quietly("apt-get update", Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    // Keeps an existing settings file without a question.
    install.args(["-o", "Dpkg::Options::=--force-confold"]);
    run::quietly("apt-get install", install.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    run::answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

fn locked_version(package: &str) -> Result<String, Error> {
    let path = paths::root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(Error::file(&path))?;
    version_in(&lock, package).ok_or_else(|| Error::Other(format!("Cargo.lock does not name {package}")))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{package}\"\n")))?;
    let version = entry.lines().find_map(|line| line.strip_prefix("version = \""))?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_version, version_in};

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "yew"), None);
    }

    #[test]
    fn a_tool_of_another_version_is_not_taken() {
        assert!(is_version("trunk 0.21.14", "0.21.14"));
        assert!(!is_version("trunk 0.21.1", "0.21.14"));
        assert!(!is_version("trunk 0.21.14-beta.1", "0.21.14"));
    }
}
