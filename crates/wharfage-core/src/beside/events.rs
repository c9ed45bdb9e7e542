//! Events and ECS Service Connect.
//!
//! # Units
//! Whole events; MiB of their transport; services × microseconds.
//! # Sources
//! `gcp/BILLING-RULES` §4; `recalled-service-connect`. No price of EventBridge was found: it is missing, not free.
//! # Not modelled
//! Schedules; the least size that Pub/Sub bills a message as, for which no source was found.

use super::{Says, beyond_free, charge, gib, things, total};
use crate::{
    estimate::{Bill, Factor},
    money::Overflow,
    note::Note,
    platform::{Context, Platform},
    quantity::{Data, Events, Quantity},
    rule::Rule,
    workload::{Switch, Workload},
};

/// Events.
pub const EVENTS: Rule = Rule {
    id: "events/count",
    says: "events are billed by their number; Google's own cost nothing themselves",
    source: "https://cloud.google.com/eventarc/pricing",
};
/// The transport of Google's events.
pub const PUBSUB: Rule = Rule {
    id: "gcp-pubsub/throughput",
    says: "the Pub/Sub transport of events is billed by the TiB, once the account's free part of the month is used up",
    source: "https://cloud.google.com/pubsub/pricing",
};
/// Service Connect.
pub const SERVICE_CONNECT: Rule = Rule {
    id: "ecs/service-connect",
    says: "Service Connect itself costs nothing; its proxy's vCPU and memory are part of the task",
    source: "https://aws.amazon.com/ecs/pricing/",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[EVENTS, PUBSUB, SERVICE_CONNECT];

/// A workload's events and its Service Connect.
pub fn own<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    if let Some(count) = w.beside.events {
        let events = Quantity::<Events>::new(u128::from(count));
        let key = if platform.provider() == "aws" { "aws/eventbridge/events" } else { "gcp/eventarc/events" };
        let factors = vec![Factor::new(count, "events")];
        charge(bill, &ctx.rate(key), Says { label: "Events", rule: &EVENTS }, events, factors)?;
        if platform.provider() == "gcp" && w.beside.event_data.is_none() {
            bill.not_priced.push(Note::plain("not-priced/event-transport", "the Pub/Sub transport of events"));
        }
    }
    // The platforms of ECS, and no others, have it.
    if w.beside.service_connect == Some(Switch::On) && platform.id().starts_with("ecs-") {
        let template = "the Service Connect proxy runs inside the stated vCPU and memory";
        bill.assumptions.push(Note::plain("beside/service-connect-proxy", template));
        let says = Says { label: "Service Connect", rule: &SERVICE_CONNECT };
        let whole = (ctx.period.time, ctx.period.time);
        things(bill, &ctx.rate("aws/ecs/service-connect"), says, (1, "services"), whole)?;
    }
    Ok(())
}

/// The data that carries Google's events, of all workloads together.
pub fn transport<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let Some(carried) = total(on_it, |b| b.event_data)? else { return Ok(()) };
    if platform.provider() == "aws" {
        let says = "the data of events counts where Pub/Sub carries it, on Google Cloud";
        bill.assumptions.push(Note::plain("beside/event-data", says));
        return Ok(());
    }
    let used = Quantity::<Data>::new(u128::from(carried.0));
    let says = |label| Says { label, rule: &PUBSUB };
    let left = beyond_free(bill, ctx, "gcp/pubsub/free", says("Event transport (free)"), used, gib)?;
    charge(bill, &ctx.rate("gcp/pubsub/throughput"), says("Event transport"), left, gib(left))
}
