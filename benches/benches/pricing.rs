//! One Fargate estimate; nodes chosen among all machine types; every platform in one region, also bought the best way and for
//! a year; a request of a thousand workloads; a whole process.
//!
//! Times are printed, never asserted: machines differ. Compare ratios within one run.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use wharfage_api::{
    request::{EstimateRequest, WorkloadRequest},
    resolve::{Resolved, resolve},
    respond,
};
use wharfage_benches::Program;
use wharfage_core::{
    PriceBook,
    platform::Platform,
    pricing::{self, Group},
};

fn request(workloads: usize) -> EstimateRequest {
    let workload = |n: usize| WorkloadRequest {
        name: Some(format!("web-{n}")),
        vcpu: Some("0.5".to_owned()),
        memory: Some("1GiB".to_owned()),
        requests: Some("100/s".to_owned()),
        duration: Some("80ms".to_owned()),
        peak: Some("1000/s".to_owned()),
        ..WorkloadRequest::default()
    };
    EstimateRequest {
        command: Some("compare".to_owned()),
        region: vec!["seoul".to_owned()],
        workload: (0..workloads).map(workload).collect(),
        ..EstimateRequest::default()
    }
}

fn price<'b>(book: &PriceBook<'b>, r: &Resolved<'b>, platform: Platform) -> Group<'b> {
    pricing::chosen(book, &r.settings, platform, &r.places[0], r.purchases[0], &r.workloads).expect("small numbers")
}

fn benches(c: &mut Criterion) {
    let book = wharfage_prices::book();
    let one = resolve(&request(1), &book).expect("a request without mistakes");
    c.bench_function("one Fargate estimate", |b| {
        b.iter(|| black_box(price(&book, black_box(&one), Platform::EcsFargate)));
    });
    for platform in [Platform::EksEc2, Platform::GkeStandard] {
        c.bench_function(&format!("choosing among all machine types for one workload, {}", platform.id()), |b| {
            b.iter(|| black_box(price(&book, black_box(&one), platform)));
        });
    }
    c.bench_function("every platform in one region", |b| {
        b.iter(|| {
            for platform in Platform::ALL {
                black_box(price(&book, black_box(&one), *platform));
            }
        });
    });
    for (says, field, value) in
        [("the best of all purchase options", "purchase", "best"), ("a calendar year", "period", "2027")]
    {
        let mut asked = request(1);
        asked.set(field, vec![value.to_owned()]);
        c.bench_function(&format!("every platform in one region, {says}"), |b| {
            b.iter(|| black_box(respond(black_box(&asked), &book).expect("a request without mistakes")));
        });
    }
    let mut many = c.benchmark_group("compare, request to response");
    many.sample_size(10);
    for n in [1, 10, 100, 1000] {
        let request = request(n);
        many.bench_function(format!("{n} workloads"), |b| {
            b.iter(|| black_box(respond(black_box(&request), &book).expect("a request without mistakes")));
        });
    }
    many.finish();
    if let Some(program) = Program::built() {
        let arguments = "compare --region seoul --vcpu 0.5 --memory 1GiB --requests 100/s --duration 80ms";
        c.bench_function("a whole compare process", |b| b.iter(|| program.run(arguments)));
    }
}

criterion_group!(pricing_benches, benches);
criterion_main!(pricing_benches);
