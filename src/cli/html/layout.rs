//! Where the boxes of a family go: as a tree from the top down for wide pages, indented for narrow ones.
//!
//! Knows sizes only; `picture` draws.

use super::family::Family;

pub(super) const HEIGHT: usize = 130;
const WIDTH: usize = 240;
const GAP: usize = 20;
/// Between the rows: room for the line down, the line across and the mark of a broken tie.
const DROP: usize = 48;
/// Leaves side by side; an even number leaves a gap in the middle for the line down.
const COLUMNS: usize = 4;
/// Beyond this the letters of a wide picture would be too small on a page.
const WIDEST: usize = COLUMNS * WIDTH + (COLUMNS - 1) * GAP;

/// A box of the indented picture, on narrow and on wide pages.
const NARROW: usize = 296;
const BROAD: usize = 380;
const INDENT: usize = 30;
const TRUNK: usize = 12;
/// The room around the outermost strokes.
const MARGIN: usize = 2;

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) boxes: Vec<Place>,
    pub(super) lines: Vec<Line>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) member: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
    /// Whose tie it is; `None` for a stretch that several share.
    pub(super) member: Option<usize>,
}

impl Layout {
    /// From the top down; indented where that would be too wide.
    pub(super) fn wide(family: &Family<'_>) -> Self {
        if family.tops.iter().any(|top| breadth(family, *top) > WIDEST) {
            return Self::indented(family, BROAD);
        }
        let mut layout = Self::default();
        let (mut x, mut y) = (MARGIN, MARGIN);
        for top in &family.tops {
            let breadth = breadth(family, *top);
            if x + breadth > MARGIN + WIDEST {
                (x, y) = (MARGIN, layout.bottom() + DROP);
            }
            layout.tree(family, *top, x, y);
            x += breadth + GAP;
        }
        layout.close();
        layout
    }

    pub(super) fn narrow(family: &Family<'_>) -> Self {
        Self::indented(family, NARROW)
    }

    fn indented(family: &Family<'_>, width: usize) -> Self {
        let mut layout = Self::default();
        let mut y = MARGIN;
        for top in &family.tops {
            y = layout.branch(family, *top, width, (MARGIN, y));
        }
        layout.close();
        layout
    }

    fn close(&mut self) {
        self.width = self.boxes.iter().map(|place| place.x + place.width).max().unwrap_or_default() + MARGIN;
        self.height = self.bottom() + MARGIN;
    }

    fn bottom(&self) -> usize {
        self.boxes.iter().map(|place| place.y + HEIGHT).max().unwrap_or_default()
    }

    fn line(&mut self, from: (usize, usize), to: (usize, usize), member: Option<usize>) {
        self.lines.push(Line { from, to, member });
    }

    fn tree(&mut self, family: &Family<'_>, member: usize, left: usize, y: usize) {
        let breadth = breadth(family, member);
        self.boxes.push(Place { member, x: left + (breadth - WIDTH) / 2, y, width: WIDTH });
        let children = children(family, member);
        let (middle, bottom) = (left + breadth / 2, y + HEIGHT);
        if children.is_empty() {
            return;
        }
        if let [only] = children {
            self.line((middle, bottom), (middle, bottom + DROP), Some(*only));
            self.tree(family, *only, left + (breadth - self::breadth(family, *only)) / 2, bottom + DROP);
            return;
        }
        let rows: Vec<&[usize]> =
            if is_grid(family, children) { children.chunks(COLUMNS).collect() } else { vec![children] };
        let mut row_top = bottom + DROP;
        for row in &rows {
            let across_row = if rows.len() > 1 { breadth } else { across(family, row) };
            let mut x = left + (breadth - across_row) / 2;
            let bus = row_top - DROP / 2;
            let (mut first, mut last) = (middle, middle);
            for child in *row {
                let child_breadth = self::breadth(family, *child);
                let center = x + child_breadth / 2;
                (first, last) = (first.min(center), last.max(center));
                self.line((center, bus), (center, row_top), Some(*child));
                self.tree(family, *child, x, row_top);
                x += child_breadth + GAP;
            }
            self.line((first, bus), (last, bus), None);
            row_top += HEIGHT + DROP;
        }
        let rest = rows.len().saturating_sub(1);
        self.line((middle, bottom), (middle, bottom + DROP / 2 + rest * (HEIGHT + DROP)), None);
    }

    /// Returns where the next one begins.
    fn branch(&mut self, family: &Family<'_>, member: usize, width: usize, (x, y): (usize, usize)) -> usize {
        self.boxes.push(Place { member, x, y, width });
        let (trunk, bottom) = (x + TRUNK, y + HEIGHT);
        let mut next = bottom + GAP;
        let mut end = None;
        for child in children(family, member) {
            let middle = next + HEIGHT / 2;
            self.line((trunk, middle), (x + INDENT, middle), Some(*child));
            end = Some(middle);
            next = self.branch(family, *child, width, (x + INDENT, next));
        }
        if let Some(end) = end {
            self.line((trunk, bottom), (trunk, end), None);
        }
        next
    }
}

fn children<'f>(family: &'f Family<'_>, member: usize) -> &'f [usize] {
    family.members.get(member).map(|member| &member.children[..]).unwrap_or_default()
}

/// More leaves than go side by side.
fn is_grid(family: &Family<'_>, members: &[usize]) -> bool {
    members.len() > COLUMNS && members.iter().all(|member| children(family, *member).is_empty())
}

fn breadth(family: &Family<'_>, member: usize) -> usize {
    let children = children(family, member);
    if is_grid(family, children) { WIDEST } else { across(family, children).max(WIDTH) }
}

fn across(family: &Family<'_>, members: &[usize]) -> usize {
    let boxes: usize = members.iter().map(|member| breadth(family, *member)).sum();
    boxes + GAP * members.len().saturating_sub(1)
}
