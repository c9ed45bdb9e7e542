//! The rivals, and what each is billed at a value of the input: the request with that value, resolved and priced as
//! `estimate` would.

use wharfage_core::{
    Diagnostic, PriceBook, calendar::YearGroup, diagnostic::Place as At, estimate::Status, platform::Platform,
    pricing::Place, purchase::Choice,
};

use super::{axis::Axis, search::Bill};
use crate::{
    read::unindexed,
    request::EstimateRequest,
    resolve::{Resolved, resolve},
    respond::{price, too_large},
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

/// What the rivals are billed.
pub struct Bills<'q, 'b> {
    request: &'q EstimateRequest,
    axis: &'q Axis,
    rivals: &'q [Rival<'b>],
    book: &'q PriceBook<'b>,
    /// the last request that was resolved, with its step: one rival after the other is asked about the same one
    last: Option<(u64, Resolved<'b>)>,
}

impl<'q, 'b> Bills<'q, 'b> {
    /// The bills of a request whose input is varied.
    pub fn new(request: &'q EstimateRequest, axis: &'q Axis, rivals: &'q [Rival<'b>], book: &'q PriceBook<'b>) -> Self {
        Self { request, axis, rivals, book, last: None }
    }

    /// A rival's whole bill at a step, or why there is none.
    ///
    /// # Errors
    /// What is wrong with the request at that value.
    pub fn group(&mut self, step: u64, rival: usize) -> Result<YearGroup<'b>, Vec<Diagnostic>> {
        let resolved = match self.last.take() {
            Some((at, resolved)) if at == step => resolved,
            _ => resolved_at(self.request, self.axis, step, self.book)?,
        };
        let Rival { platform, place, choice } = &self.rivals[rival];
        let asked = (*platform, place, *choice);
        let group = price(&resolved, self.book, asked, &resolved.workloads);
        let group = group.map_err(|_| vec![too_large(&resolved, self.book, asked)]);
        self.last = Some((step, resolved));
        group
    }

    /// A rival's exact total at a step, if all of it is priced.
    ///
    /// # Errors
    /// As [`Self::group`].
    pub fn bill(&mut self, step: u64, rival: usize) -> Result<Bill, Vec<Diagnostic>> {
        let group = self.group(step, rival)?.group;
        Ok((group.status == Status::Priced).then_some(group.totals.exact))
    }
}

/// A request with the value of a step.
///
/// # Errors
/// What is wrong with it; what is wrong with the value is said of the end of the range that it is.
pub fn resolved_at<'b>(
    request: &EstimateRequest,
    axis: &Axis,
    step: u64,
    book: &PriceBook<'b>,
) -> Result<Resolved<'b>, Vec<Diagnostic>> {
    let mut request = request.clone();
    if let Some(w) = request.workload.get_mut(axis.workload) {
        axis.set(step, w);
    }
    resolve(&request, book).map_err(|mut found| {
        let end = if step == 0 { "from" } else { "to" };
        for label in found.iter_mut().flat_map(|d| &mut d.labels) {
            if let At::Field(path) = &label.place
                && unindexed(path.rsplit('.').next().unwrap_or(path)) == axis.input
            {
                label.place = At::Field(end.to_owned());
            }
        }
        found
    })
}
