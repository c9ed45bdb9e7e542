//! Why some platforms have no figure, or not a whole one: each sentence once, with the platforms, options and regions it
//! holds for.

use wharfage_api::response::MissingOut;
use wharfage_core::{Text, text, tr};

use super::{
    Group, Look, SHARED,
    cells::Tone,
    notes::{listed, section_in},
};

/// One trouble of one or several platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Obstacle<'r> {
    status: &'r str,
    platforms: Vec<&'r str>,
    purchases: Vec<&'r str>,
    regions: Vec<&'r str>,
    /// codes of reasons and keys of prices: what it is, wherever it is
    what: Vec<&'r str>,
    /// the sentence for the first region
    says: String,
    /// is another region's sentence different
    differs: bool,
    /// is it about prices: then its region belongs to it
    prices: bool,
}

/// Adds what stands in the way of a figure, by status.
pub fn draw(out: &mut String, look: &Look, groups: &[Group<'_>]) {
    let all = gather(groups);
    for (status, title, tone) in [
        ("partial", tr!("partial"), Tone::Bad),
        ("unpriced", "no price", Tone::Bad),
        ("infeasible", tr!("infeasible"), Tone::Plain),
    ] {
        let texts: Vec<String> =
            all.iter().filter(|o| o.status == status).map(|o| look.tell(&o.sentence(groups))).collect();
        section_in(out, look, tone, title, &texts);
    }
}

/// The obstacles of all groups: first over regions, then over options, then over platforms.
fn gather<'r>(groups: &[Group<'r>]) -> Vec<Obstacle<'r>> {
    let new = groups.iter().filter(|g| g.total.status != "priced").flat_map(|g| of_group(g));
    let over_regions = merged(new, |a, b| {
        let join = (a.status, &a.platforms, &a.purchases, &a.what) == (b.status, &b.platforms, &b.purchases, &b.what);
        if join {
            a.differs |= a.says != b.says;
            a.regions.append(&mut b.regions);
        }
        join
    });
    let alike = |a: &Obstacle<'_>, b: &Obstacle<'_>| (a.status, &a.says, a.differs) == (b.status, &b.says, b.differs);
    let over_options = merged(over_regions.into_iter(), |a, b| {
        let join = alike(a, b) && a.platforms == b.platforms && same(&a.regions, &b.regions);
        if join {
            a.purchases.append(&mut b.purchases);
        }
        join
    });
    merged(over_options.into_iter(), |a, b| {
        let everywhere = !a.prices && a.everywhere(groups) && b.everywhere(groups);
        let join = alike(a, b) && a.purchases == b.purchases && (everywhere || same(&a.regions, &b.regions));
        if join {
            a.platforms.append(&mut b.platforms);
        }
        join
    })
}

/// Each into the first that takes it.
fn merged<'r>(
    all: impl Iterator<Item = Obstacle<'r>>,
    mut take: impl FnMut(&mut Obstacle<'r>, &mut Obstacle<'r>) -> bool,
) -> Vec<Obstacle<'r>> {
    let mut kept: Vec<Obstacle<'r>> = Vec::new();
    for mut new in all {
        if !kept.iter_mut().any(|old| take(old, &mut new)) {
            kept.push(new);
        }
    }
    kept
}

fn same(a: &[&str], b: &[&str]) -> bool {
    a.len() == b.len() && a.iter().all(|r| b.contains(r))
}

/// Its reasons, and its missing prices.
fn of_group<'r>(g: &Group<'r>) -> Vec<Obstacle<'r>> {
    let several = g.estimates.iter().filter(|e| e.workload != SHARED).count() > 1;
    let of = |workload: &str| if several { format!("{workload}: ") } else { String::new() };
    let t = g.total;
    let obstacle = |what, says, prices| Obstacle {
        status: if prices && t.status == "infeasible" { "unpriced" } else { &t.status },
        platforms: vec![&t.platform],
        purchases: vec![&t.purchase],
        regions: vec![&t.region],
        what,
        says,
        differs: false,
        prices,
    };
    let reasons: Vec<_> = g.estimates.iter().flat_map(|e| e.reasons.iter().map(move |r| (e, r))).collect();
    let missing: Vec<&MissingOut> = g.estimates.iter().flat_map(|e| &e.missing).collect();
    let mut all = Vec::new();
    if !reasons.is_empty() {
        let says: Vec<String> = reasons.iter().map(|(e, r)| of(&e.workload) + &r.message).collect();
        all.push(obstacle(reasons.iter().map(|(_, r)| r.code.as_str()).collect(), says.join("; "), false));
    }
    if !missing.is_empty() {
        let says =
            missing_prices(&missing).into_iter().map(|(keys, _, message)| format!("{}: {message}", keys.join(", ")));
        let says: Vec<String> = says.collect();
        all.push(obstacle(missing.iter().map(|m| m.key.as_str()).collect(), says.join("; "), true));
    }
    all
}

/// Missing prices by region and cause: keys, region, message.
pub fn missing_prices<'r>(all: &[&'r MissingOut]) -> Vec<(Vec<&'r str>, &'r str, &'r str)> {
    let mut causes: Vec<(Vec<&str>, &str, &str)> = Vec::new();
    for m in all {
        match causes.iter_mut().find(|(_, region, message)| *region == m.region && *message == m.message) {
            Some((keys, ..)) if keys.contains(&m.key.as_str()) => {}
            Some((keys, ..)) => keys.push(&m.key),
            None => causes.push((vec![&m.key], &m.region, &m.message)),
        }
    }
    causes
}

impl Obstacle<'_> {
    /// Does it hold in all regions that its platform was asked about?
    fn everywhere(&self, groups: &[Group<'_>]) -> bool {
        let of = |g: &&Group<'_>| g.total.platform == self.platforms[0] && g.total.purchase == self.purchases[0];
        groups.iter().filter(of).all(|g| self.regions.contains(&g.total.region.as_str()))
    }

    fn sentence(&self, groups: &[Group<'_>]) -> Text {
        let mut subject = listed(&self.platforms);
        let bought = groups.iter().any(|g| !self.purchases.contains(&g.total.purchase.as_str()));
        if bought {
            subject = text!("{platforms} {purchases}", platforms = subject, purchases = self.purchases.join(", "));
        }
        let (first, others) = self.regions.split_at(1);
        let regions = if !self.differs && (self.prices || !self.everywhere(groups)) {
            Some(listed(&self.regions))
        } else {
            (self.differs && self.prices).then(|| listed(first))
        };
        let why = &self.says;
        let text = match regions {
            Some(regions) => text!("{subject} in {regions}: {why}", subject, regions, why),
            None => text!("{subject}: {why}", subject, why),
        };
        if self.differs { text!("{this}; likewise in {regions}", this = text, regions = listed(others)) } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{groups, samples::*},
        *,
    };

    fn text(request: &str) -> String {
        let response = response(request);
        let mut out = String::new();
        draw(&mut out, &look(None), &groups(&response));
        out
    }

    #[test]
    fn one_reason_is_one_sentence_over_platforms_options_and_regions() {
        let out = text(&format!("command = 'compare'\nregion = 'seoul,tokyo'\npurchase = 'on-demand,spot'\n{RUNS}"));
        let says = "- app-runner, cloud-run, cloud-run-instance: it takes replicas or traffic, not runs\n";
        assert_eq!(out.matches(says).count(), 1, "{out}");
        assert!(out.contains("- cloud-run-worker-pool: it takes replicas, not runs\n"), "{out}");
    }

    #[test]
    fn prices_name_their_regions_and_options() {
        let out = text(&format!(
            "command = 'compare'\nregion = 'osaka,seoul'\nplatform = 'ecs-fargate'\npurchase = 'on-demand,spot'\n{RUNS}"
        ));
        assert!(
            out.starts_with("no price    ecs-fargate spot in ap-northeast-3: aws/fargate/linux-x86.vcpu.spot, "),
            "{out}"
        );
        let many =
            text(&format!("command = 'compare'\nregion = 'all'\nplatform = 'ecs-fargate'\npurchase = 'spot'\n{RUNS}"));
        assert!(many.lines().count() < 6, "{many}");
    }

    #[test]
    fn sentences_that_name_a_place_say_where_else_they_hold() {
        let request = "command = 'compare'\nregion = 'seoul,tokyo,osaka'\nplatform = 'cloud-run-job'\n";
        let mut response = response(&format!("{request}{TRAFFIC}"));
        for (e, city) in response.estimates.iter_mut().zip(["Seoul", "Tokyo", "Osaka"]) {
            e.reasons[0].message = format!("it is not offered in {city}");
        }
        let mut out = String::new();
        draw(&mut out, &look(None), &groups(&response));
        let says =
            "infeasible  cloud-run-job: it is not offered in Seoul; likewise in asia-northeast1, asia-northeast2\n";
        assert_eq!(out, says);
    }

    #[test]
    fn reasons_of_several_workloads_name_the_workload() {
        let out = text(&format!("command = 'compare'\nregion = 'seoul'\n{TRAFFIC}{RUNS}"));
        assert!(out.contains("cloud-run-job: web: it takes runs, not traffic"), "{out}");
    }
}
