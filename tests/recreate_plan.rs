//! `qcert recreate --plan`: every fact about recreating is in it, at its step; names never become commands or markup;
//! nothing that asks for a password is pasted line by line. The whole page is held to `fixtures/recreate_plan`;
//! `QCERT_UPDATE_GOLDEN=1` writes it anew, to be read in the diff.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads fixtures, writes hostile folders, starts qcert, and fails loudly"
)]

#[path = "recreate_plan/facts.rs"]
mod facts;
#[path = "recreate_plan/program.rs"]
mod program;

use facts::{FACTS, Place};
use qcert::pki::knowledge::{self, Body};
use qcert::pki::plan::{Account, Action, Central, Holder, Leaf, Plan, Root, Sentence, Site, Source, machine};
use std::collections::HashSet;
use time::macros::datetime;

fn plan(site: &Site) -> Plan {
    Plan::new(site, datetime!(2026-11-21 12:00 UTC))
}

/// A site of which everything is known.
fn whole() -> Site {
    let name = |text: &str| machine(text).unwrap();
    let leaf = |octet: &str| Leaf { sha1: octet.repeat(20), not_after: datetime!(2036-01-01 0:00 UTC), secrets: true };
    Site {
        central: Some(Central { name: name("qlik1.test"), source: Source::Told }),
        root: Some(Root {
            subject: "CN=qlik1.test-CA".to_owned(),
            host: Some(name("qlik1.test")),
            sha1: "ab".repeat(20),
            sha256: "ab".repeat(32),
            not_after: datetime!(2036-01-01 0:00 UTC),
            without_constraints: false,
        }),
        server: Some(leaf("cd")),
        client: Some(leaf("ef")),
        host_cfg: Some("qlik1.test".to_owned()),
        rims: vec![name("rim1.test"), name("rim2.test")],
        account: Some(Account::parse("CORP\\svc-qlik").unwrap()),
        holders: vec![
            Holder {
                name: "nprinting.test".to_owned(),
                pfx: true,
                password: Some(false),
                secrets: true,
                not_after: Some(datetime!(2035-06-01 0:00 UTC)),
                ..Holder::default()
            },
            Holder { name: "butler.test".to_owned(), pem: true, ..Holder::default() },
        ],
        strangers: Vec::new(),
    }
}

fn sentences(plan: &Plan) -> Vec<&Sentence> {
    let steps = plan.steps.iter().flat_map(|step| {
        let said = step.actions.iter().filter_map(|action| match action {
            Action::Do(sentence) | Action::Point(sentence) => Some(sentence),
            Action::Paste(_) => None,
        });
        let troubles = step.troubles.iter().flat_map(|one| [&one.sign, &one.way_out]);
        [&step.title, &step.place].into_iter().chain(said).chain(&step.checks).chain(troubles)
    });
    let head = plan.known.iter().map(|(_, value)| value).chain(plan.blanks.iter().map(|blank| &blank.found));
    head.chain(&plan.cautions).chain(&plan.breaks).chain([&plan.title, &plan.spared]).chain(steps).collect()
}

fn commands(plan: &Plan) -> Vec<&str> {
    let actions = plan.steps.iter().flat_map(|step| &step.actions);
    actions
        .filter_map(|action| match action {
            Action::Paste(command) => Some(command.as_str()),
            Action::Do(_) | Action::Point(_) => None,
        })
        .collect()
}

/// Everything that a step says, with its commands.
fn text(plan: &Plan, name: &str) -> String {
    let step = plan.steps.iter().find(|step| step.name == name).unwrap();
    let mut lines = vec![step.title.text(), step.place.text()];
    lines.extend(step.actions.iter().map(|action| match action {
        Action::Do(sentence) | Action::Point(sentence) => sentence.text(),
        Action::Paste(command) => command.clone(),
    }));
    lines.extend(step.checks.iter().map(Sentence::text));
    lines.extend(step.troubles.iter().flat_map(|one| [one.sign.text(), one.way_out.text()]));
    lines.join("\n")
}

#[test]
fn every_fact_is_at_its_step() {
    for site in [whole(), Site::default()] {
        let plan = plan(&site);
        let breaks: Vec<String> = plan.breaks.iter().chain([&plan.spared]).map(Sentence::text).collect();
        for fact in FACTS {
            let text = match fact.place {
                Place::Step(name) => text(&plan, name),
                Place::Breaks => breaks.join("\n"),
            };
            for phrase in fact.phrases {
                assert!(text.contains(phrase), "{}, {:?}: `{phrase}` is missing in\n{text}", fact.section, fact.place);
            }
        }
    }
}

#[test]
fn what_people_forget_comes_first() {
    let plan = plan(&whole());
    let at = |name: &str| plan.steps.iter().position(|step| step.name == name).unwrap();
    let order = [
        "certificates-backup",
        "database-backup",
        "stop",
        "delete",
        "folder",
        "bootstrap",
        "doubles",
        "start",
        "try",
        "rims",
        "programs",
    ];
    assert!(order.map(at).is_sorted());
    assert!(plan.steps.is_sorted_by_key(|step| step.phase));
    for step in &plan.steps {
        assert!(!step.checks.is_empty() && !step.actions.is_empty() && !step.troubles.is_empty(), "{}", step.name);
    }
    let backup = text(&plan, "certificates-backup");
    let root_server_client = ["ABAB", "CDCD", "EFEF"].map(|thumbprint| backup.find(thumbprint).unwrap());
    assert!(root_server_client.is_sorted());
}

/// A reference to a step leads to that step, and no hole is left.
#[test]
fn numbers_are_right_and_nothing_is_left_open() {
    let plan = plan(&Site::default());
    assert!(text(&plan, "back").contains("as in step 14"));
    assert_eq!(plan.steps[13].name, "rims");
    assert_eq!(plan.steps.len(), plan.steps.iter().map(|step| step.name).collect::<HashSet<_>>().len());
    for sentence in sentences(&plan) {
        let text = sentence.text();
        assert!(!text.contains("{}") && !text.contains("{#") && !text.contains("step 0"), "{text}");
        assert!(text.matches('`').count() % 2 == 0, "{text}");
    }
}

#[test]
fn what_is_not_known_is_a_blank_that_is_explained() {
    let empty = plan(&Site::default());
    let known: HashSet<&str> = empty.blanks.iter().map(|blank| blank.text).collect();
    assert_eq!(known.len(), 9);
    let mut used = HashSet::new();
    for command in commands(&empty) {
        for (at, _) in command.match_indices('<') {
            let blank = &command[at..=at + command[at..].find('>').unwrap()];
            assert!(known.contains(blank), "{blank} in {command}");
            used.insert(blank);
        }
    }
    assert!(used.len() > 6, "{used:?}");
    let whole = plan(&whole());
    assert_eq!(whole.blanks.iter().map(|blank| blank.text).collect::<Vec<_>>(), ["<thumbprint>"]);
}

#[test]
fn passwords_are_asked_for_and_never_part_of_a_command() {
    let plan = plan(&whole());
    for command in commands(&plan) {
        for word in ["certutil -", "-AsPlainText", "PGPASSWORD", "databasePassword"] {
            assert!(!command.contains(word), "{command}");
        }
        // Pasted line by line, the next line would be taken for the answer.
        if ["Read-Host", "certutil", "$dump"].iter().any(|word| command.contains(word)) {
            assert!(command.starts_with("& {") && command.ends_with('}'), "{command}");
        }
        for line in command.lines() {
            assert!(line.chars().count() <= 96, "{line}");
        }
    }
}

/// What `qcert explain` tells is what the plan says.
#[test]
fn the_plan_agrees_with_what_is_explained() {
    let plan = plan(&whole());
    let pastes = |name: &str| -> Vec<&'static str> {
        let topic = knowledge::topics().find(|topic| topic.name == name).unwrap();
        let paste = |part: &'static knowledge::Part| match part.body {
            Body::Paste(text) => Some(text),
            _ => None,
        };
        topic.parts.iter().filter_map(paste).collect()
    };
    let (program, switches) = pastes("recreate")[0].rsplit_once('"').unwrap();
    assert!(text(&plan, "bootstrap").contains(&format!("{}'{switches}", program.trim_start_matches('"'))));
    let encode = pastes("host.cfg").into_iter().find(|text| text.starts_with("[Convert]")).unwrap();
    assert!(text(&plan, "host-name").contains(&encode.replace("host.domain", "qlik1.test")));
    for sentence in sentences(&plan) {
        for mention in sentence.text().split("qcert explain ").skip(1) {
            let word = mention.split(['`', ' ']).next().unwrap();
            let known = matches!(knowledge::find::find(word), Some(knowledge::find::Subject::Topic(_)));
            assert!(known || word == "PROGRAM" || word.starts_with("--"), "{word}");
        }
    }
    let programs = knowledge::topics().filter(|topic| topic.kind == knowledge::Kind::Program);
    // Languages are no tools, JWT has its place in another step, and the last takes no certificates.
    let elsewhere = ["node", "python", "go", "java", "dotnet", "curl", "openssl", "jwt", "qlik-api"];
    for topic in programs.filter(|topic| !elsewhere.contains(&topic.name)) {
        assert!(text(&plan, "programs").contains(&format!("`{}`", topic.name)), "{}", topic.name);
    }
}

#[test]
fn what_is_odd_about_a_site_is_said() {
    let cautions = |site: &Site| -> Vec<String> { plan(site).cautions.iter().map(Sentence::text).collect() };
    assert_eq!(cautions(&whole()), Vec::<String>::new());
    let mut renamed = whole();
    renamed.central = Some(Central { name: machine("qlik2.test").unwrap(), source: Source::Told });
    let said = cautions(&renamed);
    assert!(said.len() == 2 && said[0].contains("`qlik1.test`, the central node is `qlik2.test`"), "{said:?}");
    assert!(said[1].contains("Host.cfg says `qlik1.test`, and not `qlik2.test`"), "{said:?}");
    let mut ended = whole();
    ended.root = ended.root.map(|root| Root { not_after: datetime!(2026-11-20 0:00 UTC), ..root });
    assert!(cautions(&ended)[0].contains("the old root has ended"));
}

const HOSTILE: [&str; 8] = [
    "'; Remove-Item C:\\ -Recurse; '",
    "$(Remove-Item C:\\) `n \"x\" | calc & calc",
    "x\r\ncalc\r\n",
    "`` ``` ```` </code><script>alert(1)</script>",
    "a\u{2019}; calc; \u{2018}b\u{201c}",
    "{} {#stop} **b** [a](http://b) ![c](d)",
    "\u{202e}fdp.exe\u{1b}[2J",
    "} else { calc } #",
];

/// Whatever files say, the commands have the same shape, and the name is in none of them.
#[test]
fn names_out_of_files_never_get_into_commands() {
    let nothing_known = plan(&Site { root: whole().root.map(|root| Root { host: None, ..root }), ..Site::default() });
    for hostile in HOSTILE {
        let mut site = Site {
            root: whole().root.map(|root| Root { subject: hostile.to_owned(), host: None, ..root }),
            host_cfg: Some(hostile.to_owned()),
            strangers: vec![hostile.to_owned()],
            ..Site::default()
        };
        site.add(Holder { name: hostile.to_owned(), ..Holder::default() });
        site.name_central();
        let plan = plan(&site);
        assert!(plan.cautions.len() >= 2);
        assert_eq!(commands(&plan), commands(&nothing_known));
    }
}
