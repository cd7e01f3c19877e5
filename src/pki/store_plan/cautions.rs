//! What a person should know before stores are changed, and what no plan can mend: whose account this is, whose name the
//! certificate has, which keys a backup will lack.

use super::super::profile::Role;
use super::shelf::Shelf;
use super::{Action, Plan, Repository, Wanted, named};

pub(super) const SERVICES: &str = "a Repository Service reads these stores at its start: stop Qlik's services first (all but \
                                   `Qlik Sense Repository Database`) and start them afterwards";

pub(super) fn about_the_machine(plan: &mut Plan, shelf: &Shelf<'_>, wanted: &Wanted, repository: &Repository) {
    let snapshot = &shelf.content.snapshot;
    let changes = |role: Role| plan.changes().any(|step| step.role == Some(role) && step.action != Action::Remove);
    let mut cautions = Vec::new();
    if let (Repository::RunsAs(account), true) = (repository, changes(Role::Client))
        && !is_same_account(account, &snapshot.account, &snapshot.computer)
    {
        cautions.push(format!(
            "the Repository Service runs as `{account}`, and the client certificate goes to `{}`, where it will not find it: \
             run this as that account (`runas /user:{account} cmd`)",
            snapshot.account
        ));
    }
    let server = wanted.leaves.iter().find(|leaf| leaf.role == Role::Server);
    if let (Some(leaf), true) = (server, changes(Role::Server)) {
        let mut names = leaf.certificate.common_name().into_iter().chain(leaf.certificate.dns_names());
        if !names.any(|name| snapshot.is_called(name)) {
            let (title, computer) = (leaf.certificate.title(), &snapshot.computer);
            cautions.push(format!("the server certificate is for `{title}`, and this machine is `{computer}`"));
        }
    }
    plan.cautions.extend(cautions);
}

/// Which keys a backup will not have, as far as that is known before.
pub(super) fn say_lost_keys(plan: &mut Plan) {
    let lost = plan.removals().filter(|step| step.key.is_some() && !step.key_can_be_kept());
    let cautions: Vec<String> = lost
        .map(|step| {
            let known = step.key.as_ref().and_then(|key| key.exportable) == Some(false);
            let how = if known { "cannot be exported" } else { "may not be exportable" };
            format!(
                "the key of {} {how}: then it is not in the backup, and stays on this machine in its container \
                 (`certutil -repairstore` ties it to the certificate again)",
                named(&step.certificate)
            )
        })
        .collect();
    plan.cautions.extend(cautions);
}

/// `.\name` is the machine's own account; of `name@domain.example` the domain may be told by its short name.
fn is_same_account(service: &str, own: &str, computer: &str) -> bool {
    let whole = |account: &str| match account.strip_prefix(".\\") {
        Some(name) => format!("{computer}\\{name}"),
        None => account.to_owned(),
    };
    if whole(service).eq_ignore_ascii_case(&whole(own)) {
        return true;
    }
    match (service.split_once('@'), own.split_once('\\')) {
        (Some((name, domain)), Some((own_domain, own_name))) => {
            let short = domain.split('.').next().unwrap_or(domain);
            let same_domain = domain.eq_ignore_ascii_case(own_domain) || short.eq_ignore_ascii_case(own_domain);
            name.eq_ignore_ascii_case(own_name) && same_domain
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_several_names() {
        for (service, own, same) in [
            ("EXAMPLE\\Qlik", "example\\qlik", true),
            (".\\qlik", "QS1\\qlik", true),
            ("qlik@example.com", "EXAMPLE\\qlik", true),
            ("qlik@other.com", "EXAMPLE\\qlik", false),
            ("LocalSystem", "QS1\\qlik", false),
            ("OTHER\\qlik", "EXAMPLE\\qlik", false),
        ] {
            assert_eq!(is_same_account(service, own, "QS1"), same, "{service} {own}");
        }
    }
}
