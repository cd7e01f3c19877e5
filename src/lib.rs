//! The workings of `qcert`, which makes, exports, shows and judges the certificates of a Qlik Sense site.
//!
//! # The map
//!
//! *An **Authority** issues **Credentials** under a **Profile**; a machine's Credentials form a **Bundle**; a Bundle is
//! written as files and entered in the **Ledger**; files are read as an **Inventory**; **rules** turn it into
//! **Findings**; Findings make a **Report**.* Every type and file is a word of that sentence.
//!
//! ```text
//! main.rs     the door: arguments, the clock, the exit code
//! cli/        front room: what a person types and sees; one file per command (init, sign, export, assemble, convert,
//!             list, renew, revoke, crl, recreate, backup, restore, inspect, validate, probe, rehearse, store, doctor,
//!             explain, completions, man)
//! pki/        workshop: names, profiles, keys, certificates, PFX, bundles, requests, revocation lists, as values;
//!             `inventory` reads whatever files hold, `path` validates chains, `rules` has one file per family, `examine`
//!             makes the report of them, `diagnosis` holds a server's reports against each other, `consumers` has one
//!             row per program, `knowledge` what `explain` tells, `plan` how a Qlik site's certificates are recreated,
//!             `store_plan` what is to be done to Windows' stores
//! host/       basement: files, the home, the ledger, backups, TLS over sockets, passwords, threads, signals
//! ```
//!
//! | Room   | May use                                              | Never                                        |
//! |--------|------------------------------------------------------|----------------------------------------------|
//! | `pki`  | std without I/O, time types, its door crates         | files, environment, clock, network, printing |
//! | `host` | std's and the system's I/O; from `pki` plain types   | clap, rcgen, x509-parser, `cli`              |
//! | `cli`  | `pki`, `host`, clap, anyhow, serde_json, indicatif   | files, rcgen, x509-parser, rusqlite          |
//!
//! Outside crates enter by one door file each: rcgen by `pki::authority`, x509-parser by `pki::certificate`, base64 by
//! `pki::pem`, rusqlite by `host::ledger`, age by `host::backup`, rustls by `host::tls`, rustix by `host::unix`. Clippy's
//! `disallowed_methods` (clippy.toml) and `tests/layers.rs` keep the walls.
//!
//! # The flow of `export`
//!
//! Names are parsed, the password is had, key generation starts on all cores; meanwhile the home is opened under its
//! lock, and a root is made if there is none. Per machine: two keys are taken, two certificates issued, the files
//! staged beside their target, read back and judged, entered in the ledger, and renamed into place.
//!
//! A row of the ledger is durable before its files can be found. Putting them in their place and noting that they are
//! there is one transaction, in which the rows of whatever lay there become superseded; what a killed run could not note
//! is found out from the files by the next. `renew` makes the like of a bundle from the recipe in its rows, and
//! `recreate` does so for all of them, after a backup and under a new root; nothing is entered or placed any more under
//! a root that was replaced.
//!
//! # The flow of `validate`
//!
//! Files are read on all cores and become `FileContent`s, whatever they are. `Overview` has each certificate and key
//! once, with its places. The rules of the files run in an order in which one settles what the next would see, so that
//! one defect gives one error. Then every chain is judged (`path`), and rustls-webpki is asked as well; faults of many
//! leaves with one cause are put together. From facts and findings follow the rows of the programs and what the
//! Repository Service would do at its next start.
//!
//! # The flow of `probe`
//!
//! The bundle is read and judged. One handshake decides whether there is anything to talk to, further ones try each
//! version with and without the client certificate. A handshake goes on whatever is shown; the chain then becomes a file
//! among files (`inventory::shown`), and the rules, the programs' rows and the comparison are those of `validate`.
//! `rehearse` has both ends, and each judges the other by `path` while the handshake waits.

pub mod cli;
pub mod host;
pub mod pki;
