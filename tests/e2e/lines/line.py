#!/usr/bin/env python3
"""A bad line in user space: passes frames between two TAP devices, with loss, a narrow rate, delay and jitter.

The kernels of many machines have no `netem`. Makes the devices `line0` and `line1` in its own network namespace (the caller
moves one of them), says `ready`, and then reads one JSON object a line from its standard input:

  {"down": LINE, "up": LINE}   how the line is from now on; `down` is from line0 to line1
  {"report": true}             is answered by what happened since the last report, one JSON object on a line

LINE: {"loss": share of packets lost, "rate": bits a second or 0, "queue": seconds that fit into the queue before the narrow
rate, "delay": seconds, "jitter": seconds}. Of what goes over it only ARP is spared. Packets keep their order.
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
ARP = b"\x08\x06"
# Even a line of few bits a second keeps some packets.
MIN_QUEUE_BYTES = 6_000
CLEAR = {"loss": 0.0, "rate": 0.0, "queue": 0.5, "delay": 0.0, "jitter": 0.0}


class Direction:
    """One direction of the line."""

    def __init__(self, source: int, target: int, seed: int) -> None:
        self.source, self.target = source, target
        self.random = random.Random(seed)
        self.line = dict(CLEAR)
        self.free = 0.0  # when the narrow place has sent all that waits
        self.last = 0.0  # when the last packet arrives: none overtakes it
        self.waiting: list[tuple[float, int, bytes]] = []
        self.number = 0
        self.clear_report()

    def clear_report(self) -> None:
        self.packets = self.bytes = self.lost = self.overflowed = 0
        self.queues: list[float] = []

    def take(self, now: float, frame: bytes) -> None:
        line = self.line
        if frame[12:14] == ARP:
            return self.deliver(now, frame)
        self.packets += 1
        if self.random.random() < line["loss"]:
            self.lost += 1
            return None
        arrival = now
        if line["rate"]:
            queue = max(0.0, self.free - now)
            self.queues.append(queue)
            waits = queue * line["rate"] / 8
            if waits + len(frame) > max(line["queue"] * line["rate"] / 8, MIN_QUEUE_BYTES):
                self.overflowed += 1
                return None
            # Without the Ethernet header, as a line's rate is told.
            self.free = now + queue + (len(frame) - 14) * 8 / line["rate"]
            arrival = self.free
        arrival += line["delay"] + self.random.uniform(-1, 1) * line["jitter"]
        self.last = max(self.last, arrival, now)
        self.bytes += len(frame) - 14
        if self.last <= now and not self.waiting:
            return self.deliver(now, frame)
        self.number += 1
        heapq.heappush(self.waiting, (self.last, self.number, frame))
        return None

    def deliver(self, _now: float, frame: bytes) -> None:
        try:
            os.write(self.target, frame)
        except OSError:
            pass  # the other end is going down

    def due(self, now: float) -> float:
        """Delivers what has arrived; gives the seconds until the next arrival."""
        while self.waiting and self.waiting[0][0] <= now:
            self.deliver(now, heapq.heappop(self.waiting)[2])
        return max(0.0, self.waiting[0][0] - now) if self.waiting else 1.0

    def report(self) -> dict:
        queues = sorted(self.queues)
        at = lambda share: round(1000 * queues[min(len(queues) - 1, int(share * len(queues)))]) if queues else 0
        told = {
            "packets": self.packets, "bytes": self.bytes, "lost": self.lost, "overflowed": self.overflowed,
            "queue_p50_ms": at(0.5), "queue_p95_ms": at(0.95), "queue_max_ms": at(1.0),
        }
        self.clear_report()
        return told


def tap(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def main() -> None:
    near, far = tap("line0"), tap("line1")
    directions = {"down": Direction(near, far, 1), "up": Direction(far, near, 2)}
    print("ready", flush=True)
    told = b""
    while True:
        now = time.monotonic()
        wait = min(direction.due(now) for direction in directions.values())
        ready, _, _ = select.select([near, far, 0], [], [], wait)
        now = time.monotonic()
        for direction in directions.values():
            for _ in range(64 if direction.source in ready else 0):
                try:
                    direction.take(now, os.read(direction.source, 65_536))
                except OSError:
                    break
        if 0 in ready:
            chunk = os.read(0, 65_536)
            if not chunk:
                return
            *lines, told = (told + chunk).split(b"\n")
            for command in map(json.loads, lines):
                if command.get("report"):
                    print(json.dumps({name: one.report() for name, one in directions.items()}), flush=True)
                for name, direction in directions.items():
                    if name in command:
                        direction.line = CLEAR | command[name]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
