//! The rivals, and what each is billed at a value of the input: by the closed forms, or by a simulation.
//!
//! # Invariants
//! A bill by the closed forms is that of the request with the value, resolved and priced as `estimate` would. Simulations all start
//! from the same random numbers, so that two bills differ by the value and not by chance alone.

use std::collections::BTreeMap;

use wharfage_core::{
    Diagnostic, Money, PriceBook, calendar::YearGroup, diagnostic::Place as At, estimate::Status, note::Note,
    platform::Platform, pricing::Place, purchase::Choice, text, text::Catalogue,
};

use super::{axis::Axis, search::Bill};
use crate::{
    read::unindexed,
    request::EstimateRequest,
    resolve::{Resolved, resolve},
    respond::{price, too_large, why_missing},
    response::{MissingOut, NoteOut},
    simulate::{self, Opener, RunOut, SimulateResponse, Watch},
};

/// One that is compared.
#[derive(Debug, Clone)]
pub struct Rival<'b> {
    /// on what
    pub platform: Platform,
    /// where
    pub place: Place<'b>,
    /// bought how
    pub choice: Choice,
}

impl Rival<'_> {
    /// Its provider's region, or the place where it has none.
    pub fn region(&self) -> &str {
        self.place.region(self.platform).map_or(&self.place.name, |r| r.id)
    }

    /// How it is bought, as requests write it.
    pub fn purchase(&self) -> &'static str {
        match self.choice {
            Choice::Of(purchase) => purchase.id(),
            Choice::Best => Choice::BEST,
        }
    }
}

/// All that a request compares, as `compare` would.
pub fn rivals<'b>(r: &Resolved<'b>) -> Vec<Rival<'b>> {
    let mut all = Vec::new();
    for place in &r.places {
        // Of all regions, a platform is priced in its own provider's.
        let there = |p: &&Platform| !r.every_region || place.region(**p).is_some();
        for platform in r.platforms.iter().filter(there) {
            let rival = |choice: &Choice| Rival { platform: *platform, place: place.clone(), choice: *choice };
            all.extend(r.purchases.iter().map(rival));
        }
    }
    all
}

/// A bill, or why there is none, with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// the total as it is rounded, and the exact one, if all of it is priced
    pub totals: Option<(Money, Money)>,
    /// why it can't run the workload
    pub reasons: Vec<NoteOut>,
    /// prices that are needed and not in the tables
    pub missing: Vec<MissingOut>,
    /// what is assumed
    pub assumptions: Vec<NoteOut>,
    /// what to beware of
    pub warnings: Vec<NoteOut>,
    /// what a real bill has besides
    pub not_priced: Vec<NoteOut>,
}

impl Told {
    /// The exact total, if all of it is priced.
    pub fn exact(&self) -> Bill {
        self.totals.map(|(_, exact)| exact)
    }
}

/// Where bills come from.
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Bills<'q, 'b> {
    /// the closed forms
    Formulas(Formulas<'q, 'b>),
    /// simulations
    Simulations(Simulations<'q, 'b>),
}

impl Bills<'_, '_> {
    /// A rival's exact total at a step, if all of it is priced.
    ///
    /// # Errors
    /// What is wrong with the request at that value.
    pub fn bill(&mut self, step: u64, rival: usize) -> Result<Bill, Vec<Diagnostic>> {
        match self {
            Self::Formulas(formulas) => {
                let group = formulas.group(step, rival)?.group;
                Ok((group.status == Status::Priced).then_some(group.totals.exact))
            }
            Self::Simulations(simulations) => Ok(simulations.told(step, rival)?.exact()),
        }
    }

    /// Steps whose bills are known, where simulations were asked to end before all were that are needed.
    pub fn cut_after(&self) -> Option<Vec<u64>> {
        match self {
            Self::Simulations(s) if s.watch.is_stopped() && !s.known.is_empty() => {
                Some(s.known.keys().copied().collect())
            }
            _ => None,
        }
    }

    /// The same with all that is said of it.
    ///
    /// # Errors
    /// As [`Self::bill`].
    pub fn told(&mut self, step: u64, rival: usize) -> Result<Told, Vec<Diagnostic>> {
        match self {
            Self::Formulas(formulas) => formulas.told(step, rival),
            Self::Simulations(simulations) => simulations.told(step, rival),
        }
    }
}

/// What is priced, with the input that is varied.
#[derive(Debug, Clone, Copy)]
pub struct Varied<'q, 'b> {
    /// the language of notes
    pub words: &'q Catalogue,
    /// all but the input
    pub request: &'q EstimateRequest,
    /// the input
    pub axis: &'q Axis,
    /// the prices
    pub book: &'q PriceBook<'b>,
}

impl<'b> Varied<'_, 'b> {
    /// The request with the value of a step.
    fn at(&self, step: u64) -> EstimateRequest {
        let mut request = self.request.clone();
        if let Some(w) = request.workload.get_mut(self.axis.workload) {
            self.axis.set(step, w);
        }
        request
    }

    /// The same, resolved.
    ///
    /// # Errors
    /// What is wrong with it; what is wrong with the value is said of the end of the range that it is.
    pub fn resolved(&self, step: u64) -> Result<Resolved<'b>, Vec<Diagnostic>> {
        resolve(&self.at(step), self.book).map_err(|found| self.said_of_the_range(step, found))
    }

    fn said_of_the_range(&self, step: u64, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let end = if step == 0 { "from" } else { "to" };
        for label in found.iter_mut().flat_map(|d| &mut d.labels) {
            if let At::Field(path) = &label.place
                && unindexed(path.rsplit('.').next().unwrap_or(path)) == self.axis.input
            {
                label.place = At::Field(end.to_owned());
            }
        }
        found
    }
}

/// Bills by the closed forms.
pub struct Formulas<'q, 'b> {
    varied: Varied<'q, 'b>,
    rivals: &'q [Rival<'b>],
    /// the last request that was resolved, with its step: one rival after the other is asked about the same one
    last: Option<(u64, Resolved<'b>)>,
}

impl<'q, 'b> Formulas<'q, 'b> {
    /// The rivals' bills by the closed forms.
    pub fn new(varied: Varied<'q, 'b>, rivals: &'q [Rival<'b>]) -> Self {
        Self { varied, rivals, last: None }
    }

    fn group(&mut self, step: u64, rival: usize) -> Result<YearGroup<'b>, Vec<Diagnostic>> {
        let resolved = match self.last.take() {
            Some((at, resolved)) if at == step => resolved,
            _ => self.varied.resolved(step)?,
        };
        let Rival { platform, place, choice } = &self.rivals[rival];
        let asked = (*platform, place, *choice);
        let group = price(&resolved, self.varied.book, asked, &resolved.workloads);
        let group = group.map_err(|_| vec![too_large(&resolved, self.varied.book, asked)]);
        self.last = Some((step, resolved));
        group
    }

    fn told(&mut self, step: u64, rival: usize) -> Result<Told, Vec<Diagnostic>> {
        let group = self.group(step, rival)?.group;
        let words = self.varied.words;
        let bills = || group.estimates.iter().map(|e| &e.bill);
        let notes = |all: &mut dyn Iterator<Item = &Note>| each_once(all.map(|n| note(words, n)));
        let missing = bills().flat_map(|bill| &bill.missing).map(|m| MissingOut {
            key: m.missing.key.clone(),
            region: m.missing.region.clone(),
            message: words.tell(&why_missing(&m.missing)),
        });
        Ok(Told {
            status: group.status.label().to_owned(),
            totals: (group.status == Status::Priced).then_some((group.totals.total, group.totals.exact)),
            reasons: notes(&mut group.estimates.iter().flat_map(|e| &e.reasons)),
            missing: each_once(missing),
            assumptions: notes(&mut bills().flat_map(|b| &b.assumptions)),
            warnings: notes(&mut bills().flat_map(|b| &b.warnings)),
            not_priced: notes(&mut bills().flat_map(|b| &b.not_priced)),
        })
    }
}

/// A note as it is read.
pub fn note(words: &Catalogue, note: &Note) -> NoteOut {
    NoteOut { code: note.code.to_string(), message: words.tell(&note.text) }
}

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut out = Vec::new();
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

/// Bills by simulation: what the usage that was simulated comes to in the period.
pub struct Simulations<'q, 'b> {
    varied: Varied<'q, 'b>,
    rivals: &'q [Rival<'b>],
    open: Opener<'q>,
    watch: &'q Watch,
    /// each step's bills, one a rival
    known: BTreeMap<u64, Vec<Told>>,
    /// arrivals, completions and the like that were simulated
    pub events: u64,
}

impl<'q, 'b> Simulations<'q, 'b> {
    /// The rivals' bills by simulation; `open` opens the files that the request names, and `watch` ends it early.
    ///
    /// # Errors
    /// What is wrong with the simulation at either end of the range, such as that it takes long.
    pub fn new(
        varied: Varied<'q, 'b>,
        rivals: &'q [Rival<'b>],
        (open, watch): (Opener<'q>, &'q Watch),
    ) -> Result<Self, Vec<Diagnostic>> {
        for step in [0, varied.axis.last] {
            let found = simulate::check(&varied.at(step), varied.book, open);
            if !found.is_empty() {
                return Err(varied.said_of_the_range(step, found));
            }
        }
        Ok(Self { varied, rivals, open, watch, known: BTreeMap::new(), events: 0 })
    }

    fn told(&mut self, step: u64, rival: usize) -> Result<Told, Vec<Diagnostic>> {
        if !self.known.contains_key(&step) {
            if self.watch.is_stopped() {
                return Err(vec![self.cut(step)]);
            }
            let Varied { words, book, .. } = self.varied;
            let answer = simulate::respond_in(words, &self.varied.at(step), book, self.open, self.watch);
            let answer = answer.map_err(|found| self.varied.said_of_the_range(step, found))?;
            // A part of a run is not what the others are compared by.
            if self.watch.is_stopped() {
                return Err(vec![self.cut(step)]);
            }
            self.events += answer.events;
            let told = (0..self.rivals.len()).map(|n| self.of(&answer, n)).collect();
            self.known.insert(step, told);
        }
        Ok(self.known[&step][rival].clone())
    }

    fn cut(&self, step: u64) -> Diagnostic {
        let (values, value) = (self.known.len(), self.varied.axis.text(step));
        let message = text!("it was stopped after {values} values, while {value} was simulated", values, value);
        let help = "a shorter --horizon or a narrower range takes less time; the closed forms answer at once";
        Diagnostic::error("simulate/cut", message).help(help)
    }

    /// A rival's bill. Runs of a platform in a region stand in the order of purchase options; one that is refused has none at all.
    fn of(&self, answer: &SimulateResponse, rival: usize) -> Told {
        let wanted = &self.rivals[rival];
        let alike = |r: &&Rival<'_>| r.platform == wanted.platform && r.region() == wanted.region();
        let before = self.rivals[..rival].iter().filter(alike).count();
        let here = |platform: &str, region: &str| platform == wanted.platform.id() && region == wanted.region();
        let runs = answer
            .runs
            .iter()
            .filter(|run| here(run.platform.as_deref().unwrap_or_default(), run.region.as_deref().unwrap_or_default()));
        if let Some(told) = runs.into_iter().nth(before).and_then(simulated) {
            return told;
        }
        let refused = answer.refused.iter().find(|r| here(&r.platform, &r.region));
        Told {
            status: refused.map_or("infeasible", |r| r.status.as_str()).to_owned(),
            totals: None,
            reasons: refused.map(|r| r.reasons.clone()).unwrap_or_default(),
            missing: refused.map(|r| r.missing.clone()).unwrap_or_default(),
            assumptions: Vec::new(),
            warnings: Vec::new(),
            not_priced: Vec::new(),
        }
    }
}

/// What a run's usage comes to in the period.
fn simulated(run: &RunOut) -> Option<Told> {
    let bill = run.bill.as_ref()?;
    let money = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<Money>().ok());
    let assumed = |says: &String| NoteOut { code: "simulate/assumed".to_owned(), message: says.clone() };
    Some(Told {
        status: bill.status.clone(),
        totals: money(&bill.monthly_total).zip(money(&bill.monthly_total_exact)),
        reasons: Vec::new(),
        missing: bill.missing.clone(),
        assumptions: run.assumptions.iter().map(assumed).collect(),
        warnings: run.warnings.clone(),
        not_priced: bill.not_priced.clone(),
    })
}
