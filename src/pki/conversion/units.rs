//! What was gathered, sorted into what new files are to hold, and their names.

use super::super::bundle::key_container;
use super::super::entropy::Entropy;
use super::super::pfx::BagAttributes;
use super::super::profile::{CLIENT_NAME, KEY_PROVIDER, Role};
use super::super::public_key::KeyAlgorithm;
use super::gather::{HeldCertificate, HeldKey, HeldPfx, Holdings};
use super::names::{Names, role};
use super::{ConversionError, Target};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What one new file holds. Of PEM and DER one object.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) target: Target,
    pub(super) certificates: Vec<Part<'a, HeldCertificate>>,
    pub(super) keys: Vec<Part<'a, HeldKey>>,
    /// Those whose further bags it carries.
    pub(super) rests: Vec<&'a HeldPfx>,
    /// Of the certificate that a lone key belongs to, or of what leads.
    pub(super) role: Option<Role>,
}

#[derive(Debug)]
pub(super) struct Part<'a, T> {
    pub(super) held: &'a T,
    /// Bag attributes: as they were read, or new ones.
    pub(super) attributes: Cow<'a, [u8]>,
}

impl Holdings {
    /// Every certificate and every key once, each in a file of its own.
    pub(super) fn one_by_one(&self, target: Target) -> Vec<(String, Unit<'_>)> {
        let (ending, key_ending) = if target == Target::Pem { (".pem", "_key.pem") } else { (".cer", "_key.der") };
        let endings = [ending, key_ending];
        let mut certificates: Vec<&HeldCertificate> = Vec::new();
        let all = self.certificates.iter().chain(self.pfx.iter().flat_map(|pfx| &pfx.certificates));
        for held in all {
            if !certificates.iter().any(|known| known.certificate.der() == held.certificate.der()) {
                certificates.push(held);
            }
        }
        certificates.sort_by_key(|held| held.from.order);
        let mut names = Names::default();
        let all: Vec<_> = certificates.iter().map(|held| (*held, false)).collect();
        let bases = names.of(&all, &endings);
        let mut keys: Vec<&HeldKey> = Vec::new();
        for held in self.keys.iter().chain(self.pfx.iter().flat_map(|pfx| &pfx.keys)) {
            if !keys.iter().any(|known| known.public == held.public) {
                keys.push(held);
            }
        }
        keys.sort_by_key(|held| held.from.order);
        let mut units = Vec::new();
        for held in &certificates {
            let Some(base) = bases.get(&held.from.order) else { continue };
            units.push((format!("{base}{ending}"), Unit::certificate(target, held)));
            let own = |key: &&HeldKey| key.public.info() == held.certificate.public_key_info();
            if let Some(at) = keys.iter().position(own) {
                let key = keys.remove(at);
                units.push((format!("{base}{key_ending}"), Unit::key(target, key, role(&held.certificate))));
            }
        }
        for key in keys {
            let base = names.claim(&key.from.stem, &endings);
            units.push((format!("{base}{key_ending}"), Unit::key(target, key, None)));
        }
        units
    }

    /// Each PFX as it is, a new one for each key that is in none, and the other certificates in DER.
    pub(super) fn as_pfx(
        &self,
        in_one: bool,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<(String, Unit<'_>)>, ConversionError> {
        let mut units: Vec<Unit<'_>> = Vec::new();
        for pfx in &self.pfx {
            let unit = Unit::whole(pfx);
            if !units.iter().any(|known| known.contents() == unit.contents()) {
                units.push(unit);
            }
        }
        let mut paired = Vec::new();
        for key in &self.keys {
            let fits = |held: &&HeldCertificate| held.certificate.public_key_info() == key.public.info();
            let own = self.certificates.iter().find(fits);
            let bagged = self.pfx.iter().filter(|pfx| pfx.keys.iter().any(|known| known.public == key.public));
            let is_there = |held: &HeldCertificate| {
                let mut certificates = bagged.clone().flat_map(|pfx| &pfx.certificates);
                certificates.any(|known| known.certificate.der() == held.certificate.der())
            };
            paired.extend(own.map(|held| held.from.order));
            let is_bagged = own.map_or(bagged.clone().next().is_some(), is_there);
            if !is_bagged {
                let certificate = own.or_else(|| self.pfx.iter().flat_map(|pfx| &pfx.certificates).find(fits));
                units.push(Unit::pair(certificate, key, entropy)?);
            }
        }
        for held in &self.certificates {
            let same = |known: &HeldCertificate| known.certificate.der() == held.certificate.der();
            let is_bagged = self.pfx.iter().flat_map(|pfx| &pfx.certificates).any(same);
            let is_root = role(&held.certificate) == Some(Role::Root);
            if !paired.contains(&held.from.order) && (is_root || !is_bagged) {
                units.push(Unit::certificate(Target::Der, held));
            }
        }
        let units = if in_one { Unit::merged(units) } else { units };
        Ok(named(units))
    }
}

fn named(units: Vec<Unit<'_>>) -> Vec<(String, Unit<'_>)> {
    let mut names = Names::default();
    let mut bases = BTreeMap::new();
    for target in [Target::Pfx, Target::Der] {
        // A PFX that was there keeps its name before one that is put together.
        let of_target = units.iter().filter(|unit| unit.target == target);
        let leads: Vec<_> = of_target.filter_map(|unit| Some((unit.lead()?, unit.rests.is_empty()))).collect();
        let given = names.of(&leads, &[ending(target)]);
        bases.extend(given.into_iter().map(|(order, base)| ((ending(target), order), base)));
    }
    let mut all = Vec::new();
    for unit in units {
        let ending = ending(unit.target);
        let by_lead = unit.lead().and_then(|lead| bases.get(&(ending, lead.from.order)).cloned());
        let of_key = unit.keys.first().map(|part| &part.held.from.stem);
        let stem = of_key.or(unit.rests.first().map(|pfx| &pfx.stem)).map_or("converted", String::as_str);
        let base = by_lead.unwrap_or_else(|| names.claim(stem, &[ending]));
        all.push((format!("{base}{ending}"), unit));
    }
    all
}

fn ending(target: Target) -> &'static str {
    match target {
        Target::Pfx => ".pfx",
        Target::Der => ".cer",
        Target::Pem => ".pem",
    }
}

impl<'a> Unit<'a> {
    fn certificate(target: Target, held: &'a HeldCertificate) -> Self {
        let part = Part { held, attributes: Cow::Borrowed(&held.from.attributes_der) };
        Self { target, certificates: vec![part], keys: Vec::new(), rests: Vec::new(), role: role(&held.certificate) }
    }

    fn key(target: Target, held: &'a HeldKey, role: Option<Role>) -> Self {
        let part = Part { held, attributes: Cow::Borrowed(&held.from.attributes_der) };
        Self { target, certificates: Vec::new(), keys: vec![part], rests: Vec::new(), role }
    }

    /// A PFX with all that it held.
    fn whole(pfx: &'a HeldPfx) -> Self {
        let certificates = pfx.certificates.iter();
        let keys = pfx.keys.iter();
        let mut unit = Self {
            target: Target::Pfx,
            certificates: certificates
                .map(|held| Part { held, attributes: Cow::Borrowed(&held.from.attributes_der[..]) })
                .collect(),
            keys: keys.map(|held| Part { held, attributes: Cow::Borrowed(&held.from.attributes_der[..]) }).collect(),
            rests: vec![pfx],
            role: None,
        };
        unit.role = unit.lead().and_then(|lead| role(&lead.certificate));
        unit
    }

    /// A certificate and its key that lay open, with what a Windows export would say of them.
    fn pair(
        certificate: Option<&'a HeldCertificate>,
        key: &'a HeldKey,
        entropy: &mut impl Entropy,
    ) -> Result<Self, ConversionError> {
        let role = certificate.and_then(|held| role(&held.certificate));
        let name = match role {
            Some(Role::Client) => Some(CLIENT_NAME.to_owned()),
            _ => certificate.and_then(|held| held.certificate.common_name().map(str::to_owned)),
        };
        let of_certificate = BagAttributes { friendly_name: name, ..BagAttributes::default() }.tied();
        // The provider of Qlik's keys holds RSA alone; a stranger's key goes where Windows wants it.
        let is_qliks = role.is_some() && matches!(key.public.algorithm(), KeyAlgorithm::Rsa { .. });
        let of_key = BagAttributes {
            friendly_name: if is_qliks { Some(key_container(entropy)?) } else { None },
            provider: is_qliks.then(|| KEY_PROVIDER.to_owned()),
            machine_keyset: role == Some(Role::Server),
            ..BagAttributes::default()
        };
        let certificates = certificate.map(|held| Part { held, attributes: Cow::Owned(of_certificate.der()) });
        Ok(Self {
            target: Target::Pfx,
            certificates: certificates.into_iter().collect(),
            keys: vec![Part { held: key, attributes: Cow::Owned(of_key.tied().der()) }],
            rests: Vec::new(),
            role,
        })
    }

    /// The certificate by which a file is called: its key's own, else the first.
    fn lead(&self) -> Option<&'a HeldCertificate> {
        let own = |part: &&Part<'a, HeldCertificate>| {
            self.keys.iter().any(|key| key.held.public.info() == part.held.certificate.public_key_info())
        };
        self.certificates.iter().find(own).or(self.certificates.first()).map(|part| part.held)
    }

    /// All in one PFX. Several with keys stay apart: what ties keys to certificates would no longer tell them apart.
    fn merged(mut units: Vec<Self>) -> Vec<Self> {
        if units.iter().filter(|unit| !unit.keys.is_empty()).count() > 1 {
            return units;
        }
        units.sort_by_key(|unit| unit.keys.is_empty());
        let mut units = units.into_iter();
        let Some(mut first) = units.next() else { return Vec::new() };
        first.target = Target::Pfx;
        for unit in units {
            for part in unit.certificates {
                // Twice only where it has another name the second time.
                let same = |known: &Part<'_, HeldCertificate>| {
                    known.held.certificate.der() == part.held.certificate.der()
                        && (part.attributes.is_empty() || part.attributes == known.attributes)
                };
                if !first.certificates.iter().any(same) {
                    first.certificates.push(part);
                }
            }
            first.rests.extend(unit.rests);
        }
        vec![first]
    }
}
