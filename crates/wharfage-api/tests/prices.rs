//! `prices list` and `prices show`: what narrows, what is in force, and what unknown names are answered with.

use wharfage_api::{
    prices::{self, Filter, ListResponse},
    response::to_json,
};
use wharfage_core::Diagnostic;

fn list(text: &str, region: &str, as_of: &str) -> Result<ListResponse, Vec<Diagnostic>> {
    let some = |t| Some(t).filter(|t: &&str| !t.is_empty());
    prices::list(&wharfage_prices::book(), &Filter { text: some(text), region: some(region), as_of: some(as_of) })
}

fn codes<T: std::fmt::Debug>(answer: Result<T, Vec<Diagnostic>>) -> Vec<(&'static str, String)> {
    answer.unwrap_err().into_iter().map(|d| (d.code, d.help.map_or_else(String::new, |h| h.to_string()))).collect()
}

#[test]
fn without_words_or_region_there_is_an_overview_and_no_figures() {
    let all = list("", "", "").unwrap();
    assert!(all.figures.is_empty() && all.services.len() > 20);
    let fargate = all.services.iter().find(|s| s.service == "aws/fargate").unwrap();
    assert!(fargate.keys > 20 && fargate.regions > 30 && fargate.figures > fargate.keys);
    assert!(all.services.is_sorted_by(|a, b| a.service < b.service));
}

#[test]
fn all_words_must_occur_and_case_does_not_matter() {
    let all = list("FARGATE spot vcpu x86", "", "").unwrap();
    assert!(all.services.is_empty() && !all.figures.is_empty());
    assert!(all.figures.iter().all(|f| f.key == "aws/fargate/linux-x86.vcpu.spot"));
    assert_eq!(list("control-plane.xl", "us-east-1", "").unwrap().figures[0].key, "aws/eks/control-plane.XL");
}

#[test]
fn a_region_has_the_prices_an_estimate_there_uses() {
    let seoul = list("", "서울", "").unwrap();
    let of = |key: &str| seoul.figures.iter().filter(|f| f.key == key).map(|f| f.region.as_str()).collect::<Vec<_>>();
    assert_eq!(of("aws/fargate/linux-x86.vcpu"), ["ap-northeast-2"]);
    assert_eq!(of("gcp/cloud-run/instance.cpu"), ["asia-northeast3"]);
    assert_eq!(of("gcp/gke/cluster"), ["global"], "what holds everywhere holds there");
    assert_eq!(of("gcp/functions-1st-gen/cpu"), [""; 0], "a scope that Seoul is not in");
}

#[test]
fn a_day_has_the_prices_of_that_day() {
    let price = |day| list("linux-x86.vcpu.spot", "eu-west-1", day).map(|a| a.figures.first().map(|f| f.price.clone()));
    assert_ne!(price("2026-09-10").unwrap(), price("2026-10-01").unwrap());
    let early = list("linux-x86.vcpu.spot", "eu-west-1", "2019-01-01").unwrap();
    assert_eq!((early.figures.len(), early.other_days), (0, 1));
}

#[test]
fn unknown_names_are_answered_with_near_ones() {
    assert_eq!(codes(list("fragate", "", ""))[0].0, "prices/no-match");
    assert!(codes(list("fragate", "", ""))[0].1.contains("fargate"));
    let both = codes(list("fargate", "seol", "2027-01-01"));
    assert_eq!(both.iter().map(|(c, _)| *c).collect::<Vec<_>>(), ["request/as-of-future", "request/unknown-region"]);
    assert!(both[1].1.to_lowercase().contains("seoul"));
    assert_eq!(codes(list("fargate", "", "yesterday"))[0].0, "request/value");
}

#[test]
fn regions_are_found_by_any_name() {
    let book = wharfage_prices::book();
    let ids = |text| {
        let filter = Filter { text: Some(text), ..Filter::default() };
        prices::regions(&book, &filter).map(|a| a.regions.into_iter().map(|r| r.id).collect::<Vec<_>>())
    };
    assert_eq!(ids("서울").unwrap(), ["ap-northeast-2", "asia-northeast3"]);
    assert_eq!(ids("korea aws").unwrap(), ["ap-northeast-2"]);
    assert_eq!(codes(ids("atlantis"))[0].0, "prices/no-match");
    let all = prices::regions(&book, &Filter::default()).unwrap().regions;
    let tokyo = all.iter().find(|r| r.id == "asia-northeast1").unwrap();
    assert_eq!((tokyo.city.as_str(), tokyo.city_ko.as_str(), tokyo.tier.as_deref()), ("Tokyo", "도쿄", Some("tier-1")));
}

#[test]
fn a_key_shows_every_dated_value_and_one_is_in_force() {
    let answer = prices::show(&wharfage_prices::book(), "aws/fargate/linux-x86.vcpu.spot", Some("ireland")).unwrap();
    let [series] = answer.regions.as_slice() else { panic!("{answer:?}") };
    assert_eq!((answer.kind.as_str(), series.region.as_str()), ("price", "eu-west-1"));
    assert!(series.values.len() >= 4);
    assert_eq!(series.values.iter().filter(|v| v.in_force).count(), 1);
    assert!(series.values.last().unwrap().in_force);
    for pair in series.values.windows(2) {
        assert!(
            pair[0].until.is_some() && pair[0].until <= pair[1].from,
            "a value ends where the next begins: {pair:?}"
        );
    }
    assert!(series.values.iter().all(|v| !v.source.is_empty() && v.price.is_some() && v.rows.is_empty()));
}

#[test]
fn terms_and_menus_are_shown_too() {
    let book = wharfage_prices::book();
    let step = prices::show(&book, "gcp/cloud-run/increment", None).unwrap();
    assert_eq!((step.kind.as_str(), &step.regions[0].values[0].rows), ("term", &vec![vec!["100".to_owned()]]));
    let menu = prices::show(&book, "aws/fargate/sizes.ecs.linux", None).unwrap();
    let rows = &menu.regions[0].values[0].rows;
    assert!(rows.contains(&vec!["0.5".to_owned(), "1".to_owned()]) && menu.regions[0].values[0].in_force);
}

#[test]
fn a_machines_key_shows_its_shape() {
    let book = wharfage_prices::book();
    let shape = |key: &str| prices::show(&book, key, None).unwrap().shape.unwrap();
    assert_eq!(
        (shape("aws/ec2/m5.large").vcpu, shape("aws/ec2/m5.large").memory_gib),
        ("2".to_owned(), "8".to_owned())
    );
    assert_eq!(shape("aws/eks/auto.m5.large").name, "m5.large");
    assert_eq!(shape("gcp/compute-engine/e2-standard-4.spot").name, "e2-standard-4");
    let l4 = shape("gcp/compute-engine/g2-standard-4");
    assert_eq!((l4.gpu.as_deref(), l4.gpu_count.as_deref()), (Some("nvidia-l4"), Some("1")));
    let unpriced = prices::show(&book, "gcp/compute-engine/a4-highgpu-8g", None).unwrap();
    assert_eq!((unpriced.kind.as_str(), unpriced.regions.len()), ("shape", 0));
}

#[test]
fn an_unknown_key_or_region_names_what_there_is() {
    let book = wharfage_prices::book();
    let asked = |key, region| codes(prices::show(&book, key, region)).remove(0);
    assert!(asked("aws/ec2/m5.larg", None).1.contains("`aws/ec2/m5.large`"));
    assert!(asked("gcp/cloud-run/credit", None).1.contains("`gcp/cloud-run/credit.instance.cpu`"));
    assert_eq!(asked("xyzzy", None).1, "`wharfage prices list TEXT` finds keys");
    let (code, help) = asked("aws/fargate/linux-x86.vcpu.spot", Some("osaka"));
    assert_eq!(code, "prices/no-region");
    assert!(help.starts_with("they have it in 23 "), "{help}");
}

#[test]
fn decimals_are_texts_and_responses_read_back() {
    let json = to_json(&list("linux-x86.vcpu", "seoul", "").unwrap());
    assert!(json.contains(r#""price": "0.04656""#) && json.contains(r#""schema": 1"#));
    let back: ListResponse = serde_json::from_str(&json).unwrap();
    assert_eq!(to_json(&back), json);
    let schema = to_json(&schemars::schema_for!(prices::CoverageResponse));
    assert!(schema.contains("newest_age_days"));
}
