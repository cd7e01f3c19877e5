//! The workshop: certificates, keys, names and bundles as values.
//!
//! Nothing here touches files, the clock, the terminal, the environment or the network; time, keys, serials, random
//! octets and secrets are arguments. One noun a file; `lib.rs` has the map.

pub mod address;
pub mod archive;
pub mod assembly;
pub mod authority;
pub mod bundle;
pub mod certificate;
pub mod consumers;
pub mod conversion;
pub mod der;
pub mod diagnosis;
pub mod encryption;
pub mod entropy;
pub mod examine;
pub mod finding;
pub mod inventory;
pub mod judge;
pub mod key;
pub mod knowledge;
pub mod manifest;
pub mod name;
pub mod overview;
pub mod path;
pub mod pem;
pub mod pfx;
pub mod plan;
pub mod profile;
pub mod public_key;
pub mod rehearsal;
pub mod report;
pub mod request;
pub mod revocation_list;
pub mod rules;
pub mod sealed;
pub mod second_opinion;
pub mod secret;
pub mod serial;
pub mod signature;
pub mod snapshot;
pub mod source;
pub mod start_up;
pub mod store_plan;
pub mod text;
pub mod thumbprint;
pub mod trust_status;
pub mod validity;
pub mod waiting;
