//! A small disk, to be full: a file system in memory, mounted by root.
//!
//! May not stay mounted when it is dropped.

use super::{is_root, skipped};
use fs_err as fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of this many KiB, gone when dropped.
pub(crate) struct Disk(pub(crate) PathBuf);

impl Disk {
    pub(crate) fn mount(folder: &Path, kibibytes: u32) -> Option<Self> {
        if !is_root() {
            eprintln!("SKIPPED: only root can mount a file system in memory");
            return None;
        }
        fs::create_dir_all(folder).unwrap();
        let size = format!("size={kibibytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        skipped("a file system in memory cannot be mounted here");
        None
    }

    pub(crate) fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=8m"]).arg(&self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}
