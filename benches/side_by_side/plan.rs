//! `Plan`: what to compare and how often, from the words after `cargo bench --bench side_by_side --`.

use anyhow::{Context as _, bail};

pub(crate) const USAGE: &str = "\
cargo bench --bench side_by_side -- [PART…] [--quick] [--rounds N] [--machines N]

PART        start, look, inspect, validate, list, job, many, password, memory; all of them when none is named
--quick     few rounds: shows that it works, proves nothing
--rounds    this many rounds of each comparison
--machines  measure memory at this many machines too, such as 10000";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// One command in an empty folder.
    Job,
    /// 100 machines, no password.
    Many,
    /// 100 machines with one.
    Password,
    /// Peak memory by number of machines.
    Memory,
    /// Programs that do nothing.
    Start,
    /// One file, shown and judged.
    Look,
    /// 1,000 files, shown.
    Inspect,
    /// 1,000 files, judged.
    Validate,
    /// 100,000 certificates, listed.
    List,
}

impl Part {
    const ALL: [Self; 9] = [
        Self::Start,
        Self::Look,
        Self::Inspect,
        Self::Validate,
        Self::List,
        Self::Job,
        Self::Many,
        Self::Password,
        Self::Memory,
    ];
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) parts: Vec<Part>,
    quick: bool,
    rounds: Option<usize>,
    /// More machines than usual, for the memory.
    extra_machines: Option<usize>,
}

impl Plan {
    /// `None` when help is wanted.
    pub(crate) fn from_words(mut words: impl Iterator<Item = String>) -> anyhow::Result<Option<Self>> {
        let mut plan = Self { parts: Vec::new(), quick: false, rounds: None, extra_machines: None };
        while let Some(word) = words.next() {
            match word.as_str() {
                "job" => plan.parts.push(Part::Job),
                "many" => plan.parts.push(Part::Many),
                "password" => plan.parts.push(Part::Password),
                "memory" => plan.parts.push(Part::Memory),
                "start" => plan.parts.push(Part::Start),
                "look" => plan.parts.push(Part::Look),
                "inspect" => plan.parts.push(Part::Inspect),
                "validate" => plan.parts.push(Part::Validate),
                "list" => plan.parts.push(Part::List),
                "--quick" => plan.quick = true,
                "--rounds" => plan.rounds = Some(number(&word, words.next())?),
                "--machines" => plan.extra_machines = Some(number(&word, words.next())?),
                // Cargo adds it to every benchmark's arguments.
                "--bench" => {}
                "--help" | "-h" => return Ok(None),
                _ => bail!("`{word}` is not known\n{USAGE}"),
            }
        }
        if plan.parts.is_empty() {
            plan.parts = Part::ALL.to_vec();
        }
        Ok(Some(plan))
    }

    /// One key more or less is a lottery ticket: many rounds, and each is short.
    pub(crate) fn job_rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 5 } else { 40 })
    }

    /// Each round makes 200 keys on either side.
    pub(crate) fn many_rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 8 })
    }

    pub(crate) fn start_rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 10 } else { 100 })
    }

    pub(crate) fn reading_rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 7 } else { 50 })
    }

    /// How many machines are exported while the memory is watched.
    pub(crate) fn memory_sizes(&self) -> Vec<usize> {
        let usual: &[usize] = if self.quick { &[10, 50] } else { &[10, 100, 500] };
        usual.iter().copied().chain(self.extra_machines).collect()
    }
}

fn number(option: &str, word: Option<String>) -> anyhow::Result<usize> {
    let word = word.with_context(|| format!("`{option}` needs a number"))?;
    let number: usize = word.parse().with_context(|| format!("`{option} {word}` is not a number"))?;
    anyhow::ensure!(number > 0, "`{option}` needs a number above zero");
    Ok(number)
}
