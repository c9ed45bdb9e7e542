//! What a total is made of: the few kinds of cost that `compare` has columns for.

use rust_decimal::Decimal;
use wharfage_api::response::LineOut;
use wharfage_core::tr;

use super::figures::{cents, decimal};

/// A kind of cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// vCPU, memory, GPUs, machines and licences
    Compute,
    /// fees per request
    Requests,
    /// disks
    Storage,
    /// clusters, services' fees per machine, load balancers, egress, builds: all that is there besides
    Fees,
    /// what is given back
    Credits,
}

/// Services whose meters are compute unless they say otherwise.
const COMPUTE: [&str; 6] = ["fargate", "ec2", "apprunner", "cloud-run", "autopilot", "compute-engine"];
/// Services that are disks.
const DISKS: [&str; 2] = ["ebs", "disk"];
/// Meters of compute services that are fees.
const FEES: [&str; 3] = ["build", "deployment", "auto-deploy"];

impl Kind {
    /// In the order of columns.
    pub const ALL: [Self; 5] = [Self::Compute, Self::Requests, Self::Storage, Self::Fees, Self::Credits];

    /// The column's title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Compute => tr!("compute"),
            Self::Requests => tr!("requests"),
            Self::Storage => tr!("storage"),
            Self::Fees => tr!("fees"),
            Self::Credits => tr!("credits"),
        }
    }

    fn of(line: &LineOut) -> Self {
        let mut words = line.sku.splitn(3, '/').skip(1);
        let (service, meter) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        if line.unit_price.starts_with('-') {
            Self::Credits
        } else if meter == "requests" {
            Self::Requests
        } else if DISKS.contains(&service) || meter.contains("ephemeral") || meter.contains("storage") {
            Self::Storage
        } else if COMPUTE.contains(&service) && !FEES.contains(&meter) && !meter.starts_with("egress.") {
            Self::Compute
        } else {
            Self::Fees
        }
    }
}

/// A total's parts, each to the cent; they and the gap add up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    kinds: [Option<Decimal>; Kind::ALL.len()],
    /// the total without the parts: what rounding each sku leaves
    pub gap: Decimal,
    /// the total
    pub total: Decimal,
}

impl Parts {
    /// The parts of a total: each sku summed, then rounded, as an invoice has it; of a year, each month on its own.
    pub fn new<'r>(lines: impl Iterator<Item = &'r LineOut>, total: Decimal) -> Self {
        let mut skus: Vec<(&str, Kind, Vec<Decimal>)> = Vec::new();
        for line in lines {
            let bills = if line.months.is_empty() { std::slice::from_ref(&line.cost) } else { &line.months };
            let costs = bills.iter().map(|cost| decimal(cost));
            match skus.iter_mut().find(|(sku, ..)| *sku == line.sku) {
                Some((_, _, sums)) => sums.iter_mut().zip(costs).for_each(|(sum, cost)| *sum += cost),
                None => skus.push((&line.sku, Kind::of(line), costs.collect())),
            }
        }
        let mut kinds = [None; Kind::ALL.len()];
        for (_, kind, sums) in skus {
            *kinds[kind as usize].get_or_insert(Decimal::ZERO) += sums.into_iter().map(cents).sum::<Decimal>();
        }
        let gap = total - kinds.iter().flatten().sum::<Decimal>();
        Self { kinds, gap, total }
    }

    /// A kind's part; `None` where no line is of that kind.
    pub fn of(&self, kind: Kind) -> Option<Decimal> {
        self.kinds[kind as usize]
    }

    /// All but compute, the gap among it; `None` where there is nothing.
    pub fn beside_compute(&self) -> Option<Decimal> {
        let any = Kind::ALL[1..].iter().any(|k| self.of(*k).is_some()) || !self.gap.is_zero();
        any.then(|| self.total - self.of(Kind::Compute).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{groups, samples::*},
        *,
    };

    #[test]
    fn parts_add_up_and_leave_no_gap_on_an_invoice() {
        for response in comparisons() {
            for g in groups(&response) {
                let Some(total) = g.total.sums.cents() else { continue };
                let parts = Parts::new(g.estimates.iter().flat_map(|e| &e.lines), decimal(total));
                let sum: Decimal = Kind::ALL.iter().filter_map(|k| parts.of(*k)).sum();
                assert_eq!(sum + parts.gap, decimal(total));
                let two = parts.of(Kind::Compute).unwrap_or_default() + parts.beside_compute().unwrap_or_default();
                assert_eq!(two, decimal(total));
                // A credit rounded to a cent more than what it gives back leaves one: nothing is not less than nothing.
                if response.rounding == "invoice" && !decimal(total).is_zero() {
                    assert!(parts.gap.is_zero(), "{:?}", g.total);
                }
            }
        }
    }

    #[test]
    fn lines_are_of_the_kind_a_reader_expects() {
        let response = response(&format!("command = 'compare'\nregion = 'seoul'\n{TRAFFIC}"));
        let kind =
            |label: &str| response.estimates.iter().flat_map(|e| &e.lines).find(|l| l.label == label).map(Kind::of);
        #[rustfmt::skip]
        let cases = [("vCPU", Kind::Compute), ("Memory", Kind::Compute), ("Requests", Kind::Requests), ("Cluster", Kind::Fees), ("Load balancer", Kind::Fees), ("Free tier, vCPU", Kind::Credits), ("GKE free tier", Kind::Credits)];
        for (label, want) in cases {
            assert_eq!(kind(label), Some(want), "{label}");
        }
    }

    #[test]
    fn a_services_fee_per_machine_and_egress_are_no_compute() {
        let asked =
            "command = 'compare'\nregion = 'seoul'\nplatform = ['ecs-managed-instances', 'eks-auto', 'cloud-run']";
        let response = response(&format!("{asked}\n{TRAFFIC}\negress = '10GiB'"));
        for (label, want) in [
            ("Machine", Kind::Compute),
            ("Managed Instances fee", Kind::Fees),
            ("Auto Mode fee", Kind::Fees),
            ("Egress", Kind::Fees),
        ] {
            let mut lines = response.estimates.iter().flat_map(|e| &e.lines).filter(|l| l.label == label).peekable();
            assert!(lines.peek().is_some(), "{label}");
            lines.for_each(|l| assert_eq!(Kind::of(l), want, "{}", l.sku));
        }
    }
}
