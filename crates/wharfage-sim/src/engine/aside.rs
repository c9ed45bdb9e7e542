//! What is done beside requests: an autoscaler's decisions, counts of instances, nodes, the end of the warm-up.

use super::{
    Engine, MOST_INSTANCES, Stop,
    agenda::Agenda,
    control::{MOST_LATE, PATIENCE},
    kind::Kind,
};
use crate::{outcome::Sample, time::Nanos};

impl<A: Agenda, K: Kind> Engine<'_, A, K> {
    /// Does what is due before `now` beside requests: the end of the warm-up, decisions, counts of instances, nodes; false
    /// where there is nothing.
    #[cold]
    pub(super) fn step_aside(&mut self, now: u64) -> Result<bool, Stop> {
        let (look, nodes_at) = (self.tick_at.min(self.sample_at), self.nodes_at());
        if self.mark <= now.min(look).min(nodes_at) && now != u64::MAX {
            self.cross_warm_up();
            return Ok(true);
        }
        // Beyond the horizon instances change no more, unless requests still wait for some.
        let counts = look <= self.horizon && self.horizon.min(now) != u64::MAX;
        if look < now && look <= nodes_at && (counts || self.waits_for_a_decision()) {
            self.decide_or_sample();
            return Ok(true);
        }
        if nodes_at < now {
            self.look_at_nodes(nodes_at)?;
            return Ok(true);
        }
        // Where nodes are, any event may ask for some.
        let first = if K::MORE && self.fleet.is_some() { 0 } else { self.mark.min(look.saturating_add(1)) };
        // What is left undone beyond the horizon stays so until something waits.
        self.aside_at = if first <= now { 0 } else { first };
        Ok(false)
    }

    /// Would a queue be served only if an autoscaler wanted more instances?
    fn waits_for_a_decision(&self) -> bool {
        let patient = self.tick_at.saturating_sub(self.last_event) < PATIENCE.0 && self.late < MOST_LATE;
        self.tick_at != u64::MAX && !self.queue.is_empty() && patient
    }

    /// When nodes, or what waits for them, are to be looked at.
    #[inline]
    fn nodes_at(&mut self) -> u64 {
        let Some(fleet) = &self.fleet else { return u64::MAX };
        let at = fleet.next_at();
        if !fleet.has_pending() || self.pool.alive() <= self.min_instances {
            return at;
        }
        // The room that an expiry leaves is taken at once.
        self.hold.over(&mut self.pool, u64::MAX).map_or(at, |(_, until)| at.min(until.max(self.grew_at)))
    }

    /// Nodes are ready or asked for, or an expiry leaves room.
    fn look_at_nodes(&mut self, now: u64) -> Result<(), Stop> {
        self.expire(now.saturating_add(1));
        let Some(fleet) = &mut self.fleet else { return Ok(()) };
        let placed = fleet.look(now, &mut self.books).ok_or(Stop::ClockBeyond)?;
        placed.into_iter().for_each(|placed| self.begin_start(placed, now));
        self.events += 1;
        Ok(())
    }

    /// Takes whichever is due first of a decision and a count of instances.
    pub(super) fn decide_or_sample(&mut self) {
        let now = self.tick_at.min(self.sample_at);
        if now == self.tick_at {
            self.decide(now);
            self.events += 1;
            return;
        }
        self.expire(now);
        self.sample_at = now.saturating_add(self.sample_every);
        if now > self.horizon {
            self.sample_at = u64::MAX;
            return;
        }
        let (running, queued) = (self.running, self.queue.len() as u64);
        let nodes = self.fleet.as_mut().map_or(0, |fleet| {
            fleet.remove_idle(now, &mut self.books);
            fleet.count()
        });
        self.series.push(Sample { at: Nanos(now), running, idle: self.pool.alive() - running, queued, nodes });
    }

    fn decide(&mut self, now: u64) {
        // Beyond the horizon decisions go on where events do.
        let late = now > self.horizon;
        self.late += u32::from(late);
        let looked_at = self.fleet.as_ref().map_or(0, |fleet| fleet.looked_at);
        let now = if late { now.max(self.last_event).max(looked_at) } else { now };
        self.expire(now);
        self.give_up_waiting(now);
        let alive = self.pool.alive() - self.draining;
        let most = self.max_instances.min(MOST_INSTANCES - self.draining);
        let least = self.min_instances.min(most);
        let Some(control) = &mut self.control else { return };
        let wanted = control.decide(now, alive, self.pool.concurrency(), (least, most)).unwrap_or(alive);
        self.tick_at = now.saturating_add(control.tick());
        let wanted = wanted.clamp(least, most);
        for _ in alive..wanted {
            self.start_ahead(now);
        }
        self.remove(alive.saturating_sub(wanted), now);
    }

    /// Stops those that have been idle longest; where there are not enough, the youngest others stop when their requests are
    /// done. What is starting is left to start.
    fn remove(&mut self, mut n: u64, now: u64) {
        n -= self.withdraw(n, now);
        while n > 0
            && let Some((slot, _)) = self.pool.longest_idle()
        {
            self.stop(slot, now);
            n -= 1;
        }
        if n > 0 {
            for slot in self.pool.youngest_up(n) {
                self.pool.drain(slot);
                self.draining += 1;
                self.no_longer_ready(now);
            }
        }
    }

    /// Stops up to `n` instances that wait for a node and that no request waits for.
    fn withdraw(&mut self, n: u64, now: u64) -> u64 {
        let Some(fleet) = &mut self.fleet else { return 0 };
        let slots = fleet.withdraw(n, |slot| self.pool.see(slot).waiting.is_empty());
        for slot in &slots {
            let born = self.pool.get(*slot).born;
            self.books.never_placed(born, now);
            self.running -= 1;
            self.pool.stop(*slot);
        }
        self.running_changed(now);
        slots.len() as u64
    }
}
