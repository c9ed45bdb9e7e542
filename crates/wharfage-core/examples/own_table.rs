//! Prices a service on Fargate from a table of one's own: text in, exact lines out, no file, clock or network.
//!
//!     cargo run -p wharfage-core --example own_table

use wharfage_core::{
    Diagnostic, PriceBook,
    book::{check, compile, parse, tables::Tables},
    demand::Demand,
    estimate::Rounding,
    period::Period,
    platform::Platform,
    pricing::{Place, Settings, group},
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
    workload::{Switch, Workload},
};

/// Checks a table and compiles it, or says everything that is wrong with it.
fn compiled(name: &str, text: &str) -> Result<compile::Compiled, Vec<Diagnostic>> {
    let mut tables = Tables::default();
    let mut found = parse::file(name, text, parse::Owner::Book, &mut tables);
    if found.is_empty() {
        found = check::tables(&tables, None);
    }
    if found.is_empty() { compile::compile(&tables).map_err(|d| vec![d]) } else { Err(found) }
}

/// Two tasks of half a vCPU, all month: a row per line of the bill, and the total.
fn report(book: &PriceBook<'_>) -> Result<String, wharfage_core::Overflow> {
    let month = Period {
        label: "730h".to_owned(),
        time: Micros(730 * MICROS_PER_HOUR),
        month_hours: book.edition().month_hours,
        whole_month_hours: (672, 744),
    };
    let settings = Settings {
        day: book.edition().date,
        period: month,
        free_tier: Switch::On,
        rounding: Rounding::Invoice,
        commit: None,
    };
    let seoul = Place { name: "seoul".to_owned(), aws: book.region("ap-northeast-2"), gcp: None };
    let web = Workload {
        vcpu: Some(MilliVcpu(500)),
        memory: Mib::from_gib(1),
        ..Workload::new("web", Demand::Replicas { count: 2 })
    };
    let group = group(book, &settings, Platform::EcsFargate, &seoul, Purchase::OnDemand, &[web])?;
    let mut text = String::new();
    for line in group.estimates.iter().flat_map(|e| &e.bill.lines) {
        let quantity = line.in_unit(line.priced);
        text.push_str(&format!("{}: {quantity} {} = {} USD\n", line.label, line.unit.label(), line.cost.to_decimal()));
    }
    Ok(text + &format!("total: {} USD\n", group.totals.total.to_cents()))
}

fn main() {
    match compiled("own-table.toml", include_str!("own-table.toml")) {
        Ok(table) => {
            let book = PriceBook::new(&table.bytes, table.digest).expect("the table declares an edition");
            print!("{}", report(&book).expect("two tasks cost little"));
        }
        Err(found) => found.iter().for_each(|d| eprintln!("error[{}]: {}", d.code, d.message)),
    }
}

#[test]
fn the_table_prices_two_tasks_to_the_last_digit() {
    let table = compiled("own-table.toml", include_str!("own-table.toml")).unwrap();
    let book = PriceBook::new(&table.bytes, table.digest).unwrap();
    let expected = "vCPU: 730 vCPU-Hours = 29.2 USD\nMemory: 1460 GiB-Hours = 7.3 USD\ntotal: 36.50 USD\n";
    assert_eq!(report(&book).unwrap(), expected);
}

#[test]
fn a_broken_table_is_refused_with_its_reason() {
    let found = compiled("own-table.toml", "[[price]]\nkey = 1").unwrap_err();
    assert!(!found.is_empty() && found.iter().all(|d| !d.message.is_empty()), "{found:?}");
}
