//! libFuzzer's entrance. `QCERT_FUZZ_TARGET` names the target; with `QCERT_FUZZ_SEEDS` its seeds are written to that
//! folder, and nothing else is done.
#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;
use targets::Target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let wanted = std::env::var("QCERT_FUZZ_TARGET").unwrap_or_default();
    targets::ALL.iter().find(|target| target.name == wanted).unwrap_or_else(|| {
        let names: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
        eprintln!("QCERT_FUZZ_TARGET is one of: {}", names.join(" "));
        std::process::exit(2)
    })
});

fn write_seeds(folder: &Path) -> std::io::Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    for (number, seed) in (TARGET.seeds)(&fixtures).iter().enumerate() {
        std::fs::write(folder.join(format!("{number:04}")), seed)?;
    }
    Ok(())
}

fuzz_target!(
    init: {
        if let Some(folder) = std::env::var_os("QCERT_FUZZ_SEEDS") {
            let written = write_seeds(Path::new(&folder));
            std::process::exit(i32::from(written.is_err()));
        }
        LazyLock::force(&TARGET);
    },
    |data: &[u8]| (TARGET.run)(data)
);
