//! Legal sizes: whole vCPUs with a range of memory each, and fractions of one under request-based billing.

use crate::{
    book::Term,
    platform::size::Size,
    quantity::{Mib, MilliVcpu},
};

/// A vCPU figure and the memory it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// this many, or from here on for fractions
    pub vcpu: MilliVcpu,
    pub least: Mib,
    pub most: Mib,
}

/// The legal sizes of one way of billing.
#[derive(Debug)]
pub(super) struct Menu {
    /// whole vCPUs
    pub rows: Vec<Row>,
    /// fractions, for instances that serve one request at a time
    pub small: Vec<Row>,
    /// fractions are multiples of this
    pub step: MilliVcpu,
    /// the least of either
    pub least: Size,
}

/// Rows of vCPU, least GiB and most GiB. The term has three columns.
pub(super) fn rows(term: &Term<'_>) -> Vec<Row> {
    let gib = |row, column| term.whole_at(row, column, 1024).map(Mib);
    let read = |row| Some(Row { vcpu: vcpu(term, row)?, least: gib(row, 1)?, most: gib(row, 2)? });
    (0..term.rows()).filter_map(read).collect()
}

/// Rows of vCPU and most GiB. The term has two columns.
pub(super) fn small_rows(term: &Term<'_>) -> Vec<Row> {
    let read = |row| {
        let most = term.whole_at(row, 1, 1024).map(Mib)?;
        Some(Row { vcpu: vcpu(term, row)?, least: Mib(0), most })
    };
    (0..term.rows()).filter_map(read).collect()
}

fn vcpu(term: &Term<'_>, row: usize) -> Option<MilliVcpu> {
    term.whole_at(row, 0, 1000).map(MilliVcpu)
}

impl Menu {
    /// The least whole vCPU.
    pub fn whole(&self) -> Option<MilliVcpu> {
        self.rows.iter().map(|r| r.vcpu).min()
    }

    /// Each row's least size that holds `wanted`; fractions only where requests come one by one.
    pub fn holding(&self, wanted: Size, one_by_one: bool) -> impl Iterator<Item = Size> + '_ {
        let want = Size { vcpu: wanted.vcpu.max(self.least.vcpu), memory: wanted.memory.max(self.least.memory) };
        let whole = self.rows.iter().map(|r| (r.vcpu, r)).filter(move |(vcpu, _)| *vcpu >= want.vcpu);
        let small =
            self.small.iter().filter(move |_| one_by_one).map(move |r| (self.stepped(want.vcpu.max(r.vcpu)), r));
        let small = small.filter(|(vcpu, _)| self.whole().is_some_and(|one| *vcpu < one));
        let size = move |(vcpu, r): (MilliVcpu, &Row)| Size { vcpu, memory: want.memory.max(r.least) };
        small.chain(whole).filter(move |(_, r)| want.memory <= r.most).map(size)
    }

    fn stepped(&self, vcpu: MilliVcpu) -> MilliVcpu {
        let step = self.step.0.max(1);
        MilliVcpu(vcpu.0.div_ceil(step).saturating_mul(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Menu {
        let row = |vcpu, least, most| Row { vcpu: MilliVcpu(vcpu), least: Mib(least), most: Mib(most) };
        Menu {
            rows: vec![row(1000, 128, 4096), row(2000, 128, 8192), row(4000, 2048, 16384)],
            small: vec![row(80, 0, 512), row(500, 0, 1024)],
            step: MilliVcpu(10),
            least: Size { vcpu: MilliVcpu(80), memory: Mib(128) },
        }
    }

    #[test]
    fn the_least_size_is_raised_to_a_legal_one() {
        #[rustfmt::skip]
        let cases = [
            // milli-vCPU, MiB, one request at a time, the least legal size
            ( 250,   256, true,  Some(( 250,   256)), "a fraction"),
            ( 251,   256, true,  Some(( 260,   256)), "the next step"),
            (  10,    64, true,  Some((  80,   128)), "both minimums"),
            ( 250,   768, true,  Some(( 500,   768)), "more memory needs half a vCPU"),
            ( 250,  1025, true,  Some((1000,  1025)), "still more needs a whole one"),
            ( 995,   256, true,  Some((1000,   256)), "a step up to a whole one"),
            ( 250,   256, false, Some((1000,   256)), "together, a whole one"),
            (1000,  4097, false, Some((2000,  4097)), "more memory than one may have"),
            (1500,   512, false, Some((2000,   512)), "no size in between"),
            (4000,   512, false, Some((4000,  2048)), "less memory than four may have"),
            (4001,   512, false, None,                "more than any has"),
            (1000, 16385, false, None,                "more than any has"),
        ];
        for (vcpu, memory, one_by_one, want, why) in cases {
            let wanted = Size { vcpu: MilliVcpu(vcpu), memory: Mib(memory) };
            let got = menu().holding(wanted, one_by_one).min().map(|s| (s.vcpu.0, s.memory.0));
            assert_eq!(got, want, "{why} ({vcpu}m, {memory} MiB)");
        }
    }

    #[test]
    fn every_size_offered_holds_what_was_wanted() {
        for vcpu in (0..5000).step_by(70) {
            for memory in (0..20_000).step_by(190) {
                let wanted = Size { vcpu: MilliVcpu(vcpu), memory: Mib(memory) };
                for one_by_one in [true, false] {
                    assert!(menu().holding(wanted, one_by_one).all(|s| s.holds(wanted)), "{vcpu}m, {memory} MiB");
                }
            }
        }
    }
}
