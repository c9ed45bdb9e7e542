//! From what a search found to the response.

use wharfage_core::{
    Diagnostic, PriceBook,
    note::Note,
    text,
    text::{Catalogue, Text, listed},
};

use super::{
    Asked, By,
    axis::Axis,
    bills::{Bills, Rival, Told, note},
    response::{
        BillOut, BreakEvenResponse, CrossingOut, OtherOut, PairOut, PointOut, RivalOut, SearchOut, StretchOut, VaryOut,
    },
    search::{Crossing, Kind, Search, Stretch},
};
use crate::{
    diff::Place,
    resolve::Resolved,
    respond::{period, prices},
    response::{NoteOut, SCHEMA},
};

/// Values that a search looks at first.
const LOOKS: u64 = 64;
/// Most bills that a search asks for. A bill takes some 50 µs, on platforms made of nodes some milliseconds.
const BILLS_MAX: usize = 20_000;
/// Most bills for which every value of a range is looked at, so that nothing need be assumed.
const BILLS_OF_EVERY_VALUE: u64 = 3_000;

/// What an answer is made of.
pub struct Writer<'q, 'b> {
    pub words: &'q Catalogue,
    pub axis: &'q Axis,
    pub book: &'q PriceBook<'b>,
    pub resolved: &'q Resolved<'b>,
    pub asked: &'q Asked,
}

/// What is wrong with the request.
type Refused = Vec<Diagnostic>;

impl<'b> Writer<'_, 'b> {
    /// Searches, and writes down what is found.
    pub fn answer(&self, mut bills: Bills<'_, 'b>, all: &[Rival<'b>]) -> Result<BreakEvenResponse, Refused> {
        let steps = self.axis.looks(self.asked.points);
        let rows = self.rows(&mut bills, all.len(), &steps)?;
        let others = all.iter().zip(&rows).flat_map(|(rival, told)| self.others(rival, told, &steps)).collect();
        let with_bill: Vec<usize> = (0..all.len()).filter(|n| rows[*n].iter().any(|t| t.totals.is_some())).collect();
        let rivals: Vec<&Rival<'b>> = with_bill.iter().map(|n| &all[*n]).collect();
        let mut found = Found { writer: self, names: self.names(&rivals), rivals, index: &with_bill, bills };
        let searched = found.search(&steps)?;
        let curve = (0..steps.len()).map(|n| self.point(steps[n], with_bill.iter().map(|rival| &rows[*rival][n])));
        let curve = curve.collect();
        let rivals = (0..with_bill.len()).map(|n| found.rival(n, &steps, &rows[with_bill[n]], &searched.crossings));
        let rivals = rivals.collect::<Result<_, _>>()?;
        Ok(BreakEvenResponse {
            schema: SCHEMA,
            method: match self.asked.by {
                By::Formula => "closed form",
                By::Simulation => "simulation",
            }
            .to_owned(),
            prices: prices(self.resolved, self.book),
            period: period(self.resolved),
            currency: "USD".to_owned(),
            rounding: self.resolved.settings.rounding.id().to_owned(),
            vary: self.vary(),
            rivals,
            cheapest: searched.stretches.iter().map(|s| self.stretch(s)).collect(),
            crossings: found.crossings(&searched)?,
            curve,
            others,
            search: found.searched(&searched),
            assumptions: self.assumptions(),
        })
    }

    /// Each rival's bills at some steps.
    fn rows(&self, bills: &mut Bills<'_, 'b>, rivals: usize, steps: &[u64]) -> Result<Vec<Vec<Told>>, Refused> {
        let mut rows: Vec<Vec<Told>> = vec![Vec::with_capacity(steps.len()); rivals];
        for step in steps {
            for (rival, row) in rows.iter_mut().enumerate() {
                row.push(bills.told(*step, rival)?);
            }
        }
        Ok(rows)
    }

    /// Rivals as a reader tells them apart: by region or purchase option only where there are several.
    fn names(&self, rivals: &[&Rival<'b>]) -> Vec<String> {
        let several_places = self.resolved.places.len() > 1;
        let several_purchases = self.resolved.purchases.len() > 1;
        let name = |r: &&Rival<'b>| {
            let mut parts = vec![self.words.say(r.platform.label())];
            parts.extend(several_places.then(|| r.region()));
            parts.extend(several_purchases.then(|| r.purchase()));
            parts.join(", ")
        };
        rivals.iter().map(name).collect()
    }

    fn vary(&self) -> VaryOut {
        let axis = self.axis;
        VaryOut {
            workload: self.resolved.workloads.get(axis.workload).map(|w| w.name.clone()).unwrap_or_default(),
            input: axis.input.to_owned(),
            unit: axis.unit.to_owned(),
            stated: axis.stated.clone(),
            from: axis.number(0),
            to: axis.number(axis.last),
            step: axis.number_of(1),
        }
    }

    fn stretch(&self, s: &Stretch) -> StretchOut {
        StretchOut { from: self.axis.number(s.first), to: self.axis.number(s.last), rivals: s.cheapest.clone() }
    }

    fn point<'t>(&self, step: u64, told: impl Iterator<Item = &'t Told> + Clone) -> PointOut {
        let bills = told.clone().map(Told::exact);
        let least = bills.clone().flatten().min();
        let cheapest = bills.enumerate().filter(|(_, bill)| bill.is_some() && *bill == least).map(|(n, _)| n);
        PointOut { value: self.axis.number(step), cheapest: cheapest.collect(), bills: told.map(bill_out).collect() }
    }

    /// Runs of values at which a rival has no bill that could be compared.
    fn others(&self, rival: &Rival<'b>, told: &[Told], steps: &[u64]) -> Vec<OtherOut> {
        let mut all: Vec<OtherOut> = Vec::new();
        let mut before = None;
        for (step, told) in steps.iter().zip(told).map(|(step, told)| (self.axis.number(*step), told)) {
            let status = Some(told.status.as_str()).filter(|_| told.totals.is_none());
            match (all.last_mut(), status) {
                (_, None) => {}
                (Some(other), status) if before == status => other.to = step,
                (_, Some(status)) => all.push(OtherOut {
                    place: place(rival),
                    status: status.to_owned(),
                    from: step.clone(),
                    to: step,
                    reasons: told.reasons.clone(),
                    missing: told.missing.clone(),
                }),
            }
            before = status;
        }
        all
    }

    fn assumptions(&self) -> Vec<NoteOut> {
        let mut notes: Vec<Note> = self.axis.peak_note().into_iter().collect();
        if let Some(at) = &self.asked.formulas_cross_at {
            let says = "the closed forms cross at {at}: it is simulated from a quarter of that to four times as much";
            notes.push(Note::new("break-even/around", says, &[("at", at.clone())]));
        }
        notes.push(Note::plain("break-even/exact", "bills are compared exactly, before they are rounded to cents"));
        notes.push(match self.asked.by {
            By::Formula => {
                let says = "each bill is that of a request with this value: `wharfage estimate` has its lines";
                Note::plain("break-even/estimate", says)
            }
            By::Simulation => {
                let says =
                    "each bill is what simulated usage comes to in the period: `wharfage simulate` has its lines";
                Note::plain("break-even/simulate", says)
            }
        });
        notes.iter().map(|n| note(self.words, n)).collect()
    }

    /// A value in a sentence: `2.48 requests/s`, `12 replicas`, `176h`.
    fn phrase(&self, step: u64) -> Text {
        let (n, unit) = (self.axis.number(step), self.axis.unit);
        match self.axis.input {
            "requests" => text!("{n} requests{unit}", n, unit),
            "concurrency" => text!("concurrency {n}", n),
            input if unit.is_empty() => text!("{n} {input}", n, input = input.replace('_', " ")),
            _ => Text::plain(format!("{n}{unit}")),
        }
    }
}

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
struct Searched {
    stretches: Vec<Stretch>,
    /// those between the cheapest of all come first
    crossings: Vec<Crossing>,
    of_the_cheapest: usize,
    /// bills that were asked for
    asked: usize,
    every_value: bool,
    cut: bool,
    turning: Vec<usize>,
}

/// Those that are compared, and what they are called.
struct Found<'w, 'q, 'b> {
    writer: &'w Writer<'q, 'b>,
    rivals: Vec<&'w Rival<'b>>,
    names: Vec<String>,
    /// which of all they are, for their bills
    index: &'w [usize],
    bills: Bills<'w, 'b>,
}

impl Found<'_, '_, '_> {
    fn search(&mut self, curve: &[u64]) -> Result<Searched, Refused> {
        let everyone: Vec<usize> = (0..self.rivals.len()).collect();
        let (every_value, looks) = self.looks(curve);
        let (bills, index, asked) = (&mut self.bills, self.index, self.writer.asked);
        // Simulated bills have no bounds between values: only what the curve shows is followed.
        let most = if asked.by == By::Simulation { 0 } else { BILLS_MAX };
        let mut search = Search::new(|step, rival: usize| bills.bill(step, index[rival]), most);
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

    fn crossings(&mut self, searched: &Searched) -> Result<Vec<CrossingOut>, Refused> {
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
                pairs.push((step, self.told(step, c.from)?, self.told(step, c.to)?));
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
    fn rival(&mut self, n: usize, steps: &[u64], told: &[Told], crossings: &[Crossing]) -> Result<RivalOut, Refused> {
        let crossing = crossings.iter().find(|c| c.kind == Kind::Crosses && (c.from == n || c.to == n)).map(|c| c.at);
        let highest = || steps.iter().zip(told).rev().find(|(_, t)| t.totals.is_some()).map_or(0, |(step, _)| *step);
        let step = crossing.unwrap_or_else(highest);
        let Told { assumptions, warnings, not_priced, .. } = self.told(step, n)?;
        let (place, name) = (place(self.rivals[n]), self.names[n].clone());
        Ok(RivalOut { place, name, assumptions, warnings, not_priced, noted_at: self.writer.axis.number(step) })
    }

    fn searched(&self, s: &Searched) -> SearchOut {
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

fn place(rival: &Rival<'_>) -> Place {
    Place {
        platform: rival.platform.id().to_owned(),
        region: rival.region().to_owned(),
        purchase: rival.purchase().to_owned(),
    }
}

fn bill_out(told: &Told) -> BillOut {
    BillOut {
        status: told.status.clone(),
        total: told.totals.map(|(total, _)| total.to_cents().to_string()),
        total_exact: told.exact().map(|exact| exact.to_decimal_at(2).to_string()),
    }
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
