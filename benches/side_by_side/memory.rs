//! Peak memory of one export by its number of machines. It should not grow with them.
//!
//! The kernel keeps the peak; it is read again and again while the program runs, for it goes with the program. Only
//! Linux shows it that way.

use super::plan::Plan;
use super::program::Place;
use super::table;
use fs_err as fs;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(2);

pub(crate) fn run(plan: &Plan) -> anyhow::Result<()> {
    for machines in plan.memory_sizes() {
        let what = format!("peak memory, {machines} machines");
        if !cfg!(target_os = "linux") {
            table::plain_row(&what, "not on Linux", "");
            continue;
        }
        let begun = Instant::now();
        let kibibytes = peak_of_export(machines)?;
        let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
        let per_machine = format!("at most 64 MiB and flat; {:.1} ms per machine", milliseconds / as_float(machines));
        table::plain_row(&what, &format!("{:.1} MiB", as_float(kibibytes) / 1024.0), &per_machine);
    }
    Ok(())
}

fn peak_of_export(machines: usize) -> anyhow::Result<usize> {
    let place = Place::new()?;
    let mut command = place.qcert();
    command.args(["export", "--host", "site.domain", "--machines-from"]).arg(place.machine_list(machines)?);
    let (status, peak) = watch(command.spawn()?)?;
    anyhow::ensure!(status.success(), "{command:?} ended with {status}");
    Ok(peak)
}

fn watch(mut child: Child) -> anyhow::Result<(ExitStatus, usize)> {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // A program that has ended, but was not waited for, has a status without memory.
        peak = peak.max(fs::read_to_string(&path).ok().and_then(|status| high_water_mark(&status)).unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            return Ok((status, peak));
        }
        std::thread::sleep(PAUSE);
    }
}

/// `VmHWM:     12345 kB`
fn high_water_mark(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn as_float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
