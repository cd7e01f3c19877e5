//! Side by side: the built `qcert` and its peers at the same work, in one run and in turns.
//!
//! `cargo bench --bench side_by_side [-- WORDS]` prints a table of medians, ratios and the marks that were set.
//! It never judges: times depend on the machine and on what else it does, so a mark that is missed is printed, not
//! asserted. What is made is made in a folder under `target` that goes when its round is over. Nothing here may write
//! elsewhere, reach the network, or be needed by a test.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints its table, and starts qcert and its peers as a person would"
)]

mod side_by_side {
    pub(super) mod memory;
    pub(super) mod plan;
    pub(super) mod program;
    pub(super) mod table;
    pub(super) mod timing;

    // What is compared, one file for each.
    pub(super) mod listing;
    pub(super) mod many_machines;
    pub(super) mod reading;
    pub(super) mod start_up;
    pub(super) mod whole_job;

    // The bare crypto library, as the peer in this process.
    mod bare;

    // The files that are read.
    mod scene;
}

use side_by_side::plan::{Part, Plan};
use side_by_side::{listing, many_machines, memory, program, reading, start_up, table, whole_job};

fn main() -> anyhow::Result<()> {
    let Some(plan) = Plan::from_words(std::env::args().skip(1))? else {
        println!("{}", side_by_side::plan::USAGE);
        return Ok(());
    };
    println!("cores: {}", program::cores());
    println!("load:  {} in the minute before, cargo's own work included; other programs spoil times", program::load());
    println!("peer:  {}", program::openssl_version());
    println!("times in milliseconds; each ratio is qcert's time divided by the peer's, unless it says rate");
    println!("\n{}", table::HEADING);
    for part in &plan.parts {
        match part {
            Part::Job => whole_job::run(&plan)?,
            Part::Many => many_machines::without_password(&plan)?,
            Part::Password => many_machines::with_password(&plan)?,
            Part::Memory => memory::run(&plan)?,
            Part::Start => start_up::run(&plan)?,
            Part::Look => reading::look(&plan)?,
            Part::Inspect => reading::inspect(&plan)?,
            Part::Validate => reading::validate(&plan)?,
            Part::List => listing::run(&plan)?,
        }
    }
    Ok(())
}
