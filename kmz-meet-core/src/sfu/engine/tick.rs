//! What is done by the clock: repairs, feedback, speakers, allocation, reports, and noticing who is gone.

use std::time::Instant;

use super::worker::Worker;
use crate::sfu::counters::Dropped;
use crate::sfu::ids::{ConferenceKey, MemberKey};

impl Worker {
    pub(super) fn tick(&mut self, now: Instant) {
        if !self.timers.repairs.is_due(now) {
            return;
        }
        self.each_member(|worker, member| worker.drive_handshake(now, member));
        self.each_conference(|worker, conference| {
            if worker
                .conferences
                .get(conference)
                .is_some_and(|media| media.changed)
            {
                worker.allocate(now, conference);
            }
        });
        if self.timers.speakers.is_due(now) {
            self.each_conference(|worker, conference| worker.update_loudness(now, conference));
        }
        if self.timers.allocation.is_due(now) {
            self.each_conference(|worker, conference| worker.allocate(now, conference));
        }
        self.each_member(|worker, member| {
            worker.request_repairs(now, member);
            worker.pad(now, member);
        });
        if self.timers.feedback.is_due(now) {
            self.each_member(Self::send_feedback);
        }
        if self.timers.reports.is_due(now) {
            self.counters.connected = 0;
            self.each_member(|worker, member| {
                worker.send_reports(now, member);
                worker.update_quality(now, member);
                worker.expire(now, member);
            });
            let lost = self.socket.take_not_relayed();
            self.counters.count_many(Dropped::NotRelayed, lost);
            self.shared.publish(&self.counters);
            let busy = self.business.busy_since_last(now);
            self.shared.publish_busy(busy);
            self.neighbours.forget(now);
            self.socket.recover(now);
        }
        self.each_member(|worker, member| worker.notify_slots(now, member));
    }

    /// A step for each member; one that panics costs that member.
    fn each_member(&mut self, step: impl Fn(&mut Self, MemberKey)) {
        let mut last = None;
        while let Some(member) = self.members.next(last) {
            self.guarded_for(member, |worker| step(worker, member));
            last = Some(member);
        }
    }

    /// A step for each conference. It is charged to the member who came first, as far as it opens no scope itself.
    fn each_conference(&mut self, step: impl Fn(&mut Self, ConferenceKey)) {
        let mut last = None;
        while let Some(conference) = self.conferences.next(last) {
            let first = self
                .conferences
                .get(conference)
                .and_then(|media| media.members.first().copied());
            if let Some(first) = first {
                self.guarded_for(first, |worker| step(worker, conference));
            }
            last = Some(conference);
        }
    }

    fn drive_handshake(&mut self, now: Instant, key: MemberKey) {
        let Some(transport) = self
            .members
            .get_mut(key)
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        transport.expire(now);
        transport.check_path(now, &self.identity, &self.socket, key);
        if !transport.is_connected() && transport.handshake_timeout(now, &self.socket).is_err() {
            self.drop_transport(key, now);
        }
    }
}
