//! Lines of machines and their disks, and what is said of them.

use super::{Context, DISKS, Fleet, MACHINES, Note, Overflow, PERSISTENT_DISKS, Pool, Terms, VMS, is_aws};
use crate::{
    commitment::Spread,
    demand::Demand,
    estimate::{Bill, Factor, Item, Role},
    money::Money,
    quantity::{Mib, Quantity, StorageTime, ThingTime},
    text::{Value, both},
    workload::NodeDisk,
};

/// The machines of a pool.
pub fn machine<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    pool: &Pool<'_>,
    fleet: &Fleet<'b>,
) -> Result<(), Overflow> {
    // A node whose limit of pods is not in the table takes the default, which is from memory.
    if fleet.shape.allocatable.is_none() && fleet.shape.provider == "aws" {
        ctx.mattered("aws/eks/pods-max");
    }
    let (rule, prefix) =
        if fleet.shape.provider == "aws" { (&MACHINES, "aws/ec2/") } else { (&VMS, "gcp/compute-engine/") };
    if pool.billed != pool.ran {
        for name in ["minimum", "increment"] {
            ctx.mattered(&format!("{prefix}{name}"));
        }
    }
    let before = bill.lines.len();
    bill.charge(&fleet.rate, time(pool, fleet, "Machine", rule)?)?;
    let scattered = matches!(pool.lead.demand, Demand::Runs(_) | Demand::Metered(_));
    let spread = if scattered { Spread::Scattered } else { Spread::on(pool.ran, ctx.period) };
    bill.lines[before..].iter_mut().for_each(|line| line.spread = spread);
    Ok(())
}

/// The time of a pool's machines.
pub fn time(
    pool: &Pool<'_>,
    fleet: &Fleet<'_>,
    label: &'static str,
    rule: &'static crate::rule::Rule,
) -> Result<Item<ThingTime>, Overflow> {
    let machines = fleet.nodes.checked_mul(pool.times).ok_or(Overflow)?;
    let mut factors = if pool.is_metered() { Vec::new() } else { vec![Factor::new(fleet.nodes, "machines")] };
    if pool.times > 1 {
        factors.push(Factor::new(pool.times, "runs"));
    }
    factors.push(Factor::new(pool.billed.as_secs(), "s"));
    Ok(Item {
        label,
        rule,
        consumed: Quantity::<ThingTime>::held(machines, pool.ran)?,
        priced: Quantity::<ThingTime>::held(machines, pool.billed)?,
        factors,
        role: Role::Compute,
    })
}

/// A boot disk as it is priced.
struct Disk<'p> {
    kind: &'p str,
    key: String,
    size: Mib,
    /// by the user, not by default
    asked: bool,
}

/// The boot disk of a pool's machines: as asked for, or the platform's own. One of another provider is not used.
fn disk_of<'p>(ctx: &Context<'_, '_>, terms: &'p Terms, pool: &'p Pool<'_>) -> Option<Disk<'p>> {
    let aws = is_aws(terms.platform);
    let googles = |kind: &str| ["pd-", "hyperdisk-", "local-ssd"].iter().any(|start| kind.starts_with(start));
    let (kind, size, asked) = match &pool.lead.node_disk {
        Some(NodeDisk::None) => return None,
        Some(NodeDisk::Of { kind, size }) if aws != googles(kind) => (kind.as_str(), *size, true),
        _ => (terms.disk.kind, ctx.gib(terms.disk.size).ok()?, false),
    };
    let key = if aws { format!("aws/ebs/{kind}") } else { format!("gcp/disk/{kind}") };
    Some(Disk { kind, key, size, asked })
}

/// What the boot disk of one machine of a pool costs, as far as its price is known.
pub fn disk_of_one(ctx: &Context<'_, '_>, terms: &Terms, pool: &Pool<'_>) -> Result<Money, Overflow> {
    let Some(disk) = disk_of(ctx, terms, pool) else { return Ok(Money::ZERO) };
    let Ok(rate) = ctx.rate::<StorageTime>(&disk.key) else { return Ok(Money::ZERO) };
    rate.charge(Quantity::<StorageTime>::held(disk.size, ctx.period.of_month(pool.billed)?, pool.times)?)
}

/// The boot disks of a pool's machines.
pub fn boot_disk<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    pool: &Pool<'_>,
    fleet: &Fleet<'b>,
) -> Result<(), Overflow> {
    let Some(Disk { kind, key, size, asked }) = disk_of(ctx, terms, pool) else { return Ok(()) };
    let rate = ctx.rate::<StorageTime>(&key);
    if rate.is_err() && !asked {
        let args = [("size", size.to_string()), ("kind", kind.to_owned())];
        let note = Note::new("not-priced/boot-disk", "the machines' boot disks ({size} of {kind} each)", &args);
        bill.not_priced.push(note);
        return Ok(());
    }
    let disks = fleet.nodes.checked_mul(pool.times).ok_or(Overflow)?;
    let counted = (!pool.is_metered()).then(|| Factor::new(disks, "disks"));
    let (ran, billed) = (ctx.period.of_month(pool.ran)?, ctx.period.of_month(pool.billed)?);
    let item = Item {
        label: "Boot disk",
        rule: if is_aws(terms.platform) { &DISKS } else { &PERSISTENT_DISKS },
        consumed: Quantity::<StorageTime>::held(size, ran, disks)?,
        priced: Quantity::<StorageTime>::held(size, billed, disks)?,
        factors: counted
            .into_iter()
            .chain([Factor::new(size.as_gib(), "GiB"), Factor::new(billed.as_secs(), "s of a 730 h month")])
            .collect(),
        role: Role::Beside,
    };
    if !asked {
        let args = [("size", size.to_string()), ("kind", kind.to_owned())];
        let template = "each machine has a boot disk of {size} ({kind}): --node-disk says another, or none";
        bill.assumptions.push(Note::new(format!("{}/boot-disk", terms.platform.id()), template, &args));
    }
    bill.charge(&rate, item)
}

/// How full the nodes are, how they were chosen, and how long they live.
pub fn notes(terms: &Terms, pool: &Pool<'_>, fleet: &Fleet<'_>) -> Vec<Note> {
    let id = terms.platform.id();
    let kind = ("type", fleet.shape.name.to_owned());
    let mut notes = if pool.is_metered() { Vec::new() } else { vec![fullness(id, pool, fleet)] };
    if pool.lead.node_type.is_none() {
        let template = if fleet.rate.is_ok() {
            "{type} is the machine type that holds the pods at the lowest cost here: --node-type names another"
        } else {
            "no machine type that holds the pods has a price here: {type} is one"
        };
        notes.push(Note::new(format!("{id}/chosen"), template, std::slice::from_ref(&kind)));
    }
    if let Demand::Runs(runs) = &pool.lead.demand {
        let args = [
            ("nodes", fleet.nodes.to_string()),
            ("runs", runs.runs.to_string()),
            ("seconds", pool.billed.as_secs().to_string()),
        ];
        let template = "nodes exist only while a run lasts: {nodes} for each of {runs} runs, billed {seconds} s each";
        notes.push(Note::new(format!("{id}/runs-nodes"), template, &args));
    }
    if matches!(terms.reserve, super::Reserve::Nothing) {
        let says =
            "all of a machine is taken to be there for containers: what the system and an agent keep is not known";
        notes.push(Note::plain(format!("{id}/whole-machine"), says));
    } else {
        let says = "the system's pods (network, DNS) take no room: state them with --daemonset";
        notes.push(Note::plain(format!("{id}/system-pods"), says));
    }
    notes
}

fn fullness(id: &str, pool: &Pool<'_>, fleet: &Fleet<'_>) -> Note {
    let (room, every, nodes) = (fleet.room, pool.every_node, u128::from(fleet.nodes));
    let share = |part: fn(&crate::packing::Room) -> u64| {
        let pods =
            pool.pods.iter().map(|p| u128::from(part(&p.each)) * u128::from(p.count)).fold(0, u128::saturating_add);
        let used = pods.saturating_add(u128::from(part(&every)) * nodes);
        let all = (u128::from(part(&room)) * nodes).max(1);
        format!("{} %", (used.saturating_mul(200) / all).div_ceil(2))
    };
    let args = [
        ("nodes", Value::from(fleet.nodes)),
        ("type", fleet.shape.name.into()),
        ("vcpu", share(|r| r.vcpu).into()),
        ("memory", share(|r| r.memory).into()),
        ("room", both([crate::quantity::MilliVcpu(room.vcpu).to_string(), Mib(room.memory).to_string()]).into()),
        ("needed", fleet.needed.into()),
        ("bound", fleet.bound.into()),
        ("gap", (fleet.needed - fleet.bound).into()),
    ];
    let template = if fleet.nodes == fleet.needed {
        "{nodes} × {type}, each with {room} for pods: {vcpu} of vCPU and {memory} of memory used; \
         no packing needs fewer than {bound} (gap {gap})"
    } else {
        "{nodes} × {type}, each with {room} for pods: {vcpu} of vCPU and {memory} of memory used; \
         {needed} would hold them, and no packing needs fewer than {bound} (gap {gap})"
    };
    Note::new(format!("{id}/nodes"), template, &args)
}
