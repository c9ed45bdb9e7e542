//! Who is the cheapest where: a search over whole steps of one input, for bills that move in steps.
//!
//! Bills are asked for at a few steps first. An interval between two of them is settled where the bills at its ends leave no room for
//! another outcome: a bill is taken to lie between its values at the ends of a short interval, so whoever is dearer at its best than
//! another at its worst is out of the running there; and two that are equally far apart at its ends and in its middle are taken to
//! stay so. What is not settled is halved, down to single steps. The cost follows the number of crossings, not of steps.
//!
//! # Units
//! Steps count from 0; money is exact. Bills are asked for once each.
//! # Invariants
//! At a crossing the bills swap order within one step: before it one is cheaper, from it on the other is, or both are equal.
//! Where every step is looked at, nothing is assumed.
//! # Not modelled
//! A bill that leaves an interval's bounds and comes back within it: [`Search::turning`] names the bills of which that was seen to be
//! possible.

use std::collections::BTreeMap;

use wharfage_core::Money;

/// What a rival's bill is; `None` where it has none that could be compared.
pub type Bill = Option<Money>;

/// Knows a rival's bill at a step.
pub type Ask<'f, E> = Box<dyn FnMut(u64, usize) -> Result<Bill, E> + 'f>;

/// A search over bills.
pub struct Search<'f, E> {
    ask: Ask<'f, E>,
    known: BTreeMap<(u64, usize), Bill>,
    most: usize,
}

/// Steps with the same cheapest rivals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// its first step
    pub first: u64,
    /// its last step
    pub last: u64,
    /// who is the cheapest; several where their bills are equal, nobody where there is no bill
    pub cheapest: Vec<usize>,
}

/// How one rival takes over from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// its bill falls below the other's
    Crosses,
    /// the other has no bill any more
    Ends,
    /// it had no bill before
    Begins,
}

/// Where one rival takes over from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// the first step at which it is not dearer any more; at the one before the other was cheaper
    pub at: u64,
    /// the first step at which it is cheaper: later than `at` where both are equal for a while
    pub cheaper_from: u64,
    /// who is the cheaper one before
    pub from: usize,
    /// who is from there on
    pub to: usize,
    /// how
    pub kind: Kind,
}

impl<'f, E> Search<'f, E> {
    /// A search that asks for at most so many bills, and then for a few more to find what it has begun.
    pub fn new(ask: impl FnMut(u64, usize) -> Result<Bill, E> + 'f, most: usize) -> Self {
        Self { ask: Box::new(ask), known: BTreeMap::new(), most }
    }

    /// A rival's bill at a step.
    pub fn bill(&mut self, step: u64, rival: usize) -> Result<Bill, E> {
        if let Some(bill) = self.known.get(&(step, rival)) {
            return Ok(*bill);
        }
        let bill = (self.ask)(step, rival)?;
        self.known.insert((step, rival), bill);
        Ok(bill)
    }

    /// Bills asked for so far.
    pub fn asked(&self) -> usize {
        self.known.len()
    }

    /// Did it have to stop before every interval was settled?
    pub fn cut(&self) -> bool {
        self.asked() >= self.most
    }

    /// Rivals whose bill was seen to rise and to fall.
    pub fn turning(&self, rivals: usize) -> Vec<usize> {
        (0..rivals).filter(|rival| self.turns(*rival)).collect()
    }

    fn turns(&self, rival: usize) -> bool {
        let bills: Vec<Money> = self.known.iter().filter(|((_, r), _)| *r == rival).filter_map(|(_, b)| *b).collect();
        bills.windows(2).any(|w| w[0] < w[1]) && bills.windows(2).any(|w| w[0] > w[1])
    }

    /// Who is the cheapest of some rivals from the first of the steps to the last; the steps in between are where it looks first.
    pub fn stretches(&mut self, steps: &[u64], rivals: &[usize]) -> Result<Vec<Stretch>, E> {
        let mut found = Vec::new();
        for ends in steps.windows(2) {
            self.between(ends[0], ends[1], rivals, &mut found)?;
        }
        if let Some(last) = steps.last() {
            let cheapest = self.cheapest(*last, rivals)?;
            add(&mut found, *last, *last, cheapest);
        }
        Ok(found)
    }

    /// The same of steps alone, between which nothing is known.
    pub fn seen(&mut self, steps: &[u64], rivals: &[usize]) -> Result<Vec<Stretch>, E> {
        let mut found = Vec::new();
        for step in steps {
            let cheapest = self.cheapest(*step, rivals)?;
            add(&mut found, *step, *step, cheapest);
        }
        Ok(found)
    }

    /// Adds who is the cheapest from step `a` to the one before `b`.
    fn between(&mut self, a: u64, b: u64, rivals: &[usize], found: &mut Vec<Stretch>) -> Result<(), E> {
        let (here, there) = (self.cheapest(a, rivals)?, self.cheapest(b, rivals)?);
        if b - a <= 1 {
            add(found, a, a, here);
            return Ok(());
        }
        let running = self.in_the_running(a, b, rivals)?;
        let middle = a + (b - a) / 2;
        if here == there && (self.cut() || self.settled(a, middle, b, &here, &running)?) {
            add(found, a, b - 1, here);
            return Ok(());
        }
        self.between(a, middle, &running, found)?;
        self.between(middle, b, &running, found)
    }

    /// The cheapest of some rivals at a step; several where they are equal.
    fn cheapest(&mut self, step: u64, rivals: &[usize]) -> Result<Vec<usize>, E> {
        let (mut least, mut cheapest) = (None, Vec::new());
        for rival in rivals {
            let Some(bill) = self.bill(step, *rival)? else { continue };
            if least.is_none_or(|least| bill < least) {
                least = Some(bill);
                cheapest.clear();
            }
            if least == Some(bill) {
                cheapest.push(*rival);
            }
        }
        Ok(cheapest)
    }

    /// The rivals that can be the cheapest somewhere between two steps.
    fn in_the_running(&mut self, a: u64, b: u64, rivals: &[usize]) -> Result<Vec<usize>, E> {
        let mut spans = Vec::with_capacity(rivals.len());
        for rival in rivals {
            spans.push((*rival, self.bill(a, *rival)?, self.bill(b, *rival)?));
        }
        // Nobody is dearer than this who is the cheapest: one rival never is.
        let least_worst = spans.iter().filter_map(|(_, a, b)| Some((*a)?.max((*b)?))).min();
        let best = |(_, a, b): &(usize, Bill, Bill)| a.iter().chain(b).min().copied();
        let kept = |span: &&(usize, Bill, Bill)| {
            best(span).is_some_and(|best| least_worst.is_none_or(|least_worst| best <= least_worst))
        };
        Ok(spans.iter().filter(kept).map(|(rival, ..)| *rival).collect())
    }

    /// Is nobody else in the running but those that are the cheapest at both ends, or such as keep their distance from them?
    fn settled(&mut self, a: u64, middle: u64, b: u64, cheapest: &[usize], running: &[usize]) -> Result<bool, E> {
        let Some(first) = cheapest.first() else { return Ok(running.is_empty()) };
        for rival in running.iter().filter(|r| *r != first) {
            let mut gaps = [None; 3];
            for (gap, step) in gaps.iter_mut().zip([a, middle, b]) {
                *gap = match (self.bill(step, *rival)?, self.bill(step, *first)?) {
                    (Some(this), Some(least)) => Some(this.picos() - least.picos()),
                    _ => return Ok(false),
                };
            }
            if gaps[0] != gaps[1] || gaps[1] != gaps[2] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where one rival takes over from another, in the order of steps.
    pub fn crossings(&mut self, stretches: &[Stretch]) -> Result<Vec<Crossing>, E> {
        let mut found = Vec::new();
        let Some(mut lead) = stretches.first().map(|s| s.cheapest.clone()) else { return Ok(found) };
        for (n, s) in stretches.iter().enumerate().skip(1) {
            let stay: Vec<usize> = lead.iter().copied().filter(|r| s.cheapest.contains(r)).collect();
            if !stay.is_empty() {
                lead = stay;
                continue;
            }
            if let (Some(from), Some(to)) = (lead.first(), s.cheapest.first()) {
                // Both are equal as far back as both are the cheapest; the leader has been all along.
                let level = stretches[..n].iter().rev().take_while(|before| before.cheapest.contains(to));
                let at = level.last().unwrap_or(s).first;
                let kind = self.kind(at, *from, *to)?;
                found.push(Crossing { at, cheaper_from: s.first, from: *from, to: *to, kind });
            }
            lead.clone_from(&s.cheapest);
        }
        Ok(found)
    }

    fn kind(&mut self, at: u64, from: usize, to: usize) -> Result<Kind, E> {
        Ok(if self.bill(at, from)?.is_none() {
            Kind::Ends
        } else if self.bill(at - 1, to)?.is_none() {
            Kind::Begins
        } else {
            Kind::Crosses
        })
    }
}

/// Adds steps to the last stretch if the same rivals are the cheapest there.
fn add(found: &mut Vec<Stretch>, first: u64, last: u64, cheapest: Vec<usize>) {
    match found.last_mut() {
        Some(s) if s.cheapest == cheapest => s.last = last,
        _ => found.push(Stretch { first, last, cheapest }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Bills = Vec<Vec<Option<i32>>>;

    fn money(n: i32) -> Money {
        Money::from_picos(n.into()).unwrap()
    }

    fn search(bills: &Bills, most: usize) -> Search<'_, ()> {
        Search::new(move |step, rival| Ok(bills[rival][usize::try_from(step).unwrap()].map(money)), most)
    }

    /// Every step, looked at one by one.
    fn by_hand(bills: &Bills) -> Vec<Stretch> {
        let mut all = Vec::new();
        for step in 0..bills[0].len() {
            let least = bills.iter().filter_map(|b| b[step]).min();
            let cheapest = (0..bills.len()).filter(|r| least.is_some() && bills[*r][step] == least).collect();
            add(&mut all, step as u64, step as u64, cheapest);
        }
        all
    }

    fn found(bills: &Bills, steps: &[u64]) -> (Vec<Stretch>, Vec<Crossing>) {
        let mut search = search(bills, usize::MAX);
        let rivals: Vec<usize> = (0..bills.len()).collect();
        let stretches = search.stretches(steps, &rivals).unwrap();
        let crossings = search.crossings(&stretches).unwrap();
        (stretches, crossings)
    }

    /// Rising bills in steps: what each of 200 steps adds is mostly nothing.
    fn rising() -> impl Strategy<Value = Vec<Option<i32>>> {
        // Of so many sizes that no two bills keep their distance by chance.
        let jump = prop_oneof![6 => Just(0), 2 => 1..400_000_i32, 1 => 1_000_000..6_000_000_i32];
        (0..8_000_000_i32, prop::collection::vec(jump, 200)).prop_map(|(start, jumps)| {
            let sums = jumps.into_iter().scan(start, |sum, jump| {
                *sum += jump;
                Some(Some(*sum))
            });
            sums.collect()
        })
    }

    proptest! {
        #[test]
        fn bills_that_only_rise_are_searched_as_if_every_step_were_looked_at(bills in prop::collection::vec(rising(), 2..5)) {
            let (stretches, _) = found(&bills, &[0, 199]);
            prop_assert_eq!(stretches, by_hand(&bills));
        }

        #[test]
        fn bills_of_any_shape_are_found_where_every_step_is_looked_at(
            bills in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, 0..9_i32), 60), 2..4)
        ) {
            let steps: Vec<u64> = (0..60).collect();
            let (stretches, crossings) = found(&bills, &steps);
            prop_assert_eq!(&stretches, &by_hand(&bills));
            for c in crossings {
                let bill = |step: u64, rival: usize| bills[rival][step as usize];
                match c.kind {
                    Kind::Crosses => {
                        prop_assert!(bill(c.at - 1, c.from) < bill(c.at - 1, c.to));
                        prop_assert!(bill(c.at, c.to) <= bill(c.at, c.from));
                        prop_assert!(bill(c.cheaper_from, c.from).is_none_or(|b| Some(b) > bill(c.cheaper_from, c.to)));
                    }
                    Kind::Ends => prop_assert_eq!(bill(c.at, c.from), None),
                    Kind::Begins => prop_assert_eq!(bill(c.at - 1, c.to), None),
                }
            }
        }
    }

    fn line(from: i32, by: i32, steps: usize) -> Vec<Option<i32>> {
        (0..steps).map(|n| Some(from + by * n as i32)).collect()
    }

    #[test]
    fn a_crossing_costs_few_questions_whatever_the_number_of_steps() {
        let bills = vec![line(0, 3, 100_000), line(150_000, 0, 100_000)];
        let mut search = search(&bills, usize::MAX);
        let stretches = search.stretches(&[0, 99_999], &[0, 1]).unwrap();
        let crossings = search.crossings(&stretches).unwrap();
        // At 50,000 both are equal: not dearer any more, and cheaper one step later.
        assert_eq!(crossings, [Crossing { at: 50_000, cheaper_from: 50_001, from: 0, to: 1, kind: Kind::Crosses }]);
        assert!(search.asked() < 200, "{}", search.asked());
    }

    #[test]
    fn twins_and_bills_at_a_constant_distance_cost_few_questions() {
        let bills = vec![line(5, 7, 50_000), line(5, 7, 50_000), line(6, 7, 50_000)];
        let mut search = search(&bills, usize::MAX);
        let stretches = search.stretches(&[0, 49_999], &[0, 1, 2]).unwrap();
        assert_eq!(stretches, [Stretch { first: 0, last: 49_999, cheapest: vec![0, 1] }]);
        assert_eq!(search.crossings(&stretches).unwrap(), []);
        assert!(search.asked() < 20, "{}", search.asked());
    }

    #[test]
    fn a_touch_is_no_crossing() {
        let bills = vec![vec![Some(1), Some(2), Some(1)], vec![Some(2), Some(2), Some(2)]];
        let (stretches, crossings) = found(&bills, &[0, 1, 2]);
        assert_eq!(stretches.iter().map(|s| s.cheapest.clone()).collect::<Vec<_>>(), [vec![0], vec![0, 1], vec![0]]);
        assert_eq!(crossings, []);
    }

    #[test]
    fn who_has_no_bill_any_more_or_yet_is_told_from_a_crossing() {
        let bills = vec![vec![Some(1), None, Some(9), Some(9)], vec![Some(5), Some(5), Some(5), None]];
        let (_, crossings) = found(&bills, &[0, 1, 2, 3]);
        let kinds: Vec<_> = crossings.iter().map(|c| (c.at, c.from, c.to, c.kind)).collect();
        assert_eq!(kinds, [(1, 0, 1, Kind::Ends), (3, 1, 0, Kind::Ends)]);
        let late = vec![vec![None, Some(1)], vec![Some(5), Some(5)]];
        let (_, crossings) = found(&late, &[0, 1]);
        assert_eq!(crossings.iter().map(|c| (c.at, c.kind)).collect::<Vec<_>>(), [(1, Kind::Begins)]);
    }

    #[test]
    fn a_search_that_is_cut_still_ends_at_a_crossing() {
        let bills = vec![line(0, 2, 10_000), line(4_999, 1, 10_000)];
        let mut search = search(&bills, 4);
        let stretches = search.stretches(&[0, 9_999], &[0, 1]).unwrap();
        assert!(search.cut());
        assert_eq!(search.crossings(&stretches).unwrap()[0].at, 4_999);
        assert!(search.asked() < 100);
    }

    #[test]
    fn bills_that_rise_and_fall_are_named() {
        let bills = vec![line(0, 1, 3), vec![Some(3), Some(1), Some(3)], line(9, -1, 3)];
        let mut search = search(&bills, usize::MAX);
        search.stretches(&[0, 1, 2], &[0, 1, 2]).unwrap();
        assert_eq!(search.turning(3), [1]);
    }
}
