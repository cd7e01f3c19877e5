//! Gives qcert.exe its manifest and version, by mingw's `windres`. For no other system is there anything to build.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a build script reads cargo's variables, starts a compiler, and fails loudly"
)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const MANIFEST: &str = "src/qcert.exe.manifest";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={MANIFEST}");
    let variable = |name: &str| env::var(name).expect(name);
    if variable("CARGO_CFG_TARGET_OS") != "windows" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    let folder = variable("OUT_DIR");
    let (script, object) = (Path::new(&folder).join("qcert.rc"), Path::new(&folder).join("qcert.res.o"));
    fs::write(&script, resources(&variable)).expect("the resource script cannot be written");
    let compiler = if variable("HOST").contains("windows") { "windres" } else { "x86_64-w64-mingw32-windres" };
    let status = Command::new(compiler).arg(&script).arg(&object).status();
    let status = status.unwrap_or_else(|error| panic!("{compiler} of binutils-mingw-w64 cannot be started: {error}"));
    assert!(status.success(), "{compiler}: {status}");
    println!("cargo::rustc-link-arg-bins={}", object.display());
}

/// 24 is RT_MANIFEST. A name of 1 is that of a program's own manifest. 0409 and 1200: English, in UTF-16.
fn resources(variable: &impl Fn(&str) -> String) -> String {
    let numbers = ["MAJOR", "MINOR", "PATCH"].map(|part| variable(&format!("CARGO_PKG_VERSION_{part}"))).join(",");
    let (version, description) = (variable("CARGO_PKG_VERSION"), variable("CARGO_PKG_DESCRIPTION"));
    format!(
        r#"1 24 "{MANIFEST}"
1 VERSIONINFO
FILEVERSION {numbers},0
PRODUCTVERSION {numbers},0
FILEOS 0x40004
FILETYPE 1
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904B0"
    BEGIN
      VALUE "FileDescription", "{description}"
      VALUE "FileVersion", "{version}"
      VALUE "InternalName", "qcert"
      VALUE "OriginalFilename", "qcert.exe"
      VALUE "ProductName", "qcert"
      VALUE "ProductVersion", "{version}"
    END
  END
  BLOCK "VarFileInfo"
  BEGIN
    VALUE "Translation", 0x0409, 1200
  END
END
"#
    )
}
