//! Which machines a fleet would have: the type that the estimate chooses, and how many pods one of them holds.

use super::{Context, Fleet, Missing, Note, Overflow, Terms, Workload, fleet, lines, pod};
use crate::{
    platform::Platform,
    quantity::{Mib, MilliVcpu},
};

/// Machines for the pods of one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePlan {
    /// the machine type, as `--node-type` takes it
    pub node_type: String,
    /// pods of the workload that one machine holds beside the system's reserve and DaemonSets, at least one
    pub each: u64,
    /// machines that hold the pods expected at the peak
    pub nodes: u64,
    /// vCPU of a machine that are left for pods and DaemonSets
    pub vcpu: MilliVcpu,
    /// memory of a machine that is left for pods and DaemonSets
    pub memory: Mib,
}

impl Platform {
    /// The machines that an estimate of this workload alone would have, or why it can't run there.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn node_plan(self, ctx: &Context<'_, '_>, w: &Workload) -> Result<Result<NodePlan, Vec<Note>>, Overflow> {
        let reasons = self.refusals(ctx, w);
        if !reasons.is_empty() {
            return Ok(Err(reasons));
        }
        match self.node_terms(ctx) {
            Some(Ok(terms)) => plan(ctx, &terms, w),
            Some(Err(missing)) => Ok(Err(vec![unknown(self, &missing)])),
            None => {
                Ok(Err(vec![Note::plain(format!("{}/no-nodes", self.id()), "it is not made of machines of one's own")]))
            }
        }
    }
}

fn unknown(platform: Platform, missing: &Missing) -> Note {
    let args = [("key", missing.key.clone()), ("region", missing.region.clone())];
    Note::new(format!("{}/node-terms", platform.id()), "{key} is not known for {region}", &args)
}

/// The machines of one workload, or why no machine can run it.
pub fn plan(ctx: &Context<'_, '_>, terms: &Terms, w: &Workload) -> Result<Result<NodePlan, Vec<Note>>, Overflow> {
    if let Err(reasons) = super::meter(ctx, w, terms)? {
        return Ok(Err(reasons));
    }
    let pools = fleet::pools(ctx, terms, &[w])?;
    let Some(pool) = pools.first() else { return Ok(Err(Vec::new())) };
    let disk = lines::disk_of_one(ctx, terms, pool)?;
    Ok(match fleet::choose(ctx, terms, pool, disk)? {
        Ok(Fleet { shape, nodes, room, .. }) => Ok(NodePlan {
            node_type: shape.name.to_owned(),
            each: pool.left(room).map_or(0, |left| left.holds(pod(w))).max(1),
            nodes,
            vcpu: MilliVcpu(room.vcpu),
            memory: Mib(room.memory),
        }),
        Err(reason) => Err(vec![reason]),
    })
}
