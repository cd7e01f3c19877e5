//! What a request asks for: read from its file, the names that count, and what is not granted.

use super::super::error::problem;
use super::super::machines::parse_name;
use super::super::output::Output;
use super::super::reading::read_paths;
use super::Arguments;
use crate::pki::certificate::{Attribute, COMMON_NAME, GeneralName, SUBJECT_ALTERNATIVE_NAME, extension_name};
use crate::pki::inventory::{FileContent, Form, Request, What};
use crate::pki::name::MachineName;
use crate::pki::profile::{CLIENT_NAME, Role};
use anyhow::Context as _;
use std::path::Path;

/// More names than a machine has; TLS stacks refuse certificates of some tens of KiB.
const MOST_NAMES: usize = 100;

/// The one request that the file holds.
pub(super) fn read(csr: &Path, output: &Output) -> anyhow::Result<Request> {
    let shown = if csr == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", csr.display()) };
    let hint = "give one certificate signing request (PKCS#10), in PEM or DER";
    let mut contents = read_paths(&[csr.to_owned()], false, &[]);
    let [FileContent { form, objects, .. }] = &mut contents[..] else {
        return Err(problem(format!("{shown} is not one file"), hint));
    };
    if let Form::Unreadable(why) = form {
        return Err(problem(format!("cannot read {shown}: {why}"), "check the spelling of the path"));
    }
    if objects.iter().any(|object| object.keys().next().is_some()) {
        output.warn(&format!(
            "{shown} also holds a private key, which nobody but its owner should have; it is not looked at"
        ));
    }
    let damage = objects.iter().find_map(|object| match &object.what {
        What::Damaged(damage) => Some(format!("{shown} holds {} that cannot be read: {}", damage.kind, damage.why)),
        _ => None,
    });
    let mut requests = objects.drain(..).filter_map(|object| match object.what {
        What::Request(request) => Some(*request),
        _ => None,
    });
    match (requests.next(), requests.next(), damage) {
        (Some(request), None, None) => Ok(request),
        (_, _, Some(damage)) => Err(problem(damage, hint)),
        (Some(_), Some(_), None) => Err(problem(format!("{shown} holds several requests"), hint)),
        (None, _, None) => Err(problem(format!("{shown} holds no request"), hint)),
    }
}

/// The machine, and the further names of a server.
pub(super) fn names(
    arguments: &Arguments,
    request: &Request,
    role: Role,
    output: &Output,
) -> anyhow::Result<(MachineName, Vec<MachineName>)> {
    let underscore = arguments.names.underscore();
    let given = arguments.machine.as_ref().map(|name| parse_name(name, underscore, output)).transpose()?;
    if role == Role::Client {
        let machine = given.map_or_else(|| MachineName::parse(CLIENT_NAME, underscore), Ok)?;
        return Ok((machine, Vec::new()));
    }
    let mut aliases = arguments.names.aliases(output)?;
    let mut asked = Vec::new();
    if arguments.accept_names {
        for name in asked_names(request)? {
            let parsed = parse_name(&name, underscore, output).with_context(
                || "cannot take the names of the request; leave `--accept-names` out and name the machine yourself",
            )?;
            asked.push(parsed);
        }
    }
    let machine = match given {
        Some(machine) => machine,
        None if asked.is_empty() => {
            return Err(problem(
                "it is not said which machine the certificate is for",
                "name it with `--machine NAME`, or take the request's own names with `--accept-names`",
            ));
        }
        None => asked.remove(0),
    };
    aliases.extend(asked);
    Ok((machine, aliases))
}

/// The names that the request asks for, the first of them the machine's. A common name in words is no name where others
/// are given.
fn asked_names(request: &Request) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for alternative in request.alternative_names() {
        let alternative = alternative.ok_or_else(|| {
            problem("the names that the request asks for cannot be read", "name the machine with `--machine NAME`")
        })?;
        names.extend(alternative.iter().filter_map(|name| match name {
            GeneralName::Dns(name) => Some(name.clone()),
            other => other.ip_address().map(|ip| ip.to_string()),
        }));
    }
    if names.len() > MOST_NAMES {
        return Err(problem(
            format!("the request asks for {} names, more than {MOST_NAMES}", names.len()),
            "name those that are meant with `--machine NAME` and `--san NAME`",
        ));
    }
    if let Some(common_name) = request.name.common_name()
        && (names.is_empty() || !common_name.contains(char::is_whitespace))
    {
        names.insert(0, common_name.to_owned());
    }
    Ok(names)
}

/// What the request asks for beyond the names that it gets, in words.
pub(super) fn not_granted(request: &Request, names: &[&str], accept_names: bool) -> Vec<String> {
    let mut asked = Vec::new();
    let is_one = |text: &str| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    let taken = |attribute: &Attribute| attribute.oid == COMMON_NAME && attribute.text.as_deref().is_some_and(is_one);
    if !request.name.relative().iter().flatten().all(taken) {
        asked.push(format!("the subject {}", request.subject));
    }
    for extension in &request.extensions {
        let is_names = extension.oid == SUBJECT_ALTERNATIVE_NAME;
        let kept = |name: &GeneralName| matches!(name, GeneralName::Dns(_)) || name.ip_address().is_some();
        let all_kept = GeneralName::list(&extension.value).is_some_and(|names| names.iter().all(kept));
        let word = match extension_name(&extension.oid) {
            _ if is_names && accept_names && all_kept => continue,
            name if is_names && accept_names => format!("what is neither DNS name nor IP address in its {name}"),
            name => name.to_owned(),
        };
        if !asked.contains(&word) && asked.len() < MOST_NAMES {
            asked.push(word);
        }
    }
    asked
}
