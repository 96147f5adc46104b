//! Lists what `npm run build` left in `web/dist`. Nothing is built here: `cargo build` needs no Node, and where that folder has no page the
//! list is empty.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // From the crate's folder, in which cargo runs this: a name that was compiled in would be that of another checkout with the same target.
    let dist = Path::new("../../web/dist");
    // The folder is always there: a file that says nothing keeps it in the repository.
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no folder to write to"))?;
    // The compiler reads copies: the web app may be built anew while it is at work.
    let copies = Path::new(&out).join("dist");
    if copies.is_dir() {
        fs::remove_dir_all(&copies)?;
    }
    let mut files = Vec::new();
    collect(dist, dist, &copies, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in files.iter().filter(|file| is_served(file)) {
        let packed = |ending: &str| {
            let path = format!("{file}.{ending}");
            if files.contains(&path) {
                format!("Some(include_bytes!({}))", literal(&copies.join(path)))
            } else {
                "None".to_owned()
            }
        };
        let (path, plain, brotli, gzip) =
            (format!("/{file}"), literal(&copies.join(file)), packed("br"), packed("gz"));
        writeln!(
            list,
            "File {{ path: {path:?}, plain: include_bytes!({plain}), brotli: {brotli}, gzip: {gzip} }},"
        )
        .map_err(io::Error::other)?;
    }
    list.push(']');
    fs::write(Path::new(&out).join("files.rs"), list)
}

/// A path as the compiler reads it.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

/// Whether it is answered by itself: not what is only there beside another, or for the folder's sake.
fn is_served(file: &str) -> bool {
    ![".br", ".gz", ".gitkeep"].iter().any(|ending| file.ends_with(ending))
}

/// Copies everything below `folder`, and adds its names below `dist`, with slashes.
fn collect(dist: &Path, folder: &Path, copies: &Path, names: &mut Vec<String>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            collect(dist, &path, copies, names)?;
            continue;
        }
        let Some(name) = path.strip_prefix(dist).ok().and_then(Path::to_str) else { continue };
        let copy = copies.join(name);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&path, &copy)?;
        names.push(name.replace('\\', "/"));
    }
    Ok(())
}
