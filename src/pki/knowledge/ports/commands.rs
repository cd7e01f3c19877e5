//! What can be typed to try a port, or the files for it. Data only.

pub(super) const PROBE_REPOSITORY: &[(&str, &str)] = &[
    ("qcert probe host.domain --bundle ./host.domain --qrs", "is this certificate taken there, and what is served"),
    ("qcert validate ./host.domain --machine host.domain", "would these files do there"),
];
pub(super) const PROBE_PROXY: &[(&str, &str)] = &[
    (
        "qcert probe host.domain --bundle ./host.domain --service proxy",
        "is this certificate taken there, and what is served",
    ),
    ("qcert validate ./host.domain --machine host.domain", "would these files do there"),
];
pub(super) const PROBE_ENGINE: &[(&str, &str)] = &[
    (
        "qcert probe host.domain --bundle ./host.domain --service engine",
        "is this certificate taken there, and what is served",
    ),
    ("qcert validate ./host.domain --machine host.domain", "would these files do there"),
];
pub(super) const PROBE_SCHEDULER: &[(&str, &str)] = &[
    (
        "qcert probe host.domain --bundle ./host.domain --service scheduler",
        "is this certificate taken there, and what is served",
    ),
    ("qcert validate ./host.domain --machine host.domain", "would these files do there"),
];
pub(super) const PROBE_LICENSE: &[(&str, &str)] = &[
    (
        "qcert probe host.domain --bundle ./host.domain --service license",
        "is this certificate taken there, and what is served",
    ),
    ("qcert validate ./host.domain --machine host.domain", "would these files do there"),
];
pub(super) const FILES_ONLY: &[(&str, &str)] =
    &[("qcert validate ./host.domain --machine host.domain", "would these files do there")];
