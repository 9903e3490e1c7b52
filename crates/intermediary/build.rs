//! Writes the list of the widget's files that the program contains: those of the folder that `BANQ_EMBED_WIDGET` names,
//! or none.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FOLDER: &str = "BANQ_EMBED_WIDGET";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed={FOLDER}");
    let list = match env::var_os(FOLDER) {
        Some(folder) => list(Path::new(&folder))?,
        None => "&[]".to_owned(),
    };
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("widget.rs"), list)
}

/// Returns the files as a Rust expression, `&[("name", include_bytes!("path")), …]`.
fn list(folder: &Path) -> io::Result<String> {
    let folder = folder.canonicalize()?;
    if !folder.join("ecommerce.js").is_file() {
        let problem = format!("{FOLDER}: {} holds no ecommerce.js", folder.display());
        return Err(io::Error::other(problem));
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    let mut list = "&[\n".to_owned();
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
    }
    list += "]";
    Ok(list)
}
