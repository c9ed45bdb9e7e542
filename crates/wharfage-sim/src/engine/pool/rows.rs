//! Two rows of instances, out of which one can step from anywhere.
//!
//! # Invariants
//! Each row is a ring: its end, then its instances from first to last. The links of an instance that is in no row mean nothing.

use super::Slot;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// with nothing in flight
    Idle,
    /// with something in flight, and room for more
    Roomy,
}

/// A place in a ring: below [`ENDS`] the end of a row, else that of an instance.
pub type Place = u32;
const ENDS: Place = 2;

#[derive(Debug, Clone, Copy)]
struct Link {
    before: Place,
    behind: Place,
}

/// Both rows.
#[derive(Debug)]
pub struct Rows {
    links: Vec<Link>,
}

/// Whose place it is; `None` for the end of a row.
#[inline]
pub fn slot(place: Place) -> Option<Slot> {
    place.checked_sub(ENDS)
}

impl Rows {
    /// Nobody is there yet.
    pub fn new() -> Self {
        Self { links: (0..ENDS).map(|end| Link { before: end, behind: end }).collect() }
    }

    /// There is one more instance, in no row.
    pub fn grow(&mut self) {
        self.links.push(Link { before: 0, behind: 0 });
    }

    /// The first place of a row.
    #[inline]
    pub fn first(&self, row: Row) -> Place {
        self.links[row as usize].behind
    }

    /// The last place of a row.
    #[inline]
    pub fn last(&self, row: Row) -> Place {
        self.before(row as Place)
    }

    /// The place before.
    #[inline]
    pub fn before(&self, place: Place) -> Place {
        self.links[place as usize].before
    }

    /// An instance that is in no row steps behind a place.
    #[inline]
    pub fn step_in(&mut self, slot: Slot, before: Place) {
        let place = slot + ENDS;
        let behind = std::mem::replace(&mut self.links[before as usize].behind, place);
        self.links[place as usize] = Link { before, behind };
        self.links[behind as usize].before = place;
    }

    /// An instance steps out of its row.
    #[inline]
    pub fn step_out(&mut self, slot: Slot) {
        let Link { before, behind } = self.links[(slot + ENDS) as usize];
        self.links[before as usize].behind = behind;
        self.links[behind as usize].before = before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(rows: &Rows, row: Row) -> Vec<Slot> {
        let mut all = Vec::new();
        let mut place = rows.last(row);
        while let Some(slot) = slot(place) {
            all.insert(0, slot);
            place = rows.before(place);
        }
        all
    }

    #[test]
    fn instances_step_in_and_out_anywhere_and_rows_do_not_mix() {
        let mut rows = Rows::new();
        (0..4).for_each(|_| rows.grow());
        assert_eq!((slot(rows.first(Row::Idle)), slot(rows.last(Row::Roomy))), (None, None));
        rows.step_in(0, rows.last(Row::Idle));
        rows.step_in(1, rows.last(Row::Idle));
        rows.step_in(2, rows.before(rows.last(Row::Idle)));
        rows.step_in(3, rows.last(Row::Roomy));
        assert_eq!((order(&rows, Row::Idle), order(&rows, Row::Roomy)), (vec![0, 2, 1], vec![3]));
        rows.step_out(2);
        rows.step_out(3);
        rows.step_in(3, Row::Idle as Place);
        assert_eq!((order(&rows, Row::Idle), order(&rows, Row::Roomy)), (vec![3, 0, 1], vec![]));
        assert_eq!(slot(rows.first(Row::Idle)), Some(3));
        [3, 0, 1].into_iter().for_each(|slot| rows.step_out(slot));
        assert_eq!(slot(rows.last(Row::Idle)), None);
    }
}
