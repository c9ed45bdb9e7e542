//! Traces that are read as a run goes give what they give in memory; packed ones what they give unpacked.

mod common;

use std::{
    io::{self, Cursor, Read, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use wharfage_sim::{
    Arrivals, Durations, Format, Input, KEPT, Law, Nanos, Policy, Scenario, Service, StartUp, Stop, Trace, TraceFault,
    Watch, Wrong, replicate, simulate,
};

use common::plain;

fn recorded() -> Format {
    Format { durations: Durations::Recorded, ..Format::default() }
}

fn replay(trace: Trace) -> Scenario {
    let idle_after = Law::Constant(Nanos::from_micros(300));
    let policy = Policy::ScaleToZero { idle_after, min_instances: 0, max_instances: u64::MAX };
    Scenario {
        start_up: StartUp::Before(Law::Constant(Nanos::from_micros(50))),
        ..plain(Arrivals::Trace(Arc::new(trace)), Service::Trace, policy)
    }
}

fn packed(text: &str) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap()
}

/// `rows` requests, some at a time, one every 100 µs and 37 µs long.
struct Endless {
    rows: usize,
    made: usize,
    rest: Cursor<Vec<u8>>,
}

impl Endless {
    fn new(rows: usize) -> Self {
        Self { rows, made: 0, rest: Cursor::new(b"arrival_us,duration_us\n".to_vec()) }
    }
}

impl Read for Endless {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.rest.read(to)?;
        if n > 0 || self.made == self.rows {
            return Ok(n);
        }
        let next = self.rows.min(self.made + 1_000);
        let block: String = (self.made..next).map(|n| format!("{},{}\n", n * 100, 37 + n % 7 * 90)).collect();
        (self.made, self.rest) = (next, Cursor::new(block.into_bytes()));
        self.rest.read(to)
    }
}

#[test]
fn a_long_trace_is_read_as_the_run_goes_and_gives_what_it_gives_in_memory() {
    let rows = KEPT + 5_000;
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let again = Input::again(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Endless::new(rows)))
    });
    let streamed = Trace::read(again, &recorded()).unwrap();
    // What can be read once is kept.
    let kept = Trace::read(Input::Once(Box::new(Endless::new(rows))), &recorded()).unwrap();
    assert_eq!((streamed.len(), streamed.last(), streamed.services()), (kept.len(), kept.last(), kept.services()));
    assert_ne!(streamed, kept);
    assert_eq!(replicate(&replay(streamed), 2, 2, &Watch::new()), replicate(&replay(kept), 2, 1, &Watch::new()));
    // Once to check it, and once for each replication.
    assert_eq!(opened.load(Ordering::Relaxed), 3);
}

#[test]
fn a_file_that_changes_between_the_check_and_the_run_ends_the_run() {
    let opened = AtomicUsize::new(0);
    let again = Input::again(move || {
        let rows = if opened.fetch_add(1, Ordering::Relaxed) == 0 { KEPT + 10 } else { 1_000 };
        Ok(Box::new(Endless::new(rows)))
    });
    let trace = Trace::read(again, &recorded()).unwrap();
    assert_eq!(simulate(&replay(trace), 0), Err(Stop::TraceChanged));
}

#[test]
fn packed_traces_are_read_whole_in_any_number_of_members() {
    let text = "arrival_us,duration_us\n0,10\n250,20\n900,5\n";
    let plain = Trace::read(text.into(), &recorded()).unwrap();
    let (head, tail) = text.split_at(31);
    for bytes in [packed(text), [packed(head), packed(tail)].concat()] {
        assert_eq!(Trace::read(bytes.into(), &recorded()).as_ref(), Ok(&plain));
    }
}

#[test]
fn a_packed_trace_that_is_cut_off_is_refused_with_the_line_reached() {
    // Digits that repeat little, so that many lines are unpacked before the end.
    let rows: String = (0..20_000_u64).map(|n| format!("{},{}\n", n * 100, n * n % 9_973)).collect();
    let whole = packed(&format!("arrival_us,duration_us\n{rows}"));
    let cut = whole[..whole.len() / 2].to_vec();
    let fault = Trace::read(cut.into(), &recorded()).unwrap_err();
    assert!(matches!(fault.wrong, Wrong::Unreadable(_)), "{fault:?}");
    assert!((1_000..20_000).contains(&fault.line), "{fault:?}");
    let unfinished = whole[..whole.len() - 4].to_vec();
    assert!(matches!(Trace::read(unfinished.into(), &recorded()).unwrap_err().wrong, Wrong::Unreadable(_)));
}

#[test]
fn a_mistake_in_the_last_of_many_rows_is_found_before_anything_is_simulated() {
    let rows = KEPT + 2_000;
    let late = Input::again(move || {
        let last: &[u8] = b"many,1\n";
        Ok(Box::new(Endless::new(rows).chain(last)))
    });
    let want = TraceFault {
        line: rows as u64 + 2,
        column: "arrival_us".to_owned(),
        wrong: Wrong::NotANumber("many".to_owned()),
    };
    assert_eq!(Trace::read(late, &recorded()), Err(want));
}

#[test]
fn counts_of_minutes_come_out_as_requests() {
    let text = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,40,0,2\n";
    let trace = Trace::read(text.into(), &Format::default()).unwrap();
    let scenario = Scenario { service: Service::Law(Law::Constant(Nanos(1))), ..replay(trace) };
    let (first, second) = (simulate(&scenario, 0).unwrap(), simulate(&scenario, 1).unwrap());
    assert_eq!((first.requests, second.requests), (42, 42));
    // Replications differ in when requests come.
    assert_ne!(first.end, second.end);
    assert_eq!(simulate(&scenario, 0).unwrap(), first);
}

proptest! {
    #[test]
    fn a_written_trace_reads_back(
        gaps in prop::collection::vec((0_u64..5_000_000_000, 0_u64..u64::from(u32::MAX)), 1..50),
        packs in any::<bool>(), ends in prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n")],
    ) {
        let mut at = 0;
        let (arrivals, services): (Vec<u64>, Vec<u64>) = gaps.iter().map(|(gap, took)| { at += gap; (at, *took) }).unzip();
        let mut text = format!("x,duration_us,arrival_ms{ends}");
        for (at, took) in arrivals.iter().zip(&services) {
            text += &format!("\"a,b\",{}.{:03},{}.{:06}{ends}", took / 1_000, took % 1_000, at / 1_000_000, at % 1_000_000);
        }
        let input = if packs { packed(&text).into() } else { text.as_str().into() };
        prop_assert_eq!(Trace::read(input, &recorded()), Ok(Trace::new(arrivals, services, Vec::new()).unwrap()));
    }

    #[test]
    fn any_bytes_are_a_trace_or_a_mistake(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[a-z_0-9,\"\n.e+-]{0,80}") {
        let _ = Trace::read(bytes.into(), &recorded());
        let _ = Trace::read(format!("arrival_us,duration_us\n{text}").as_str().into(), &recorded());
    }
}
