//! What people type who know other tools (openssl, step, mkcert, cfssl, certtool, keytool, Qlik's console), and how it is
//! said here. Data alone: a row is words and the way out. Each word is played in `tests/cmd/habits.case`.

/// Words for a command, and the commands that do it.
pub(super) const COMMANDS: [(&[&str], &str); 21] = [
    (
        &["generate", "gen", "create", "new", "make", "issue", "cert", "certificate", "certs"],
        "`qcert export --machine host.domain` makes a machine's bundle, `qcert sign client --out DIR` one certificate",
    ),
    (&["ca", "root", "setup"], "`qcert init` makes the site's root, `qcert init --from root.pfx` takes over one"),
    (
        &["verify", "check", "lint", "test"],
        "`qcert validate ./host.domain` judges files, `qcert doctor` a whole Qlik server",
    ),
    (&["diagnose", "diagnostics", "health"], "`qcert doctor` says what is wrong with a whole Qlik server"),
    (
        &["show", "view", "print", "dump", "read", "info", "x509", "certinfo"],
        "`qcert inspect FILE` shows what is in files and folders",
    ),
    (&["pkcs12", "p12", "pfx", "pem", "der"], "`qcert convert client.pfx --to pem` changes the form of files"),
    (&["ls", "status", "history", "ledger"], "`qcert list` lists every certificate ever issued"),
    (&["rotate", "reissue"], "`qcert renew` makes bundles anew, `qcert recreate` the root and all of them"),
    (
        &["delete", "remove", "rm"],
        "`qcert revoke` notes that a certificate is not to be trusted, `qcert store clean --root root.cer` takes a root \
         and what it issued out of Windows' stores",
    ),
    (
        &["req", "csr", "request"],
        "`qcert export --csr-only --machine host.domain` makes requests, `qcert sign server --csr FILE --out DIR` signs one",
    ),
    (
        &["connect", "s_client", "ping", "scan"],
        "`qcert probe host.domain --bundle ./host.domain` tries a service, `qcert inspect --connect host.domain:4242` \
         shows what a port shows",
    ),
    (
        &["import", "load"],
        "`qcert init --from root.pfx` takes over a root, `qcert store install DIR` puts a bundle into Windows' stores",
    ),
    (&["install", "trust"], "`qcert store install DIR` puts a bundle into Windows' stores"),
    (
        &["uninstall", "clean"],
        "`qcert store clean --root root.cer` takes a root and what it issued out of Windows' stores",
    ),
    (&["snapshot", "stores"], "`qcert store snapshot` keeps what Windows' stores hold as a file"),
    (&["simulate", "play", "demo"], "`qcert rehearse ./host.domain` plays a reload in real handshakes"),
    (&["error", "errors", "why", "describe"], "`qcert explain --text 'ERROR TEXT'` tells what an error text means"),
    (&["save", "dr"], "`qcert backup qlik.age` keeps root, key and ledger as one encrypted file"),
    (&["recover", "undo"], "`qcert restore qlik.age` makes a home of a backup again"),
    (&["keygen", "genrsa", "key"], "keys are made with their certificates: `qcert export --machine host.domain`"),
    (&["version"], "it is `qcert --version`"),
];

/// Where the way out depends on which options a command has, the first that it has counts.
type Ways = &'static [(&'static str, &'static str)];

/// Stands for what every command has.
const ANY: &str = "help";

/// Words for an option, and the options that do it.
pub(super) const OPTIONS: [(&[&str], Ways); 22] = [
    (
        &["--password", "--pass", "--passwd", "--passphrase", "--passin", "--passout", "--pw", "--pfx-password", "-p"],
        &[
            (
                "password-file",
                "a password in a command can be read by every program on the machine: write it to a file for \
                 `--password-file FILE`, or pipe it to `--password-stdin`",
            ),
            (
                "backup-passphrase-file",
                "a passphrase in a command can be read by every program on the machine: write it to a file for \
                 `--backup-passphrase-file FILE`",
            ),
            (
                "passphrase-file",
                "a passphrase in a command can be read by every program on the machine: write it to a file for \
                 `--passphrase-file FILE`",
            ),
        ],
    ),
    (
        &[
            "--cn",
            "--common-name",
            "--subject",
            "--subj",
            "--hostname",
            "--domain",
            "--fqdn",
            "--machine-name",
            "--host",
        ],
        &[
            ("name", "the name to check is given with `--name host.domain`"),
            ("machine", "a machine is named with `--machine host.domain`"),
            ("connect", "a host is reached with `--connect host.domain:4242`"),
        ],
    ),
    (
        &["--dns", "--ip", "--alt-name", "--sans", "--subject-alt-name"],
        &[("san", "further names and addresses go with `--san NAME`, which may be repeated; the first is `--machine`")],
    ),
    (
        &["--out-dir", "--outdir", "--output", "--output-dir", "--dir", "--directory", "--dest", "--out-file", "-O"],
        &[("out", "where it goes is said with `--out`")],
    ),
    (
        &["-d"],
        &[
            ("san", "a machine is named with `--machine host.domain`, where files go with `--out`"),
            ("out", "where it goes is said with `--out`"),
            ("days", "`--days DAYS` says how long it is valid"),
        ],
    ),
    (&["--bits", "--keysize", "--rsa-bits", "-b"], &[("key-size", "it is `--key-size`: 2048, 3072 or 4096")]),
    (
        &["--validity", "--valid-days", "--valid-for", "--lifetime", "--expiry"],
        &[("days", "it is `--days DAYS`, or `--not-after 2036-12-31`")],
    ),
    (
        &["--force", "-f", "--overwrite", "--yes", "-y"],
        &[
            ("exists", "`--exists replace` puts the new in the place of what is there"),
            ("replace", "`--replace` puts the new in the place of what is there"),
        ],
    ),
    (
        &["--type", "--outform", "--form"],
        &[("format", "it is `--format`: pem, pfx or all"), ("to", "it is `--to`: pem, der or pfx")],
    ),
    (
        &["--p12", "--pkcs12", "--pem"],
        &[
            ("format", "which files are written is said with `--format`: pem, pfx or all"),
            ("to", "it is `--to`: pem, der or pfx"),
        ],
    ),
    (&["--legacy", "--des3", "--3des"], &[("pfx", "`--pfx legacy` is 3DES, for Windows Server 2016 and older")]),
    (
        &["--ca", "--cafile", "--CAfile", "--ca-file", "--cacert", "--root-ca", "--trusted"],
        &[
            ("root", "the root is given with `--root FILE`"),
            ("from", "a root is taken over with `--from FILE`"),
            ("home", "the root is the one of the home: `--home DIR`, or `qcert init --from FILE` to take over another"),
        ],
    ),
    (
        &["--file", "--in", "--input", "--cert", "-i"],
        &[("paths", "files and folders are named without an option: `qcert inspect client.pem`")],
    ),
    (&["--url", "--server", "--port"], &[("connect", "a port is named with `--connect host.domain:4242`")]),
    (&["--date", "--time", "--attime"], &[("at", "another day is asked about with `--at 2030-12-31`")]),
    (
        &["--no-password", "--nodes", "--no-pass", "--insecure"],
        &[(
            "pem-keys",
            "`--pem-keys plain` leaves the PEM keys open; without a password option and without a terminal nothing is encrypted",
        )],
    ),
    (
        &["--list", "--names", "--file-list", "--hosts"],
        &[("machines-from", "a list of machines is given with `--machines-from FILE`")],
    ),
    (
        &["--csr", "--request"],
        &[("csr-only", "`--csr-only` makes requests, `qcert sign server --csr FILE --out DIR` signs one")],
    ),
    (&["--debug", "--trace", "--log-level"], &[(ANY, "`-v` tells the steps, `-vv` more")]),
    (&["--silent", "-s"], &[(ANY, "`--quiet` prints errors only, `--json` the answer for a program")]),
    (&["-j", "--output-format", "--as-json"], &[(ANY, "`--json` prints the answer as JSON")]),
    (&["-?", "--usage"], &[(ANY, "`-h` tells in short, `--help` everything")]),
];

/// Values of other tools: option, words, the way out.
pub(super) const VALUES: [(&str, &[&str], &str); 5] = [
    ("--format", &["json"], "`--json` prints the answer as JSON; `--format` says which files are written"),
    ("--format", &["p12", "pkcs12", "windows"], "Windows' format is `--format pfx`"),
    ("--format", &["der", "cer", "crt"], "`pem` writes PEM; root.cer, which is DER, comes with `pfx`"),
    ("--pfx", &["aes", "aes256", "AES-256"], "AES-256 is `--pfx modern`"),
    (
        "--pfx",
        &["3des", "des3", "rc2", "2016"],
        "3DES, for Windows Server 2016 and older, is `--pfx legacy`; RC2 is never written",
    ),
];

pub(super) fn command(typed: &str) -> Option<&'static str> {
    let typed = typed.to_ascii_lowercase();
    COMMANDS.iter().find(|(words, _)| words.contains(&typed.as_str())).map(|(_, way)| *way)
}

pub(super) fn option(typed: &str, has: impl Fn(&str) -> bool, takes_paths: bool) -> Option<&'static str> {
    let (_, ways) = OPTIONS.iter().find(|(words, _)| words.contains(&typed))?;
    let fits = |option: &str| option == ANY || (option == "paths" && takes_paths) || has(option);
    ways.iter().find(|(option, _)| fits(option)).map(|(_, way)| *way)
}

pub(super) fn value(option: &str, typed: &str) -> Option<&'static str> {
    VALUES.iter().find(|(of, words, _)| *of == option && words.contains(&typed)).map(|(.., way)| *way)
}
