//! Lists what `npm run build` left in `web/dist`. Nothing is built here: `cargo build` needs no Node, and without that folder the list is
//! empty.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    let dist = dist.canonicalize().unwrap_or(dist);
    // The folder is always there: a file that says nothing keeps it in the repository.
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    collect(&dist, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        if let Some(name) = served(&dist, file) {
            let packed = |ending: &str| {
                let path = PathBuf::from(format!("{}.{ending}", file.display()));
                if path.is_file() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
            };
            let (brotli, gzip) = (packed("br"), packed("gz"));
            writeln!(
                list,
                "File {{ path: {name:?}, plain: include_bytes!({file:?}), brotli: {brotli}, gzip: {gzip} }},"
            )
            .map_err(io::Error::other)?;
        }
    }
    list.push(']');
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no folder to write to"))?;
    fs::write(Path::new(&out).join("files.rs"), list)
}

/// The address of a file; none for what is only there beside another, or for the folder's sake.
fn served(dist: &Path, file: &Path) -> Option<String> {
    let name = file.strip_prefix(dist).ok()?.to_str()?;
    let packed = [".br", ".gz", ".gitkeep"].iter().any(|ending| name.ends_with(ending));
    (!packed).then(|| format!("/{}", name.replace('\\', "/")))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path.canonicalize()?) }
    }
    Ok(())
}
