//! The folders of certificates: there, and not empty.

use super::super::super::diagnosis::Diagnosed;
use super::super::super::finding::{Finding, Rule, Severity};
use super::super::super::overview::list;
use super::{Scene, Told};

pub(super) const RULES: &[&Rule] = &[&LOCAL_MISSING, &LOCAL_LEFTOVER, &EXPORTED_EMPTY];

static LOCAL_MISSING: Rule = Rule {
    id: "host/local-missing",
    severity: Severity::Unjudged,
    title: "there is no folder `.Local Certificates`",
    cause: "The services that the Service Dispatcher starts (broker, hub and others) read their certificates from there. \
            Recipes for recreating certificates remove it, and it is written anew when the services start.",
    fix: "on the server itself start Qlik's services, which write it; of a copied folder, copy it as well (its name \
          begins with a dot), or give it with `--local-certificates DIR`",
    source: "Qlik help, service certificates; published recipes for recreating certificates",
};
static LOCAL_LEFTOVER: Rule = Rule {
    id: "host/local-leftover",
    severity: Severity::Note,
    title: "an old copy of `.Local Certificates` lies beside it",
    cause: "Recipes for recreating certificates rename the folder. No service reads the old one; it was not judged.",
    fix: "remove it when all works; the keys in it are still keys",
    source: "published recipes for recreating certificates",
};
static EXPORTED_EMPTY: Rule = Rule {
    id: "host/exported-empty",
    severity: Severity::Note,
    title: "folders for exported certificates hold none",
    cause: "An export was cleared away or never finished. Nobody reads them.",
    fix: "remove them, or export again for these machines",
    source: "observed folders",
};

pub(super) fn judge(scene: &Scene<'_>, found: &mut Vec<Diagnosed>, _: &mut Told) {
    if let Some(path) = scene.seen.without_local {
        let sentence = format!("there is no `{path}`");
        found.push(Diagnosed::new(Finding::new(&LOCAL_MISSING, vec![path.to_owned()], sentence)));
    }
    let mut all = |names: &[String], rule, one: &str, several: &str| {
        let listed: Vec<_> = names.iter().map(String::as_str).collect();
        let sentence = format!("{} {}", list(&listed), if names.len() == 1 { one } else { several });
        if !names.is_empty() {
            found.push(Diagnosed { finding: Finding::new(rule, Vec::new(), sentence), of: names.to_vec() });
        }
    };
    let copy = "old copies of `.Local Certificates`, which no service reads: not judged";
    let copy_of_one = copy.replace("old copies", "an old copy");
    all(scene.seen.leftovers, &LOCAL_LEFTOVER, &format!("is {copy_of_one}"), &format!("are {copy}"));
    all(scene.seen.empty, &EXPORTED_EMPTY, "holds no certificate", "hold no certificate");
}
