//! From what a search found to the response.

use wharfage_core::{
    Diagnostic, Money, PriceBook,
    calendar::YearGroup,
    estimate::Status,
    note::Note,
    text,
    text::{Catalogue, Text, listed},
};

use super::{
    Asked,
    axis::Axis,
    bills::{Bills, Rival},
    response::{
        BillOut, BreakEvenResponse, CrossingOut, OtherOut, PairOut, PointOut, RivalOut, SearchOut, StretchOut, VaryOut,
    },
    search::{Crossing, Kind, Search, Stretch},
};
use crate::{
    diff::Place,
    request::EstimateRequest,
    resolve::Resolved,
    respond::{period, prices, why_missing},
    response::{MissingOut, NoteOut, SCHEMA},
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
    pub request: &'q EstimateRequest,
    pub axis: &'q Axis,
    pub book: &'q PriceBook<'b>,
    pub resolved: &'q Resolved<'b>,
}

/// What is wrong with the request.
type Refused = Vec<Diagnostic>;

/// A rival, and its bill at each step of the curve.
type Row<'b> = (Rival<'b>, Vec<YearGroup<'b>>);

impl<'b> Writer<'_, 'b> {
    /// Searches, and writes down what is found.
    pub fn answer(&self, all: &[Rival<'b>], asked: &Asked) -> Result<BreakEvenResponse, Refused> {
        let steps = self.axis.looks(asked.points);
        let rows = self.rows(all, &steps)?;
        let others = rows.iter().flat_map(|row| self.others(row, &steps)).collect();
        let has_bill = |row: &Row<'b>| row.1.iter().any(is_priced);
        let (rivals, groups): (Vec<_>, Vec<_>) = rows.into_iter().filter(has_bill).unzip();
        let found = Found { writer: self, names: self.names(&rivals), rivals };
        let mut bills = found.bills();
        let mut search = Search::new(|step, rival| bills.bill(step, rival), BILLS_MAX);
        let (every, looks) = self.looks(&steps, found.rivals.len());
        let everyone: Vec<usize> = (0..found.rivals.len()).collect();
        let stretches = search.stretches(&looks, &everyone)?;
        let mut crossings = search.crossings(&stretches)?;
        let of_the_cheapest = crossings.len();
        if asked.every_pair {
            let told = |c: &Crossing| crossings.iter().any(|t| (t.at, t.from, t.to) == (c.at, c.from, c.to));
            let more: Vec<Crossing> =
                pairs(&mut search, &looks, everyone.len())?.into_iter().filter(|c| !told(c)).collect();
            crossings.extend(more);
        }
        let curve = steps.iter().enumerate().map(|(n, step)| self.point(*step, groups.iter().map(|g| &g[n])));
        let rivals = everyone.iter().map(|n| found.rival(*n, &steps, &groups[*n], &crossings));
        Ok(BreakEvenResponse {
            schema: SCHEMA,
            method: "closed form".to_owned(),
            prices: prices(self.resolved, self.book),
            period: period(self.resolved),
            currency: "USD".to_owned(),
            rounding: self.resolved.settings.rounding.id().to_owned(),
            vary: self.vary(),
            rivals: rivals.collect::<Result<_, _>>()?,
            cheapest: stretches.iter().map(|s| self.stretch(s)).collect(),
            curve: curve.collect(),
            others,
            search: found.search(&search, every),
            assumptions: self.assumptions(),
            crossings: found.crossings(&crossings, of_the_cheapest)?,
        })
    }

    fn rows(&self, all: &[Rival<'b>], steps: &[u64]) -> Result<Vec<Row<'b>>, Refused> {
        let mut bills = Bills::new(self.request, self.axis, all, self.book);
        let mut rows: Vec<Row<'b>> = all.iter().map(|rival| (rival.clone(), Vec::with_capacity(steps.len()))).collect();
        for step in steps {
            for (n, (_, groups)) in rows.iter_mut().enumerate() {
                groups.push(bills.group(*step, n)?);
            }
        }
        Ok(rows)
    }

    /// Are all steps looked at, and those that a search looks at first.
    fn looks(&self, curve: &[u64], rivals: usize) -> (bool, Vec<u64>) {
        let values = self.axis.last.saturating_add(1);
        if values.saturating_mul(rivals as u64) <= BILLS_OF_EVERY_VALUE {
            return (true, (0..values).collect());
        }
        let mut looks = self.axis.looks(LOOKS);
        looks.extend(curve);
        looks.sort_unstable();
        looks.dedup();
        (false, looks)
    }

    /// Rivals as a reader tells them apart: by region or purchase option only where there are several.
    fn names(&self, rivals: &[Rival<'b>]) -> Vec<String> {
        let several_places = self.resolved.places.len() > 1;
        let several_purchases = self.resolved.purchases.len() > 1;
        let name = |r: &Rival<'b>| {
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
            step: axis.step(),
        }
    }

    fn stretch(&self, s: &Stretch) -> StretchOut {
        StretchOut { from: self.axis.number(s.first), to: self.axis.number(s.last), rivals: s.cheapest.clone() }
    }

    fn point<'g>(&self, step: u64, groups: impl Iterator<Item = &'g YearGroup<'b>> + Clone) -> PointOut
    where
        'b: 'g,
    {
        let bills = groups.clone().map(|g| if is_priced(g) { Some(g.group.totals.exact) } else { None });
        let least = bills.clone().flatten().min();
        let cheapest = bills.enumerate().filter(|(_, bill)| bill.is_some() && *bill == least).map(|(n, _)| n);
        PointOut { value: self.axis.number(step), cheapest: cheapest.collect(), bills: groups.map(bill_out).collect() }
    }

    /// Runs of values at which a rival has no bill that could be compared.
    fn others(&self, (rival, groups): &Row<'b>, steps: &[u64]) -> Vec<OtherOut> {
        let mut all: Vec<OtherOut> = Vec::new();
        let mut before = Status::Priced;
        for (step, g) in steps.iter().zip(groups) {
            let status = g.group.status;
            match all.last_mut() {
                _ if status == Status::Priced => {}
                Some(other) if before == status => other.to = self.axis.number(*step),
                _ => all.push(self.other(rival, g, *step)),
            }
            before = status;
        }
        all
    }

    fn other(&self, rival: &Rival<'b>, g: &YearGroup<'b>, step: u64) -> OtherOut {
        let bills = || g.group.estimates.iter().map(|e| &e.bill);
        let mut missing: Vec<MissingOut> = Vec::new();
        for m in bills().flat_map(|bill| &bill.missing).map(|m| &m.missing) {
            let out =
                MissingOut { key: m.key.clone(), region: m.region.clone(), message: self.words.tell(&why_missing(m)) };
            if !missing.contains(&out) {
                missing.push(out);
            }
        }
        OtherOut {
            place: place(rival),
            status: g.group.status.label().to_owned(),
            from: self.axis.number(step),
            to: self.axis.number(step),
            reasons: self.notes(g.group.estimates.iter().flat_map(|e| &e.reasons)),
            missing,
        }
    }

    /// Notes as they are read, each once.
    fn notes<'n>(&self, all: impl Iterator<Item = &'n Note>) -> Vec<NoteOut> {
        let mut out: Vec<NoteOut> = Vec::new();
        for n in all {
            let note = NoteOut { code: n.code.to_string(), message: self.words.tell(&n.text) };
            if !out.contains(&note) {
                out.push(note);
            }
        }
        out
    }

    fn assumptions(&self) -> Vec<NoteOut> {
        let exact = "bills are compared exactly, before they are rounded to cents";
        let request = "each bill is that of a request with this value: `wharfage estimate` has its lines";
        let notes = [Note::plain("break-even/exact", exact), Note::plain("break-even/estimate", request)];
        self.notes(self.axis.peak_note().iter().chain(&notes))
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

/// Those that are compared, and what they are called.
struct Found<'w, 'q, 'b> {
    writer: &'w Writer<'q, 'b>,
    rivals: Vec<Rival<'b>>,
    names: Vec<String>,
}

impl<'b> Found<'_, '_, 'b> {
    fn bills(&self) -> Bills<'_, 'b> {
        Bills::new(self.writer.request, self.writer.axis, &self.rivals, self.writer.book)
    }

    /// Crossings with their bills; the first ones are between those that are the cheapest of all.
    fn crossings(&self, all: &[Crossing], of_the_cheapest: usize) -> Result<Vec<CrossingOut>, Refused> {
        let (axis, mut bills) = (self.writer.axis, self.bills());
        let out = |(n, c): (usize, &Crossing)| {
            let mut pairs = Vec::with_capacity(3);
            for step in c.at - 1..=(c.at + 1).min(axis.last) {
                pairs.push((bills.group(step, c.from)?, bills.group(step, c.to)?));
            }
            let told = (c.at - 1..).zip(&pairs).map(|(step, (from, to))| self.pair(step, from, to));
            Ok(CrossingOut {
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
                of_the_cheapest: n < of_the_cheapest,
                bills: told.collect(),
                says: self.writer.words.tell(&self.says(c, &pairs)),
            })
        };
        all.iter().enumerate().map(out).collect()
    }

    fn pair(&self, step: u64, from: &YearGroup<'b>, to: &YearGroup<'b>) -> PairOut {
        let cheaper = match (exact(from), exact(to)) {
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
    fn says(&self, c: &Crossing, pairs: &[(YearGroup<'b>, YearGroup<'b>)]) -> Text {
        let (from, to) = (&self.names[c.from], &self.names[c.to]);
        let at = self.writer.phrase(c.at);
        let [below, here] = [&pairs[0], &pairs[1]].map(|(from, to)| amounts(from, to));
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
    fn rival(
        &self,
        n: usize,
        steps: &[u64],
        groups: &[YearGroup<'b>],
        crossings: &[Crossing],
    ) -> Result<RivalOut, Refused> {
        let crossing = crossings.iter().find(|c| c.kind == Kind::Crosses && (c.from == n || c.to == n)).map(|c| c.at);
        let highest = || steps.iter().zip(groups).rev().find(|(_, g)| is_priced(g)).map_or(0, |(step, _)| *step);
        let step = crossing.unwrap_or_else(highest);
        let priced = self.bills().group(step, n)?;
        let bills = || priced.group.estimates.iter().map(|e| &e.bill);
        let notes = |all: &mut dyn Iterator<Item = &Note>| self.writer.notes(all);
        Ok(RivalOut {
            place: place(&self.rivals[n]),
            name: self.names[n].clone(),
            assumptions: notes(&mut bills().flat_map(|b| &b.assumptions)),
            warnings: notes(&mut bills().flat_map(|b| &b.warnings)),
            not_priced: notes(&mut bills().flat_map(|b| &b.not_priced)),
            noted_at: self.writer.axis.number(step),
        })
    }

    fn search(&self, search: &Search<'_, Refused>, every_value: bool) -> SearchOut {
        let values = self.writer.axis.last.saturating_add(1);
        let turning = search.turning(self.rivals.len());
        let bills = search.asked();
        let says = if every_value {
            text!("each of {values} values was looked at", values)
        } else if search.cut() {
            text!(
                "after {bills} bills the search only followed what it had found: finer crossings can exist between values that were looked at",
                bills
            )
        } else if turning.is_empty() {
            text!(
                "{bills} bills of {values} values were looked at; between those, bills are taken to lie between their neighbours",
                bills,
                values
            )
        } else {
            let names = listed(turning.iter().map(|n| self.names[*n].as_str()));
            text!(
                "{bills} bills of {values} values were looked at; those of {names} rise and fall, so that finer crossings can exist between values that were looked at",
                bills,
                values,
                names
            )
        };
        SearchOut { values, bills: bills as u64, every_value, turning, says: self.writer.words.tell(&says) }
    }
}

fn place(rival: &Rival<'_>) -> Place {
    Place {
        platform: rival.platform.id().to_owned(),
        region: rival.region().to_owned(),
        purchase: rival.purchase().to_owned(),
    }
}

fn is_priced(g: &YearGroup<'_>) -> bool {
    g.group.status == Status::Priced
}

fn exact(g: &YearGroup<'_>) -> Option<Money> {
    is_priced(g).then_some(g.group.totals.exact)
}

fn bill_out(g: &YearGroup<'_>) -> BillOut {
    let totals = &g.group.totals;
    BillOut {
        status: g.group.status.label().to_owned(),
        total: is_priced(g).then(|| totals.total.to_cents().to_string()),
        total_exact: exact(g).map(|exact| exact.to_decimal_at(2).to_string()),
    }
}

/// Two bills: to the cent where that tells them apart as they are, else exactly.
fn amounts(a: &YearGroup<'_>, b: &YearGroup<'_>) -> (String, String) {
    let (exactly, billed) = ([a, b].map(|g| exact(g).unwrap_or_default()), [a, b].map(|g| g.group.totals.total));
    let [a, b] = if billed[0].cmp(&billed[1]) == exactly[0].cmp(&exactly[1]) {
        billed.map(|total| total.to_cents().to_string())
    } else {
        exactly.map(|total| total.to_decimal_at(2).to_string())
    };
    (a, b)
}
