//! The table: one row for each comparison, printed as soon as it is known.

use super::timing::{Ratio, Times};

pub(crate) const HEADING: &str = "\
what                                              qcert      peer  medians   means           mark
------------------------------------------------------------------------------------------------------------------";

/// Medians of both, their ratio, and the ratio of the means.
pub(crate) fn time_row(what: &str, qcert: &Times, peer: &Times, mark: &str) {
    let (own, other) = (qcert.median(), peer.median());
    let means = with_error(qcert.over(peer), 1.0, "");
    println!("{what:<44} {own:>10.1} {other:>9.1} {:>8.3}   {means:<15} {mark}", own / other);
}

/// The same, as the rate of qcert in percent of the peer's: time the other way round.
pub(crate) fn rate_row(what: &str, qcert: &Times, peer: &Times, mark: &str) {
    let (own, other) = (qcert.median(), peer.median());
    let means = with_error(peer.over(qcert), 100.0, " %");
    println!("{what:<44} {own:>10.1} {other:>9.1} {:>6.1} %   {means:<15} {mark}", other / own * 100.0);
}

/// Medians of both and their difference; beside it the difference of the least times, which others disturb least.
pub(crate) fn difference_row(what: &str, qcert: &Times, peer: &Times, mark: &str) {
    let (own, other) = (qcert.median(), peer.median());
    let least = format!("{:+.2} at the least", qcert.least() - peer.least());
    println!("{what:<44} {own:>10.1} {other:>9.1} {:>+8.2}   {least:<15} {mark}", own - other);
}

/// A row that compares nothing.
pub(crate) fn plain_row(what: &str, value: &str, mark: &str) {
    println!("{what:<44} {value:>10} {:>9} {:>8}   {:<15} {mark}", "", "", "");
}

fn with_error(ratio: Ratio, scale: f64, unit: &str) -> String {
    let digits = if scale > 1.0 { 1 } else { 3 };
    let value = ratio.value * scale;
    if ratio.error.is_nan() {
        return format!("{value:.digits$}{unit}");
    }
    format!("{value:.digits$} ± {:.digits$}{unit}", ratio.error * scale)
}
