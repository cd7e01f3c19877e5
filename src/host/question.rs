//! A question that a person answers with yes or no, where there is a person.

use super::{interrupt, password};
use std::io::{self, BufRead as _, Read as _, Write as _};

/// Octets; nobody types more to say yes.
const LONGEST: u64 = 1000;

/// Whether there is a person to ask.
pub fn can_ask() -> bool {
    password::can_ask()
}

/// On the terminal. Only `yes` and `y` are a yes; so is neither an empty line nor the end of input.
pub fn yes(question: &str) -> io::Result<bool> {
    interrupt::restore_terminal_on_interrupt();
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [yes/no]: ")?;
    stderr.flush()?;
    drop(stderr);
    let mut line = String::new();
    io::stdin().lock().take(LONGEST).read_line(&mut line)?;
    Ok(is_yes(&line))
}

fn is_yes(line: &str) -> bool {
    let word = line.trim();
    word.eq_ignore_ascii_case("yes") || word.eq_ignore_ascii_case("y")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for line in ["yes\n", "y\r\n", " YES "] {
            assert!(is_yes(line), "{line:?}");
        }
        for line in ["", "\n", "no\n", "yesterday\n", "ye\n", "1\n"] {
            assert!(!is_yes(line), "{line:?}");
        }
    }
}
