//! The search over the rivals that have bills, and its crossings in words.

use wharfage_core::{
    text,
    text::{Text, listed},
};

use super::{
    super::{
        By,
        bills::{Bills, Rival, Told},
        response::{CrossingOut, PairOut, RivalOut, SearchOut},
        search::{Crossing, Kind, Search, Stretch},
    },
    Extent, Refused, Writer, bill_out, place,
};

/// Values that a search looks at first.
const LOOKS: u64 = 64;
/// Most bills that a search asks for. A bill takes some 50 µs, on platforms made of nodes some milliseconds.
const BILLS_MAX: usize = 20_000;
/// Most bills for which every value of a range is looked at, so that nothing need be assumed.
const BILLS_OF_EVERY_VALUE: u64 = 3_000;

/// The crossings of any two.
fn pairs(search: &mut Search<'_, Refused>, looks: &[u64], rivals: usize) -> Result<Vec<Crossing>, Refused> {
    let mut all = Vec::new();
    for a in 0..rivals {
        for b in a + 1..rivals {
            let stretches = search.stretches(looks, &[a, b])?;
            all.extend(search.crossings(&stretches)?);
        }
    }
    Ok(all)
}

/// What a search came to.
pub struct Searched {
    /// who is the cheapest where
    pub stretches: Vec<Stretch>,
    /// those between the cheapest of all come first
    pub crossings: Vec<Crossing>,
    of_the_cheapest: usize,
    /// bills that were asked for
    asked: usize,
    every_value: bool,
    cut: bool,
    turning: Vec<usize>,
}

/// Those that are compared, and what they are called.
pub struct Found<'w, 'q, 'f, 'b> {
    /// what is asked
    pub writer: &'w Writer<'q, 'b>,
    /// those that have bills
    pub rivals: Vec<&'w Rival<'b>>,
    /// what they are called
    pub names: Vec<String>,
    /// which of all they are, for their bills
    pub index: &'w [usize],
    /// where bills come from
    pub bills: &'w mut Bills<'f, 'b>,
    /// which of them there are
    pub extent: Extent,
}

impl Found<'_, '_, '_, '_> {
    /// Looks for who is the cheapest where, first at the values of the curve.
    ///
    /// Of values that are known already it looks at no other: a change of order between two that are not neighbours is no crossing.
    pub fn search(&mut self, curve: &[u64]) -> Result<Searched, Refused> {
        let everyone: Vec<usize> = (0..self.rivals.len()).collect();
        let (every_value, looks) = self.looks(curve);
        let (bills, index, asked) = (&mut self.bills, self.index, self.writer.asked);
        // Simulated bills have no bounds between values: only what the curve shows is followed.
        let most = if asked.by == By::Simulation { 0 } else { BILLS_MAX };
        let mut search = Search::new(|step, rival: usize| bills.bill(step, index[rival]), most);
        if self.extent == Extent::Known {
            let stretches = search.seen(curve, &everyone)?;
            let mut crossings = Vec::new();
            for group in stretches.chunk_by(|a, b| a.last + 1 == b.first) {
                crossings.extend(search.crossings(group)?);
            }
            let (of_the_cheapest, asked) = (crossings.len(), search.asked());
            let (every_value, cut, turning) = (false, true, search.turning(everyone.len()));
            return Ok(Searched { stretches, crossings, of_the_cheapest, asked, every_value, cut, turning });
        }
        let stretches = search.stretches(&looks, &everyone)?;
        let mut crossings = search.crossings(&stretches)?;
        let of_the_cheapest = crossings.len();
        if asked.every_pair {
            let told = |c: &Crossing| crossings.iter().any(|t| (t.at, t.from, t.to) == (c.at, c.from, c.to));
            let more: Vec<Crossing> =
                pairs(&mut search, &looks, everyone.len())?.into_iter().filter(|c| !told(c)).collect();
            crossings.extend(more);
        }
        let (asked, cut, turning) = (search.asked(), search.cut(), search.turning(everyone.len()));
        Ok(Searched { stretches, crossings, of_the_cheapest, asked, every_value, cut, turning })
    }

    /// Are all steps looked at, and those that a search looks at first.
    fn looks(&self, curve: &[u64]) -> (bool, Vec<u64>) {
        let axis = self.writer.axis;
        if self.writer.asked.by == By::Simulation {
            return (false, curve.to_vec());
        }
        let values = axis.last.saturating_add(1);
        if values.saturating_mul(self.rivals.len() as u64) <= BILLS_OF_EVERY_VALUE {
            return (true, (0..values).collect());
        }
        let mut looks = axis.looks(LOOKS);
        looks.extend(curve);
        looks.sort_unstable();
        looks.dedup();
        (false, looks)
    }

    fn told(&mut self, step: u64, rival: usize) -> Result<Told, Refused> {
        self.bills.told(step, self.index[rival])
    }

    /// The crossings with the bills around them.
    pub fn crossings(&mut self, searched: &Searched) -> Result<Vec<CrossingOut>, Refused> {
        let mut all = Vec::with_capacity(searched.crossings.len());
        for (n, c) in searched.crossings.iter().enumerate() {
            let (apart, around) = self.around(c)?;
            let axis = self.writer.axis;
            let mut says = self.says(c, &around);
            if apart > 1 {
                let apart = axis.text_of(apart);
                says = text!(
                    "{sentence}. Closer than {apart} to it, chance decides who is cheaper",
                    sentence = says,
                    apart
                );
            }
            all.push(CrossingOut {
                at: axis.number(c.at),
                cheaper_from: axis.number(c.cheaper_from),
                from: c.from,
                to: c.to,
                kind: match c.kind {
                    Kind::Crosses => "crosses",
                    Kind::Ends => "ends",
                    Kind::Begins => "begins",
                }
                .to_owned(),
                of_the_cheapest: n < searched.of_the_cheapest,
                holds: holds(&around),
                bills: around.iter().map(|(step, from, to)| self.pair(*step, from, to)).collect(),
                apart: axis.number_of(apart),
                says: self.writer.words.tell(&says),
            });
        }
        Ok(all)
    }

    /// Both bills below, at and above a crossing: a step away, or where simulated bills do not keep their order so close to it,
    /// as far away as they do; and how far that is.
    fn around(&mut self, c: &Crossing) -> Result<(u64, Vec<Pair>), Refused> {
        let last = self.writer.axis.last;
        let mut near = Vec::new();
        for apart in (0..=DOUBLINGS).map(|n| 1 << n).filter(|apart| *apart <= c.at) {
            let steps = [c.at - apart, c.at, (c.at + apart).min(last)];
            let mut pairs = Vec::with_capacity(steps.len());
            for step in steps {
                match self.told(step, c.from).and_then(|from| Ok((step, from, self.told(step, c.to)?))) {
                    Ok(pair) => pairs.push(pair),
                    // Simulations were asked to end: what is known around it stands.
                    Err(_) if self.extent == Extent::Known => {}
                    Err(refused) => return Err(refused),
                }
            }
            if pairs.len() < 2 || pairs[0].0 == c.at {
                break;
            }
            // At the end of the range there is nothing above.
            pairs.dedup_by_key(|(step, ..)| *step);
            if self.writer.asked.by == By::Formula || c.kind != Kind::Crosses || holds(&pairs) {
                return Ok((apart, pairs));
            }
            if near.is_empty() {
                near = pairs;
            }
        }
        Ok((1, near))
    }

    fn pair(&self, step: u64, from: &Told, to: &Told) -> PairOut {
        let cheaper = match (from.exact(), to.exact()) {
            (Some(from), Some(to)) if from == to => "equal",
            (Some(from), Some(to)) if from < to => "from",
            (Some(_), None) => "from",
            (None, None) => "none",
            _ => "to",
        };
        let value = self.writer.axis.number(step);
        PairOut { value, from: bill_out(from), to: bill_out(to), cheaper: cheaper.to_owned() }
    }

    /// A crossing in a sentence.
    fn says(&self, c: &Crossing, pairs: &[Pair]) -> Text {
        let (from, to) = (&self.names[c.from], &self.names[c.to]);
        let at = self.writer.phrase(c.at);
        let [below, here] = [&pairs[0], &pairs[1]].map(|(_, from, to)| amounts(from, to));
        let (from_below, to_below) = below;
        let (from_here, to_here) = here;
        match c.kind {
            Kind::Ends => text!("From {at} on, {from} has no bill; {to} costs {to_here} USD", at, from, to, to_here),
            Kind::Begins => {
                text!(
                    "From {at} on, {to} has a bill and costs less than {from}: {to_here} against {from_here} USD",
                    at,
                    to,
                    from,
                    to_here,
                    from_here
                )
            }
            Kind::Crosses if c.cheaper_from > c.at => {
                let less = self.writer.phrase(c.cheaper_from);
                text!(
                    "From {at} on, {to} costs the same as {from}, {to_here} USD, and from {less} on it costs less; one step below {at}, {to_below} against {from_below}",
                    at,
                    to,
                    from,
                    to_here,
                    less,
                    to_below,
                    from_below
                )
            }
            Kind::Crosses => {
                text!(
                    "From {at} on, {to} costs less than {from}: {to_here} against {from_here} USD; one step below, {to_below} against {from_below}",
                    at,
                    to,
                    from,
                    to_here,
                    from_here,
                    to_below,
                    from_below
                )
            }
        }
    }

    /// A rival with the notes of its bill where it takes part in a crossing, else at the highest value it has one at.
    pub fn rival(
        &mut self,
        n: usize,
        steps: &[u64],
        told: &[Told],
        crossings: &[Crossing],
    ) -> Result<RivalOut, Refused> {
        let crossing = crossings.iter().find(|c| c.kind == Kind::Crosses && (c.from == n || c.to == n)).map(|c| c.at);
        let highest = || steps.iter().zip(told).rev().find(|(_, t)| t.totals.is_some()).map_or(0, |(step, _)| *step);
        let step = crossing.unwrap_or_else(highest);
        let Told { assumptions, warnings, not_priced, .. } = self.told(step, n)?;
        let (place, name) = (place(self.rivals[n]), self.names[n].clone());
        Ok(RivalOut { place, name, assumptions, warnings, not_priced, noted_at: self.writer.axis.number(step) })
    }

    /// How crossings were looked for.
    pub fn searched(&self, s: &Searched) -> SearchOut {
        let values = self.writer.axis.last.saturating_add(1);
        let bills = s.asked;
        let events = match &self.bills {
            Bills::Formulas(_) => None,
            Bills::Simulations(simulations) => Some(simulations.events),
        };
        let says = if let Some(events) = events {
            text!(
                "{events} events were simulated for {bills} bills, all with the same random numbers; between the values of the curve only a change of order was followed",
                events,
                bills
            )
        } else if s.every_value {
            text!("each of {values} values was looked at", values)
        } else if s.cut {
            text!(
                "after {bills} bills the search only followed what it had found: finer crossings can exist between values that were looked at",
                bills
            )
        } else if s.turning.is_empty() {
            text!(
                "{bills} bills of {values} values were looked at; between those, bills are taken to lie between their neighbours",
                bills,
                values
            )
        } else {
            let names = listed(s.turning.iter().map(|n| self.names[*n].as_str()));
            text!(
                "{bills} bills of {values} values were looked at; those of {names} rise and fall, so that finer crossings can exist between values that were looked at",
                bills,
                values,
                names
            )
        };
        SearchOut {
            values,
            bills: bills as u64,
            events,
            every_value: s.every_value,
            turning: s.turning.clone(),
            says: self.writer.words.tell(&says),
        }
    }
}

/// A step, and both bills there.
type Pair = (u64, Told, Told);

/// How often the distance from a crossing is doubled for bills that keep their order.
const DOUBLINGS: u32 = 8;

/// Is the first cheaper below, and the second not dearer from there on?
fn holds(pairs: &[Pair]) -> bool {
    let cheaper = |(_, from, to): &Pair| from.exact().zip(to.exact()).map(|(from, to)| from < to);
    pairs.iter().enumerate().all(|(n, pair)| cheaper(pair) == Some(n == 0))
}

/// Two bills: to the cent where that tells them apart as they are, else exactly.
fn amounts(a: &Told, b: &Told) -> (String, String) {
    let of = |told: &Told| told.totals.unwrap_or_default();
    let ((a, a_exact), (b, b_exact)) = (of(a), of(b));
    if a.cmp(&b) == a_exact.cmp(&b_exact) {
        return (a.to_cents().to_string(), b.to_cents().to_string());
    }
    (a_exact.to_decimal_at(2).to_string(), b_exact.to_decimal_at(2).to_string())
}
