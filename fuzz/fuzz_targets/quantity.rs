//! Any text read as a quantity of each kind: refused with a message and a way out, or a value within its bounds; nothing
//! panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wharfage_api::{
    diff,
    grammar::{self, Fault},
};

fuzz_target!(|text: &str| {
    told(grammar::decimal(text), |d| assert!(!d.is_sign_negative()));
    told(grammar::count(text), |_| ());
    told(grammar::positive(text), |n| assert!(n > 0));
    told(grammar::vcpu(text), |v| assert!(v.0 > 0));
    told(grammar::mib(text), |_| ());
    told(grammar::some_mib(text), |m| assert!(m.0 > 0));
    told(grammar::time(text), |_| ());
    told(grammar::some_time(text), |t| assert!(t.0 > 0));
    told(grammar::hours(text), |_| ());
    told(grammar::rate(text), |_| ());
    told(grammar::share(text), |(part, whole)| assert!(part <= whole && whole > 0));
    told(grammar::part(text), |(part, whole)| assert!(part <= whole && whole > 0));
    told(grammar::byte_rate(text), |_| ());
    told(grammar::machine(text), |name| assert!(!name.is_empty()));
    told(grammar::node_disk(text), |_| ());
    told(grammar::hourly(text), |_| ());
    told(diff::threshold(text), |_| ());
    let _ = grammar::year(text);
    told(grammar::gpu(text), |g| assert!(g.count > 0));
    told(grammar::daemonset(text), |_| ());
    told(grammar::period(text), |t| assert!(t.0 > 0));
    told(grammar::fx(text), |(currency, _)| assert!(!currency.is_empty()));
    told(grammar::day(text), |_| ());
});

fn told<T>(read: Result<T, Fault>, holds: impl FnOnce(T)) {
    match read {
        Ok(value) => holds(value),
        Err(fault) => assert!(!fault.message.is_empty() && !fault.help.is_empty(), "{fault:?}"),
    }
}
