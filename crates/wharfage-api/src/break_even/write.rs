//! From what a search found to the response.

mod found;

use wharfage_core::{
    Diagnostic, PriceBook,
    note::Note,
    text,
    text::{Catalogue, Text},
};

use self::found::Found;
use super::{
    Asked, By,
    axis::Axis,
    bills::{Bills, Rival, Told, note},
    response::{BillOut, BreakEvenResponse, OtherOut, PointOut, StretchOut, VaryOut},
    search::Stretch,
};
use crate::{
    diff::Place,
    resolve::Resolved,
    respond::{period, prices},
    response::{NoteOut, SCHEMA},
};

/// What an answer is made of.
pub struct Writer<'q, 'b> {
    pub words: &'q Catalogue,
    pub axis: &'q Axis,
    pub book: &'q PriceBook<'b>,
    pub resolved: &'q Resolved<'b>,
    pub asked: &'q Asked,
}

/// Which values there are bills of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// of any that is asked for
    Whole,
    /// of those that are known already
    Known,
}

/// What is wrong with the request.
type Refused = Vec<Diagnostic>;

impl<'b> Writer<'_, 'b> {
    /// Searches, and writes down what is found: all of it, or what is known of simulations that were asked to end.
    pub fn answer(&self, bills: &mut Bills<'_, 'b>, all: &[Rival<'b>]) -> Result<BreakEvenResponse, Refused> {
        let whole = self.over(&self.axis.looks(self.asked.points), Extent::Whole, bills, all);
        let (Err(_), Some(known)) = (&whole, bills.cut_after()) else { return whole };
        let part = self.over(&known, Extent::Known, bills, all)?;
        let says = "it was stopped after {values} values: the curve has these alone, and crossings between them were not looked for to the end";
        let note = Note::new("simulate/cut", says, &[("values", known.len().to_string())]);
        Ok(BreakEvenResponse { warnings: vec![self::note(self.words, &note)], ..part })
    }

    fn over(
        &self,
        steps: &[u64],
        extent: Extent,
        bills: &mut Bills<'_, 'b>,
        all: &[Rival<'b>],
    ) -> Result<BreakEvenResponse, Refused> {
        let rows = self.rows(bills, all.len(), steps)?;
        let others = all.iter().zip(&rows).flat_map(|(rival, told)| self.others(rival, told, steps)).collect();
        let with_bill: Vec<usize> = (0..all.len()).filter(|n| rows[*n].iter().any(|t| t.totals.is_some())).collect();
        let rivals: Vec<&Rival<'b>> = with_bill.iter().map(|n| &all[*n]).collect();
        let mut found = Found { writer: self, names: self.names(&rivals), rivals, index: &with_bill, bills, extent };
        let searched = found.search(steps)?;
        let curve = (0..steps.len()).map(|n| self.point(steps[n], with_bill.iter().map(|rival| &rows[*rival][n])));
        let curve = curve.collect();
        let rivals = (0..with_bill.len()).map(|n| found.rival(n, steps, &rows[with_bill[n]], &searched.crossings));
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
            warnings: Vec::new(),
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
