//! Several machines: each calls each, and what keeps some of them apart is told once.

use super::super::support::Scene;
use super::super::{answer, rehearse};
use serde_json::Value;

/// A site with these machines; their folders.
fn site(scene: &Scene, machines: &[&str]) -> Vec<String> {
    scene.run(machines, &[]).assert_code(0);
    machines.iter().map(|machine| scene.out.join(machine).display().to_string()).collect()
}

fn played<'a>(scene: &Scene, folders: impl IntoIterator<Item = &'a String>, verdict: &str) -> Value {
    let folders: Vec<_> = folders.into_iter().map(String::as_str).collect();
    answer(scene, &folders, verdict)
}

fn pairs(answer: &Value, passed: bool) -> usize {
    answer["pairs"].as_array().unwrap().iter().filter(|pair| pair["passed"] == passed).count()
}

#[test]
fn two_machines_of_one_site_work() {
    let scene = Scene::new();
    let folders =
        site(&scene, &["central.test", "rim_1.test"].map(|name| name.replace('_', "-")).each_ref().map(String::as_str));
    let answer = played(&scene, &folders, "works");
    assert_eq!((pairs(&answer, true), pairs(&answer, false)), (4, 0));
    let reload = answer["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&reload["number"], &reload["to_machine"]), (&6.into(), &"rim-1.test".into()));
    let asked = answer["steps"].as_array().unwrap().iter().filter(|step| step["number"] == 2).count();
    assert_eq!(asked, 2);
}

#[test]
fn machines_of_two_sites_are_told_apart_once() {
    let (one, other) = (Scene::new(), Scene::new());
    let mut folders = site(&one, &["a.test", "b.test"]);
    folders.extend(site(&other, &["c.test"]));
    let answer = played(&one, &folders, "fails");
    assert_eq!((pairs(&answer, true), pairs(&answer, false)), (5, 4));
    let causes = answer["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    let why = causes[0]["why"].as_str().unwrap();
    assert!(["different sites", "`a.test`, `b.test`", "`c.test`"].iter().all(|words| why.contains(words)), "{why}");
    let folders: Vec<_> = folders.iter().map(String::as_str).collect();
    let text = rehearse(&one, &folders).assert_code(1).stdout;
    assert_eq!(text.matches("different sites").count(), 1, "{text}");
    assert!(text.contains("a.test -> c.test"), "{text}");
}

#[test]
fn one_bad_certificate_among_many_is_one_cause() {
    let (scene, other) = (Scene::new(), Scene::new());
    let folders = site(&scene, &["a.test", "b.test", "c.test", "d.test"]);
    other.run(&["b.test"], &[]).assert_code(0);
    for name in ["server.pem", "server_key.pem", "server.pfx"] {
        std::fs::copy(other.out.join("b.test").join(name), scene.out.join("b.test").join(name)).unwrap();
    }
    let answer = played(&scene, &folders, "fails");
    assert_eq!(pairs(&answer, false), 4);
    let causes = answer["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert!(causes[0]["why"].as_str().unwrap().contains("b.test/server.pem"), "{causes:#?}");
}

#[test]
fn twenty_machines_are_all_played_and_sixty_are_bounded() {
    let scene = Scene::new();
    let names: Vec<String> = (1..=20).map(|number| format!("m{number}.test")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let folders = site(&scene, &names);
    let answer = played(&scene, &folders, "works");
    assert_eq!((pairs(&answer, true), &answer["pairs_left_out"]), (400, &false.into()));
    // The same ones thrice: each copy is played, as a folder of the same machine.
    let thrice = folders.iter().chain(&folders).chain(&folders);
    let copies: Vec<String> =
        thrice.enumerate().map(|(number, folder)| copied(&scene, folder, &format!("copy{number}"))).collect();
    let copies: Vec<_> = copies.iter().map(String::as_str).collect();
    let text = rehearse(&scene, &copies).assert_code(0).stdout;
    assert!(text.contains("of 3600 pairs 236 were played") && text.contains("236 of 236 pairs passed"), "{text}");
    let below = rehearse(&scene, &["-r", &scene.out.display().to_string(), "--json"]).assert_code(0).json();
    assert_eq!(below["machines"].as_array().unwrap().len(), 20);
}

fn copied(scene: &Scene, from: &str, to: &str) -> String {
    let folder = scene.path(to);
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    folder.display().to_string()
}

#[test]
fn a_folder_called_after_another_machine_is_told() {
    let scene = Scene::new();
    let folders = site(&scene, &["a.test"]);
    let renamed = copied(&scene, &folders[0], "rim1.test");
    let answer = played(&scene, [&renamed], "works");
    assert!(answer["machines"][0]["folder_name"].as_str().unwrap().contains("`rim1.test`"), "{answer:#}");
    let remarks = answer["remarks"].to_string();
    assert!(
        remarks.contains("the folder is called `rim1.test`") && remarks.contains("called by `a.test`"),
        "{remarks}"
    );
    let plain = copied(&scene, &folders[0], "bundle");
    for fitting in [&folders[0], &plain] {
        let answer = played(&scene, [fitting], "works");
        assert_eq!((&answer["machines"][0]["folder_name"], &answer["remarks"]), (&Value::Null, &serde_json::json!([])));
    }
}

#[test]
fn one_server_certificate_is_one_machine() {
    let scene = Scene::new();
    let folders = site(&scene, &["a.test"]);
    let copies = ["rim1.test", "rim2.test"].map(|name| copied(&scene, &folders[0], name));
    let all = [&folders[0], &copies[0], &copies[1]];
    let answer = played(&scene, all, "works");
    assert_eq!(answer["same_machine"], serde_json::json!([all]));
    let text = rehearse(&scene, &all.map(String::as_str)).assert_code(0).stdout;
    assert!(text.starts_with("a scheduled reload on `a.test`, in 3 folders: works"), "{text}");
    assert_eq!(text.matches("one machine, not several").count(), 1, "{text}");
    assert!(!text.contains("other machine:") && !text.contains("3 machines"), "{text}");
}

#[test]
fn a_folder_that_is_given_twice_is_played_once() {
    let scene = Scene::new();
    let folders = site(&scene, &["a.test", "b.test"]);
    let link = scene.path("link");
    std::os::unix::fs::symlink(&folders[0], &link).unwrap();
    let (dotted, link) = (format!("{}/../a.test/", folders[0]), link.display().to_string());
    let text = rehearse(&scene, &[&folders[0], &dotted, &link]).assert_code(0).stdout;
    assert!(text.starts_with("a scheduled reload on `a.test`: works"), "{text}");
    assert_eq!(text.matches("the same folder was given twice, and is played once").count(), 1, "{text}");
    let above = scene.out.display().to_string();
    let answer = answer(&scene, &["-r", &above, &folders[1], &link], "works");
    assert_eq!(answer["machines"].as_array().unwrap().len(), 2, "{answer:#}");
    assert!(answer["remarks"].to_string().contains("given twice"), "{answer:#}");
}
