//! The basement: the machine. Files, the home folder, the ledger, passwords as people give them, threads, signals.
//!
//! What a certificate is, it does not know; it moves bytes and rows. Only here are files touched.
#![expect(clippy::disallowed_methods, reason = "this room is the one place where the machine is touched")]

pub mod backup;
pub mod files;
mod git_index;
pub mod home;
pub mod interrupt;
pub mod key_supply;
pub mod ledger;
pub mod logs;
pub mod password;
pub mod qlik_folder;
pub mod question;
pub mod reading;
pub mod run;
pub mod stage;
pub mod stores;
pub mod stream;
pub mod threads;
pub mod tls;

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;
// What Windows' access lists and paths say is text, and judged alike everywhere.
#[cfg(all(test, unix))]
#[path = "windows/descriptor.rs"]
mod descriptor;
#[cfg(all(test, unix))]
#[path = "windows/plain.rs"]
mod plain;

pub use platform::{data_folder, full_host_name};
