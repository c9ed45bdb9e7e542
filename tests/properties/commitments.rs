//! What holds for commitments, however they are stated.

use super::*;

/// What one provider's platforms can be bought as, by the names that requests use.
fn sold(platform: Platform) -> Vec<&'static str> {
    let sold = Purchase::ALL.iter().filter(|p| p.provider().is_none_or(|provider| provider == platform.provider()));
    sold.map(|p| p.id()).collect()
}

/// One of them, half of the time on demand.
pub fn bought(platform: Platform, which: Index) -> &'static str {
    let sold = sold(platform);
    let which = which.index(2 * sold.len());
    sold.get(which).copied().unwrap_or("on-demand")
}

fn platform(request: &EstimateRequest) -> Platform {
    Platform::from_id(&request.platform[0]).unwrap()
}

fn as_bought(request: &EstimateRequest, purchase: &str) -> EstimateRequest {
    EstimateRequest { purchase: vec![purchase.to_owned()], ..request.clone() }
}

/// A request that commits, to one of Google's or AWS's, on a platform that has prices of its own for it more often.
fn committed() -> impl Strategy<Value = EstimateRequest> {
    (request(), any::<Index>(), option::weighted(0.7, 1_u64..=20_000)).prop_map(|(mut request, which, commit)| {
        let sold: Vec<_> =
            sold(platform(&request)).into_iter().filter(|p| !["on-demand", "spot"].contains(p)).collect();
        request.purchase = vec![(*which.get(&sold)).to_owned()];
        request.commit = commit.map(|thousandths| Decimal::new(i64::try_from(thousandths).unwrap(), 3).to_string());
        if platform(&request).provider() == "aws" {
            request.region = vec!["us-east-1".to_owned()];
        }
        request
    })
}

/// A multiple of what every unit holds: printed fractions are in lowest terms.
const WHOLE: i128 = 730 * 3_600_000_000 * 1_000_000 * 1024;

/// How much of what, in the list's words.
fn quantities(response: &EstimateResponse, option: &str) -> BTreeMap<String, i128> {
    let mut all = BTreeMap::new();
    for line in response.estimates.iter().flat_map(|e| &e.lines).filter(|l| !l.sku.ends_with(".unused")) {
        let list = line.sku.strip_suffix(option).map_or(line.sku.as_str(), |sku| sku.trim_end_matches('.'));
        let (base, per): (i128, i128) = (line.priced_base.parse().unwrap(), line.base_per_unit.parse().unwrap());
        assert_eq!(WHOLE % per, 0, "{line:?}");
        *all.entry(list.to_owned()).or_default() += base * (WHOLE / per);
    }
    all
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_covered_and_what_is_not_make_up_what_is_used(request in committed()) {
        // Nodes may be of another type when they are bought otherwise.
        prop_assume!(!platform(&request).has_nodes());
        total(&request)?;
        let request = EstimateRequest { free_tier: some("off"), ..request };
        let (split, whole) = (answer(&request)?, answer(&as_bought(&request, "on-demand"))?);
        prop_assert_eq!(quantities(&split, &request.purchase[0]), quantities(&whole, ""));
    }

    #[test]
    fn what_always_runs_never_costs_more_committed_than_on_demand(mut request in committed()) {
        // A machine has sustained use on demand, and another type may be sold committed.
        prop_assume!(!platform(&request).has_nodes());
        request.commit = None;
        request.workload.iter_mut().for_each(|w| w.hours = None);
        let (committed, list) = (total(&request)?, total(&as_bought(&request, "on-demand"))?);
        prop_assert!(committed <= list, "{} is more than {}", committed, list);
    }

    #[test]
    fn all_of_a_stated_amount_is_paid(mut request in committed()) {
        prop_assume!(!request.purchase[0].starts_with("ri-"));
        let Some(commit) = request.commit.clone() else { return Err(TestCaseError::reject("not stated")) };
        request.free_tier = some("off");
        let total = total(&request)?;
        let response = answer(&request)?;
        let hours = dec(&response.period.hours);
        let lines = response.estimates.iter().map(|e| e.lines.len()).sum::<usize>();
        let rounded = Decimal::new(i64::try_from(lines).unwrap(), 12);
        prop_assert!(total + rounded >= dec(&commit) * hours, "{} in {} h", total, hours);
    }

    #[test]
    fn the_best_is_no_dearer_than_any_option(request in committed()) {
        let best = answer(&as_bought(&request, "best"))?;
        for option in sold(platform(&request)) {
            let other = answer(&as_bought(&request, option))?;
            let (best, other) = (&best.totals[0], &other.totals[0]);
            if other.status == "priced" {
                prop_assert_eq!(&best.status, "priced", "{}", option);
                let of = |total: &Option<String>| dec(total.as_deref().unwrap());
                prop_assert!(of(&best.sums.total) <= of(&other.sums.total), "{} costs {:?}", option, other.sums.total);
            }
        }
    }
}
