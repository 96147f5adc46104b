//! `udaan export`: flights into files. A file appears complete or not at all.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use platform::config::Config;
use platform::db::Db;
use server::flights::export::{read_gtfs, write_gtfs};

/// `udaan export gtfs`.
pub(crate) async fn gtfs(config: &Config, path: &Path, from: Date, days: u16) -> anyhow::Result<()> {
    // Before minutes of reading: a folder that is not there is told at once.
    let unfinished = Unfinished::create(path)?;
    let db = Db::new(&config.database)?;
    let bar = bar(days);
    let feed = read_gtfs(&db, config, from, days, &|read, flights| {
        bar.set_position(read.into());
        bar.set_message(format!("{flights} flights"));
    })
    .await;
    bar.finish_and_clear();
    let feed = feed?;
    eprintln!("export: writing {}", path.display());
    let flights = feed.trips.len();
    let bytes =
        tokio::task::spawn_blocking(move || unfinished.fill(|file| write_gtfs(&feed, file))).await??;
    println!(
        "{flights} flights of {days} days from {from} in {}, {} KiB",
        path.display(),
        bytes.div_ceil(1024)
    );
    Ok(())
}

fn bar(days: u16) -> ProgressBar {
    let bar = ProgressBar::new(days.into());
    let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} days  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.set_message("reading flights");
    bar
}

/// A file under a name of its own beside the one it is to replace; removed unless it gets there.
struct Unfinished {
    file: Option<File>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Unfinished {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().with_context(|| format!("{} is not a file's name", path.display()))?;
        anyhow::ensure!(!path.is_dir(), "{} is a folder; name a file in it", path.display());
        let mut temporary = name.to_os_string();
        temporary.push(format!(".{}.new", std::process::id()));
        let temporary = path.with_file_name(temporary);
        let file = File::create(&temporary)
            .with_context(|| format!("cannot write {} (the export is made beside it)", path.display()))?;
        Ok(Self { file: Some(file), temporary, path: path.to_owned() })
    }

    /// Fills it, and gives it its name once it is on the disk. Returns its size.
    fn fill(
        mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> anyhow::Result<u64> {
        let cannot = || format!("cannot write {}", self.path.display());
        let file = self.file.take().with_context(cannot)?;
        let mut buffered = BufWriter::new(file);
        write(&mut buffered).with_context(cannot)?;
        let file = buffered.into_inner().with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        let bytes = file.metadata().with_context(cannot)?.len();
        fs::rename(&self.temporary, &self.path).with_context(cannot)?;
        Ok(bytes)
    }
}

impl Drop for Unfinished {
    /// After the rename there is nothing of that name.
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_complete_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("udaan-export-{}", std::process::id()));
        fs::create_dir(&folder).expect("a folder");
        let path = folder.join("feed.zip");
        let names = || fs::read_dir(&folder).expect("a folder").count();
        let fail = |_: &mut BufWriter<File>| Err(std::io::Error::other("full"));
        let failed = Unfinished::create(&path).expect("created").fill(fail);
        assert!(format!("{:#}", failed.expect_err("it failed")).ends_with("feed.zip: full"));
        assert_eq!(names(), 0);
        drop(Unfinished::create(&path).expect("created"));
        assert_eq!(names(), 0);
        for text in ["first", "second"] {
            let write = |file: &mut BufWriter<File>| std::io::Write::write_all(file, text.as_bytes());
            Unfinished::create(&path).expect("created").fill(write).expect("written");
            assert_eq!((fs::read_to_string(&path).expect("a text").as_str(), names()), (text, 1));
        }
        assert!(Unfinished::create(&folder).is_err(), "a folder is no file");
        assert!(Unfinished::create(&folder.join("missing/feed.zip")).is_err());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
