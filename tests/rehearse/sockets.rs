//! What a stranger on the network sees of a rehearsal: nothing. Every socket is of 127.0.0.1, and none is left.

use super::super::support::{Scene, process};
use super::super::{AT, fixture};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Sources, tests taken out.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            found.push((path.display().to_string(), code));
        }
    }
}

#[test]
fn there_is_one_socket_that_listens_and_it_is_local() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let binds: Vec<_> =
        found.iter().flat_map(|(_, code)| code.lines().filter(|line| line.contains("::bind("))).collect();
    assert_eq!(binds, ["    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;"]);
}

/// The calls to the kernel themselves, where there is somebody to tell of them.
#[test]
fn only_this_machine_can_call() {
    let scene = Scene::new();
    let folder = fixture(&scene, "sound-2022-both-formats", "qs1.example.com");
    let trace = scene.path("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=bind,listen,connect", "-o"]).arg(&trace);
    command.arg(env!("CARGO_BIN_EXE_qcert")).args(["rehearse", &folder, "--at", AT, "-q"]);
    if !Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("not traced: there is no strace, or it may not trace");
        return;
    }
    process::run(command).assert_code(0);
    let trace = fs::read_to_string(trace).unwrap();
    let to =
        |call: &str| trace.lines().filter(|line| line.contains(call) && line.contains("AF_INET")).collect::<Vec<_>>();
    let (bound, called) = (to("bind("), to("connect("));
    assert!(bound.len() >= 36 && called.len() >= 36, "{trace}");
    assert!(bound.iter().chain(&called).all(|line| line.contains("inet_addr(\"127.0.0.1\")")), "{trace}");
}
