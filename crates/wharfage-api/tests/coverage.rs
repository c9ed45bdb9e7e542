//! Every key of the tables is cited by a line of some estimate, or `coverage.toml` says why it can't be: never both,
//! never neither. Prints both counts.

use std::collections::BTreeSet;

use wharfage_api::{
    grammar,
    prices::{self, CoverageTexts, DataOnly},
    read,
    resolve::{Resolved, resolve},
};
use wharfage_core::{
    PriceBook,
    platform::Platform,
    pricing::{self, Place},
    purchase::Purchase,
    workload::{Arch, Workload},
};

/// One workload per thing a line can be about; each is priced alone on every platform in every region, bought every way.
const BATTERY: &str = r#"
command = "compare"
region = "all"
workload = [
    { name = "traffic with warm instances", vcpu = 1, memory = "2GiB", requests = "10/s", duration = "100ms", min_instances = 2 },
    { name = "large disk", vcpu = 1, memory = "2GiB", replicas = 1, ephemeral_storage = "30GiB" },
    { name = "small disk, extended support", vcpu = 1, memory = "2GiB", replicas = 1, ephemeral_storage = "8GiB", k8s_support = "extended" },
    { name = "XL", vcpu = 1, memory = "2GiB", replicas = 1, control_plane = "XL" },
    { name = "2XL", vcpu = 1, memory = "2GiB", replicas = 1, control_plane = "2XL" },
    { name = "4XL", vcpu = 1, memory = "2GiB", replicas = 1, control_plane = "4XL" },
    { name = "8XL", vcpu = 1, memory = "2GiB", replicas = 1, control_plane = "8XL" },
    { name = "arm", vcpu = 1, memory = "4GiB", replicas = 1, arch = "arm", class = "scale-out-arm" },
    { name = "windows", vcpu = 1, memory = "2GiB", replicas = 1, os = "windows" },
    { name = "balanced", vcpu = 1, memory = "2GiB", replicas = 1, class = "balanced" },
    { name = "scale-out", vcpu = 1, memory = "4GiB", replicas = 1, class = "scale-out" },
    { name = "runs", vcpu = 1, memory = "2GiB", runs = 10, duration = "10m" },
    { name = "gpu", vcpu = 4, memory = "16GiB", replicas = 1, gpu = "l4:1" },
    { name = "gpu in two zones", vcpu = 4, memory = "16GiB", replicas = 1, gpu = "l4:1", gpu_zonal_redundancy = "on" },
    { name = "another gpu", vcpu = 20, memory = "80GiB", replicas = 1, gpu = "rtx-pro-6000:1" },
    { name = "another gpu in two zones", vcpu = 20, memory = "80GiB", replicas = 1, gpu = "rtx-pro-6000:1", gpu_zonal_redundancy = "on" },
    { name = "beside, large", vcpu = 1, memory = "2GiB", replicas = 40, load_balancer = "alb", lb_bytes = "300kB/s", nat = "1GiB", public_ipv4 = 1, egress = "400TiB", inter_zone = "1GiB", logs = "100GiB", image = "2GiB", pulls = 1, events = "1M", event_data = "1TiB", service_connect = "on", builds = 3000 },
    { name = "beside, small", vcpu = 1, memory = "2GiB", replicas = 1, load_balancer = "nlb", lb_connections = "1/s", nat = "1GiB", image = "1GiB", pulls = 1, pull_from = "us-east-1" },
    { name = "on a regional cluster", vcpu = 1, memory = "2GiB", replicas = 1, gke_location = "regional" },
    { name = "from source", vcpu = 1, memory = "2GiB", replicas = 1, builds = 100, auto_deploy = "on" },
]
"#;

/// Where machine types have their prices, and fees for them, with the platform whose nodes cite them.
const MACHINES: [(&str, Platform); 4] = [
    ("gcp/compute-engine/", Platform::ComputeEngine),
    ("aws/ec2/", Platform::Ec2),
    ("aws/eks/auto.", Platform::EksAuto),
    ("aws/ecs/managed-instances.", Platform::EcsManagedInstances),
];
/// Where disks have theirs.
const DISKS: [(&str, Platform); 2] = [("gcp/disk/", Platform::ComputeEngine), ("aws/ebs/", Platform::Ec2)];

#[test]
fn every_key_is_cited_by_a_line_or_listed_as_data_only() {
    let book = wharfage_prices::book();
    let (request, _) = read::request("battery.toml", BATTERY).unwrap();
    let battery = resolve(&request, &book).unwrap();
    let mut cited = everywhere(&book, &battery);
    machines(&book, &battery, &mut cited);
    several(&book, &battery, &mut cited);

    let entries = prices::data_only(wharfage_prices::COVERAGE).unwrap();
    let keys: BTreeSet<&str> = book.series().into_iter().map(|(key, _)| key).collect();
    let listed: BTreeSet<&str> = keys.iter().copied().filter(|k| reason(&entries, k).is_some()).collect();
    println!("keys: {} cited, {} data only", cited.len(), listed.len());
    let both: Vec<_> = cited.intersection(&listed).collect();
    assert!(both.is_empty(), "listed as data only, and yet on some line: {both:?}");
    let neither: Vec<_> = keys.iter().filter(|k| !cited.contains(*k) && !listed.contains(*k)).collect();
    assert!(neither.is_empty(), "on no line, and coverage.toml does not say why: {neither:?}");
}

/// What every workload of the battery cites, on every platform, everywhere, bought every way.
fn everywhere<'b>(book: &PriceBook<'b>, r: &Resolved<'b>) -> BTreeSet<&'b str> {
    let mut cited = BTreeSet::new();
    // Machines have prices of their own everywhere: each is named once instead.
    for platform in r.platforms.iter().filter(|p| !p.has_nodes()) {
        for place in r.places.iter().filter(|p| p.region(*platform).is_some()) {
            for purchase in Purchase::ALL {
                cited.extend(r.workloads.iter().flat_map(|w| keys_of(book, r, *platform, place, *purchase, w)));
            }
        }
    }
    cited
}

fn keys_of<'b>(
    book: &PriceBook<'b>,
    r: &Resolved<'b>,
    platform: Platform,
    place: &Place<'b>,
    purchase: Purchase,
    w: &Workload,
) -> Vec<&'b str> {
    let group = pricing::group(book, &r.settings, platform, place, purchase, std::slice::from_ref(w)).unwrap();
    group.estimates.iter().flat_map(|e| &e.bill.lines).map(|l| l.price.key).collect()
}

/// Machines that are named cite their price, and the service's fee: each type in a region that has a price for it, on the
/// last day that it had it.
fn machines<'b>(book: &PriceBook<'b>, r: &Resolved<'b>, cited: &mut BTreeSet<&'b str>) {
    let web = r.workloads.iter().find(|w| w.name == "XL").unwrap();
    for (key, region) in book.series() {
        let named = |(prefix, platform): &(&str, Platform)| Some((key.strip_prefix(prefix)?, *platform));
        if cited.contains(key) {
            continue;
        }
        let mut asked = Workload { vcpu: None, memory: None, control_plane: None, ..web.clone() };
        let (platform, purchase) = if let Some((name, platform)) = MACHINES.iter().find_map(named) {
            let (name, purchase) = bought(name);
            let name = of_family(book, name, region).unwrap_or(name);
            let Some(shape) = book.shape(platform.provider(), name) else { continue };
            asked.arch = if shape.arch == "arm" { Arch::Arm } else { Arch::X86 };
            asked.node_type = Some(name.to_owned());
            (platform, purchase)
        } else if let Some((kind, platform)) = DISKS.iter().find_map(named) {
            let Ok(disk) = grammar::node_disk(&format!("{kind}:10GiB")) else { continue };
            asked.node_disk = Some(disk);
            (platform, Purchase::OnDemand)
        } else {
            continue;
        };
        cited.extend(keys_of(book, &last_day(book, r, key, region), platform, &place(book, region), purchase, &asked));
    }
    for (platform, machine) in FEES_BY_CLASS {
        let arch = if machine.starts_with("m7g") { Arch::Arm } else { Arch::X86 };
        let asked = Workload { arch, node_type: Some(machine.to_owned()), vcpu: None, memory: None, ..web.clone() };
        for at in ["us-east-1", "us-west-2", "eu-west-3", "us-east-2", "sa-east-1"] {
            cited.extend(keys_of(book, r, platform, &place(book, at), Purchase::OnDemand, &asked));
        }
    }
}

/// A machine type, and how a price at such a key buys it.
fn bought(name: &str) -> (&str, Purchase) {
    let by = |p: &Purchase| name.strip_suffix(p.id()).and_then(|name| name.strip_suffix('.'));
    Purchase::ALL.iter().find_map(|p| Some((by(p)?, *p))).unwrap_or((name, Purchase::OnDemand))
}

/// A machine type with a price there, of the family whose vCPU or memory a key like `c3.vcpu` prices.
fn of_family<'b>(book: &PriceBook<'b>, name: &str, region: &str) -> Option<&'b str> {
    let (family, _) = name.split_once('.').filter(|(_, meter)| ["vcpu", "memory"].contains(meter))?;
    let sold = |s: &str| book.price(&format!("gcp/compute-engine/{s}"), &[region], book.edition().date).is_ok();
    book.shapes("gcp").map(|s| s.name).find(|s| s.split('-').next() == Some(family) && sold(s))
}

/// Machines of each class whose fee nobody printed, so that it is worked out.
const FEES_BY_CLASS: [(Platform, &str); 7] = [
    (Platform::EksAuto, "m5.large"),
    (Platform::EksAuto, "g5.xlarge"),
    (Platform::EksAuto, "p4d.24xlarge"),
    (Platform::EksAuto, "trn1.2xlarge"),
    (Platform::EcsManagedInstances, "m5.large"),
    (Platform::EcsManagedInstances, "g5.xlarge"),
    (Platform::EcsManagedInstances, "p4d.24xlarge"),
];

fn place<'b>(book: &PriceBook<'b>, region: &str) -> Place<'b> {
    let here = book.region(region);
    let of = |provider: &str| here.filter(|r| r.provider == provider);
    Place { name: region.to_owned(), aws: of("aws"), gcp: of("gcp") }
}

/// The request on the last day that a key has a price: the tables' own, unless the price ended before.
fn last_day<'b>(book: &PriceBook<'b>, r: &Resolved<'b>, key: &str, region: &str) -> Resolved<'b> {
    let mut r = r.clone();
    let ended = book.history(key, region).last().and_then(|(_, until)| *until);
    if let Some(day) = ended.and_then(|d| d.yesterday().ok()).filter(|d| *d < r.settings.day) {
        r.settings.day = day;
    }
    r
}

/// Google's forwarding rules beyond those of the flat fee: one for each of many workloads.
fn several<'b>(book: &PriceBook<'b>, r: &Resolved<'b>, cited: &mut BTreeSet<&'b str>) {
    let one = r.workloads.iter().find(|w| w.name == "beside, small").unwrap();
    let many: Vec<Workload> = (0..9).map(|n| Workload { name: n.to_string(), ..one.clone() }).collect();
    for place in r.places.iter().filter(|p| p.gcp.is_some()) {
        let group =
            pricing::group(book, &r.settings, Platform::GkeAutopilot, place, Purchase::OnDemand, &many).unwrap();
        cited.extend(group.estimates.iter().flat_map(|e| &e.bill.lines).map(|l| l.price.key));
    }
}

/// Which entry, and which of its patterns, speaks for a key.
fn reason<'e>(entries: &'e [DataOnly], key: &str) -> Option<(usize, &'e str)> {
    entries.iter().enumerate().find_map(|(n, e)| e.pattern(key).map(|p| (n, p)))
}

#[test]
fn every_pattern_speaks_for_a_key_and_every_entry_says_why() {
    let entries = prices::data_only(wharfage_prices::COVERAGE).unwrap();
    let book = wharfage_prices::book();
    let used: BTreeSet<_> = book.series().iter().filter_map(|(key, _)| reason(&entries, key)).collect();
    for (n, entry) in entries.iter().enumerate() {
        assert!(!entry.reason.is_empty(), "{entry:?}");
        for pattern in &entry.keys {
            assert!(used.contains(&(n, pattern.as_str())), "{pattern} speaks for no key");
        }
    }
}

#[test]
fn coverage_is_what_estimates_say() {
    let texts = CoverageTexts { accounting: wharfage_prices::ACCOUNTING, data_only: wharfage_prices::COVERAGE };
    let answer = prices::coverage(&wharfage_prices::book(), &texts).unwrap();
    let state = |platform: &str, purchase: &str, region: &str| {
        let p = answer.platforms.iter().find(|p| p.platform == platform && p.purchase == purchase)?;
        p.regions.iter().find(|r| r.region == region).map(|r| r.state.as_str())
    };
    #[rustfmt::skip]
    let cases = [
        ("ecs-fargate",   "on-demand", "ap-northeast-2",  Some("complete")),
        ("ecs-fargate",   "spot",      "ap-northeast-3",  Some("absent")),
        ("ecs-express",   "on-demand", "eu-north-1",      Some("partial")),
        ("app-runner",    "on-demand", "ap-northeast-2",  Some("absent")),
        ("eks-fargate",   "spot",      "us-east-1",       None), // sold nowhere
        ("gke-autopilot", "spot",      "asia-northeast3", Some("complete")),
        ("cloud-run",     "on-demand", "asia-northeast3", Some("complete")),
        ("eks-auto",      "on-demand", "ap-northeast-2",  Some("complete")),
        ("gke-standard",  "spot",      "asia-northeast3", Some("complete")),
    ];
    for (platform, purchase, region, want) in cases {
        assert_eq!(state(platform, purchase, region), want, "{platform} {purchase} {region}");
    }
    for p in &answer.platforms {
        assert_eq!(p.complete + p.partial + p.absent, p.regions.len(), "{}", p.platform);
        assert!(p.regions.iter().filter(|r| r.state == "partial").all(|r| !r.missing.is_empty()), "{}", p.platform);
    }
    let a = &answer.accounting;
    assert_eq!((a.rows, a.rows), (62_177, a.kept + a.merged + a.superseded + a.left_out));
    assert!(!a.not_kept.is_empty() && answer.figures.count > answer.figures.recalled);
}
