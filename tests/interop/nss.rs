//! NSS, the library of Firefox and Chromium: `pk12util` imports both PFX, `certutil` judges what was imported.
//!
//! May not touch anybody's own certificate store: each test has a fresh one.

use std::path::Path;

use super::bundle::Case;
use super::process::run;
use super::scratch;
use super::stranger::{CERTUTIL, PK12UTIL, command};

for_every_bundle!(super::nss::judge);

/// NSS takes a root that is entered as trusted at its word, even one that is not marked as an authority.
fn judge(case: &'static Case) {
    let (Some(certutil), Some(pk12util)) = (CERTUTIL.find(), PK12UTIL.find()) else { return };
    let (bundle, place) = (case.bundle(), scratch::own());
    let database = format!("sql:{}", place.path().display());
    run(command(certutil).args(["-N", "--empty-password", "-d", &database])).accepted();
    let mut trust = command(certutil);
    trust.args(["-A", "-d", &database, "-n", "the root", "-t", "CT,C,", "-i"]);
    run(trust.arg(bundle.file("root.pem"))).accepted();
    for (role, usage) in [("server", "V"), ("client", "C")] {
        let before = nicknames(certutil, &database);
        let mut import = command(pk12util);
        import.args(["-d", &database, "-K", "", "-W", case.password(), "-i"]);
        run(import.arg(bundle.file(&format!("{role}.pfx")))).accepted().says("PKCS12 IMPORT SUCCESSFUL");
        let name = nicknames(certutil, &database).into_iter().find(|name| !before.contains(name));
        let name = name.unwrap_or_else(|| panic!("{role}.pfx: no certificate came with its key into the database"));
        run(command(certutil).args(["-V", "-d", &database, "-n", &name, "-u", usage]))
            .accepted()
            .says("certificate is valid");
    }
}

/// The nicknames of all certificates whose private key is in the database too: those with the trust flag `u`.
fn nicknames(certutil: &Path, database: &str) -> Vec<String> {
    let listing = run(command(certutil).args(["-L", "-d", database])).accepted().text();
    let of_line = |line: &str| line.trim_end().strip_suffix("u,u,u").map(|name| name.trim().to_owned());
    listing.lines().filter_map(of_line).collect()
}
