//! The key file: made once, read at every start.

use std::path::{Path, PathBuf};

use anyhow::Context;
use platform::config::{Config, Mode};
use platform::keys::KeyFile;
use platform::random::Random;

/// `udaan keys FILE`.
pub(crate) fn create(file: &Path) -> anyhow::Result<()> {
    KeyFile::generate(Random).create(file)?;
    println!(
        "wrote {}; keep a copy somewhere safe: without it no personal data can be read again",
        file.display()
    );
    Ok(())
}

/// The secrets of this installation. A demo makes its own when there are none.
pub(crate) fn load(config: &Config) -> anyhow::Result<KeyFile> {
    let path = if config.keys.file.is_empty() {
        PathBuf::from(".udaan/keys.toml")
    } else {
        PathBuf::from(&config.keys.file)
    };
    if config.mode == Mode::Demo && !path.exists() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        // Two processes of a demo may start together; whoever comes second reads what the first wrote.
        match KeyFile::generate(Random).create(&path) {
            Ok(()) => tracing::info!(file = %path.display(), "made secrets for the demo"),
            Err(error) if path.exists() => tracing::debug!(%error, "another process made the secrets"),
            Err(error) => return Err(error),
        }
    }
    KeyFile::read(&path)
}
