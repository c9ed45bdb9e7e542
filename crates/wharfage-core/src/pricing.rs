//! From workloads to estimates: one group per platform, region and purchase option.
//!
//! A group is what one account would see on its bill if all workloads ran there. What they share (cluster fees, credits)
//! is counted once: in the one workload's estimate, or in an estimate of its own named `(shared)`.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    beside,
    book::{PriceBook, Region},
    commitment::{self, Spread},
    estimate::{Bill, Estimate, Rounding, SHARED, Status, Totals, provenance_warnings, status_of},
    money::Overflow,
    note::Note,
    period::Period,
    platform::{Context, Outcome, Platform},
    purchase::{Choice, Purchase},
    rollout,
    workload::{Switch, Workload},
};

/// What holds for every estimate of a request.
#[derive(Debug, Clone)]
pub struct Settings {
    /// the day prices are taken from
    pub day: Date,
    /// what the bills are for
    pub period: Period,
    /// are allowances and credits given
    pub free_tier: Switch,
    /// how totals are rounded
    pub rounding: Rounding,
    /// dollars an hour that a commitment is for; `None`: the period's lowest hourly usage
    pub commit: Option<Decimal>,
}

/// A place asked for, with each provider's region there.
#[derive(Debug, Clone)]
pub struct Place<'b> {
    /// as the user wrote it
    pub name: String,
    /// AWS's region there
    pub aws: Option<Region<'b>>,
    /// Google's region there
    pub gcp: Option<Region<'b>>,
}

impl<'b> Place<'b> {
    /// The region of a platform's provider there.
    pub fn region(&self, platform: Platform) -> Option<Region<'b>> {
        if platform.provider() == "aws" { self.aws } else { self.gcp }
    }
}

/// All workloads on one platform in one region, bought one way.
#[derive(Debug, Clone)]
pub struct Group<'b> {
    /// one per workload, in the request's order; what they share comes last
    pub estimates: Vec<Estimate<'b>>,
    /// the worst status among them
    pub status: Status,
    /// sum over all estimates, each sku summed before it is rounded
    pub totals: Totals,
}

impl<'b> AsRef<Group<'b>> for Group<'b> {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<'b> AsMut<Group<'b>> for Group<'b> {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

/// Prices a group.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn group<'b>(
    book: &PriceBook<'b>,
    settings: &Settings,
    platform: Platform,
    place: &Place<'b>,
    purchase: Purchase,
    workloads: &[Workload],
) -> Result<Group<'b>, Overflow> {
    let Some(region) = place.region(platform) else {
        return Ok(nowhere(platform, place, purchase, workloads));
    };
    let mut ctx = Context::new(book, region, settings.day, purchase, &settings.period, settings.free_tier);
    ctx.commit = settings.commit;
    let mut outcomes = workloads.iter().map(|w| platform.own(&ctx, w)).collect::<Result<Vec<_>, _>>()?;
    if outcomes.len() > 1 {
        let feasible = workloads.iter().zip(&outcomes).filter(|(_, o)| o.is_ok()).map(|(w, _)| w);
        if let Some(reason) = platform.together(&ctx, &feasible.collect::<Vec<_>>())? {
            outcomes.iter_mut().filter(|o| o.is_ok()).for_each(|o| *o = Err(vec![reason.clone()]));
        }
    }
    // Machines are committed to where they are made, which is in `shared`.
    let told = if platform.has_nodes() { Bill::default() } else { committed(&ctx, workloads, &mut outcomes)? };
    let on_it: Vec<(&Workload, &Bill<'b>)> =
        workloads.iter().zip(&outcomes).filter_map(|(w, o)| o.as_ref().ok().map(|bill| (w, bill))).collect();
    let mut shared = if on_it.is_empty() { None } else { Some(platform.shared(&ctx, &on_it)?) };
    let served: Vec<&Workload> = on_it.iter().map(|(w, _)| *w).collect();
    for (w, outcome) in workloads.iter().zip(&mut outcomes) {
        if let Ok(bill) = outcome {
            beside::own(platform, &ctx, w, bill)?;
        }
    }
    if let Some(shared) = &mut shared {
        shared.append(told);
        beside::shared(platform, &ctx, &served, shared)?;
    }

    let finish = |workload: &str, outcome| estimate(&ctx, settings, platform, workload, outcome);
    let mut estimates = Vec::with_capacity(workloads.len() + 1);
    let alone = workloads.len() == 1;
    for (w, outcome) in workloads.iter().zip(outcomes) {
        let outcome = outcome.map(|mut bill| {
            if let (true, Some(shared)) = (alone, &shared) {
                bill.append(shared.clone());
            } else if platform.has_nodes() {
                let says = "it runs on nodes that the workloads share, which are priced once for all of them";
                bill.assumptions.push(Note::plain(format!("{}/shared-nodes", platform.id()), says));
            }
            bill
        });
        estimates.push(finish(&w.name, outcome)?);
    }
    if let (false, Some(shared)) = (alone, shared)
        && !(shared.lines.is_empty() && shared.missing.is_empty())
    {
        estimates.push(finish(SHARED, Ok(shared))?);
    }
    let status = estimates.iter().map(|e| e.status).max().unwrap_or(Status::Infeasible);
    let totals = settings.rounding.total(estimates.iter().flat_map(|e| &e.bill.lines))?;
    Ok(Group { estimates, status, totals })
}

/// Splits the workloads' lines by what a commitment covers; what is wasted and said is shared.
fn committed<'b>(
    ctx: &Context<'_, 'b>,
    workloads: &[Workload],
    outcomes: &mut [Outcome<'b>],
) -> Result<Bill<'b>, Overflow> {
    if !matches!(ctx.purchase, Purchase::Committed(_)) {
        return Ok(Bill::default());
    }
    let mut bills: Vec<&mut Bill<'b>> = Vec::new();
    for (w, outcome) in workloads.iter().zip(outcomes) {
        let Ok(bill) = outcome else { continue };
        for line in &mut bill.lines {
            let canary = rollout::time(w, line);
            line.spread = canary.map_or_else(|| Spread::of(w, ctx.period), |time| Spread::on(time, ctx.period));
        }
        bills.push(bill);
    }
    Ok(commitment::cover(ctx, &mut bills, &[])?.0)
}

/// Prices a group bought as asked; of several options the cheapest that is priced, with what the others come to.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn chosen<'b>(
    book: &PriceBook<'b>,
    settings: &Settings,
    platform: Platform,
    place: &Place<'b>,
    choice: Choice,
    workloads: &[Workload],
) -> Result<Group<'b>, Overflow> {
    cheapest(platform, choice, |purchase| group(book, settings, platform, place, purchase, workloads))
}

/// What `price` makes of the option asked for; of several options the cheapest that is priced.
pub(crate) fn cheapest<'b, G: AsRef<Group<'b>> + AsMut<Group<'b>>>(
    platform: Platform,
    choice: Choice,
    price: impl Fn(Purchase) -> Result<G, Overflow>,
) -> Result<G, Overflow> {
    if let Choice::Of(purchase) = choice {
        return price(purchase);
    }
    let sold = Purchase::ALL.iter().filter(|p| p.provider().is_none_or(|provider| provider == platform.provider()));
    let mut priced = sold.map(|p| Ok((*p, price(*p)?))).collect::<Result<Vec<_>, Overflow>>()?;
    let rank = |g: &Group<'_>| (g.status, g.totals.total, g.totals.exact);
    priced.sort_by_key(|(_, g)| rank(g.as_ref()));
    let all: Vec<String> = priced
        .iter()
        .map(|(p, g)| (p, g.as_ref()))
        .filter(|(_, g)| g.status == Status::Priced)
        .map(|(p, g)| format!("{} {}", p.id(), g.totals.total.to_cents()))
        .collect();
    let Some((purchase, mut best)) = priced.into_iter().next() else { return price(Purchase::OnDemand) };
    let group = best.as_mut();
    if group.status == Status::Priced
        && let Some(first) = group.estimates.first_mut()
    {
        let args = [("best", purchase.id().to_owned()), ("all", all.join(", "))];
        let template = "{best} is the cheapest that is priced, of (USD): {all}";
        first.bill.assumptions.insert(0, Note::new("purchase/best", template, &args));
        if purchase == Purchase::Spot {
            let says = "Spot capacity can be taken back at short notice";
            first.bill.warnings.push(Note::plain("purchase/spot", says));
        }
    }
    Ok(best)
}

fn nowhere<'b>(platform: Platform, place: &Place<'b>, purchase: Purchase, workloads: &[Workload]) -> Group<'b> {
    let provider = if platform.provider() == "aws" { "AWS" } else { "Google Cloud" };
    let args = [("provider", provider.to_owned()), ("place", place.name.clone())];
    let reason = Note::new("no-region", "{provider} has no region in {place}", &args);
    let estimates = workloads
        .iter()
        .map(|w| Estimate {
            workload: w.name.clone(),
            platform,
            region: place.name.clone(),
            purchase,
            status: Status::Infeasible,
            totals: Totals::default(),
            bill: Bill::default(),
            reasons: vec![reason.clone()],
        })
        .collect();
    Group { estimates, status: Status::Infeasible, totals: Totals::default() }
}

fn estimate<'b>(
    ctx: &Context<'_, 'b>,
    settings: &Settings,
    platform: Platform,
    workload: &str,
    outcome: Result<Bill<'b>, Vec<Note>>,
) -> Result<Estimate<'b>, Overflow> {
    let (mut bill, reasons) = match outcome {
        Ok(bill) => (bill, Vec::new()),
        Err(reasons) => (Bill::default(), reasons),
    };
    let status = if reasons.is_empty() { status_of(&bill) } else { Status::Infeasible };
    if !ctx.period.is_whole_month() && !bill.lines.is_empty() {
        let template = "monthly allowances and credits are scaled to {hours} of {month} h";
        let args = [("hours", crate::demand::hours(ctx.period.time)), ("month", ctx.period.month_hours.to_string())];
        bill.assumptions.push(Note::new("period/scaled", template, &args));
    }
    bill.warnings.extend(provenance_warnings(&bill, ctx.book.edition().date));
    let totals = settings.rounding.total(bill.lines.iter())?;
    Ok(Estimate {
        workload: workload.to_owned(),
        platform,
        region: ctx.region.id.to_owned(),
        purchase: ctx.purchase,
        status,
        totals,
        bill,
        reasons,
    })
}
