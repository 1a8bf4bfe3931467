//! Where things are: the repository, cargo's target directory, and what is built into them.
//!
//! Only names of places; nothing is read or written here.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The repository that this run works on.
pub(crate) struct Repo {
    root: PathBuf,
    target: PathBuf,
}

impl Repo {
    /// The repository from which `cargo xtask` was called.
    ///
    /// # Errors
    ///
    /// When the program runs outside cargo and its own place does not tell either.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let manifest_dir =
            env::var_os("CARGO_MANIFEST_DIR").context("run me as `cargo xtask <command>`")?;
        let root = Path::new(&manifest_dir)
            .parent()
            .context("run me as `cargo xtask <command>` inside the repository")?
            .to_path_buf();
        // Cargo put this very program at <target>/debug/xtask, whatever configures <target>.
        let program = env::current_exe().context("the place of this program is unknown")?;
        let target =
            program.ancestors().nth(2).context("run me as `cargo xtask <command>`")?.to_path_buf();
        Ok(Self { root, target })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository; `relative` is written with `/`.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside cargo's target directory.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// A native program of the workspace, built with the dev profile.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}
