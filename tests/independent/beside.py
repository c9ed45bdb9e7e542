"""What stands beside the compute: load balancers, addresses, NAT, egress, images, builds, logs and events."""

from fractions import Fraction
from math import ceil, floor

import nodes
from common import AWS, NODES_GCP, Bill, Place, rate, up

MONTH = 730 * 3600
CLOUD_RUN = ("cloud-run", "cloud-run-instance", "cloud-run-job", "cloud-run-worker-pool")


# What each workload has of its own


def own(platform, place, w):
    bill = Bill()
    aws, whole = platform in AWS, place.request.time
    kind = balancer(platform, w)
    if kind in ("alb", "nlb"):
        bill.charge(place, f"aws/{kind}/hour", up(whole, 3600), beside=True)
        capacity(place, kind, [w], bill)
    count = w.beside["public_ipv4"]
    if count is None:
        count = default_addresses(platform, place, w, kind) if w.beside["with"] == "network" else 0
    # Each address of a task whose time was metered is there as long as the task.
    tasks = w.metered if w.beside["public_ipv4"] is None and w.beside["with"] == "network" and exposed(platform, w) else 0
    if count or tasks:
        held = max(up(w.on, 1), 60) if aws else w.on
        bill.charge(place, f"{'aws' if aws else 'gcp'}/ipv4/hour", count * held + tasks, beside=True)
        if w.canary and w.beside["public_ipv4"] is None and exposed(platform, w):
            held = max(up(w.canary_time, 1), 60)
            bill.charge(place, "aws/ipv4/hour", w.count(w.concurrency or 80, w.canary) * held, beside=True)
    if w.beside["inter_zone"] is not None:
        directions, key = (2, "aws/egress/inter-az") if aws else (1, "gcp/egress/inter-zone")
        bill.charge(place, key, directions * w.beside["inter_zone"] / 1024, beside=True)
    if w.beside["pulls"] is not None:
        pulls(platform, place, w, bill)
    if w.beside["events"] is not None:
        bill.charge(place, "aws/eventbridge/events" if aws else "gcp/eventarc/events", w.beside["events"], beside=True)
    if w.beside["service_connect"] == "on" and platform.startswith("ecs-"):
        bill.charge(place, "aws/ecs/service-connect", whole, beside=True)
    return bill


def pulls(platform, place, w, bill):
    """Free within a region; through NAT its data costs, from another region what leaves that one."""
    aws, data, source = platform in AWS, w.beside["pulls"] * w.beside["image"] / Fraction(1024), w.beside["pull_from"]
    if source in (None, "region", "nat"):
        if pulled_through_nat(platform, w):
            bill.charge(place, "aws/nat/data" if aws else "gcp/nat/data", data, beside=True)
        return
    there = place.request.find_place(source.lower()).get("aws" if aws else "gcp")
    if there and there["id"] != place.region["id"]:
        key = "aws/egress/inter-region" if aws else "gcp/egress/inter-region"
        bill.charge(Place(place.request, there, place.purchase), key, data, beside=True)


def pulled_through_nat(platform, w):
    """App Runner and Cloud Run pull images themselves."""
    return w.beside["pulls"] is not None and w.beside["pull_from"] == "nat" and platform not in ("app-runner", *CLOUD_RUN)


def behind_nat(platform, w):
    return w.beside["nat"] is not None or pulled_through_nat(platform, w)


def balancer(platform, w):
    """What stands before it: what was asked for, else what its traffic needs there."""
    asked = w.beside["load_balancer"]
    if platform == "ecs-express":
        return "express"
    if asked == "off" or platform in ("app-runner", "cloud-run-job", "cloud-run-worker-pool"):
        return None
    network = w.beside["with"] == "network" and (w.shape == "requests" or w.served > 0)
    implied = platform not in ("cloud-run", "cloud-run-instance") and (carries(w) or network)
    if not (asked or implied):
        return None
    if platform not in AWS:
        return "google"
    return "nlb" if asked == "nlb" else "alb"


def carries(w):
    return any(w.beside[part] is not None for part in ("lb_rules", "lb_connections", "lb_active", "lb_bytes"))


def fleet(w):
    if w.nodes:
        return w.nodes
    if w.shape == "instance_time":
        return w.at_once()
    if w.shape == "runs":
        return w.tasks
    return w.replicas if w.shape == "replicas" else w.always_on(w.concurrency or 80)


def default_addresses(platform, place, w, kind):
    """On AWS one in each zone of the load balancer, and one for each ECS task that no NAT gateway serves."""
    zones = {"alb": 2, "express": 2, "nlb": 1}.get(kind, 0)
    return zones + (fleet(w) if exposed(platform, w) and w.shape != "instance_time" else 0)


def exposed(platform, w):
    """Has each ECS task an address?"""
    return platform in ("ecs-fargate", "ecs-express") and w.shape != "runs" and not behind_nat(platform, w)


# Capacity units: the largest dimension of what all carry


# New connections a second, active connections and bytes an hour of one unit.
UNITS = {"alb": (25, 3000, 10**9), "express": (25, 3000, 10**9), "nlb": (800, 100_000, 10**9)}


def capacity(place, kind, before, bill):
    sums = {}
    for w in before:
        for what, units in dimensions(kind, w):
            # Counted in millionths of a unit times a microsecond.
            sums[what] = sums.get(what, 0) + Fraction(round(units * w.on * 10**12), 10**12)
    if sums:
        bill.charge(place, "aws/nlb/nlcu" if kind == "nlb" else "aws/alb/lcu", max(sums.values()), beside=True)


def dimensions(kind, w):
    new, active, hourly = UNITS[kind]
    b = w.beside
    if b["lb_connections"]:
        yield "new", per_second(w, rate(b["lb_connections"])) / new
    if b["lb_active"] is not None:
        yield "active", Fraction(b["lb_active"], active)
    if b["lb_bytes"]:
        yield "bytes", bytes_per_second(b["lb_bytes"]) * 3600 / hourly
    requests = w.requests or ((w.served, w.on) if w.served else None) or (rate(b["lb_connections"]) if b["lb_connections"] else None)
    if b["lb_rules"] is not None and kind != "nlb" and requests:
        yield "rules", per_second(w, requests) * max(0, b["lb_rules"] - 10) / 1000


def per_second(w, requests):
    amount, per = requests
    return Fraction(w.request_count(requests)) / w.on if per is None else amount / per


def bytes_per_second(text):
    amount, per = text.split("/")
    scale = {"k": 10**3, "M": 10**6, "G": 10**9}[amount[-2]]
    assert amount.endswith("B") and per == "s", text
    return Fraction(amount[:-2]) * scale


# What workloads share


def shared(platform, place, served):
    bill = Bill()
    aws, request = platform in AWS, place.request
    express = [w for w in served if balancer(platform, w) == "express" and carries(w)]
    if express:
        capacity(place, "express", express, bill)
    google = [w for w in served if balancer(platform, w) == "google"]
    if google:
        forwarding(place, google, bill)
    nat(platform, place, aws, served, bill)
    egress(platform, place, served, bill)

    image = total(served, "image")
    if image:
        # GiB and seconds of a month; the free part is of whole MiB and microseconds.
        left = Fraction(image, 1024) * request.months * MONTH
        if not aws:
            left = beyond_free(place, "gcp/artifact-registry/free", left, MONTH, 1024 * 1_000_000)
        bill.charge(place, "aws/ecr/storage" if aws else "gcp/artifact-registry/storage", left, beside=True)
    minutes = sum(Fraction(w.builds) for w in served if w.builds)
    if minutes and not aws:
        left = beyond_free(place, "gcp/cloud-build/free", minutes * 60, 60, 1_000_000)
        bill.charge(place, "gcp/cloud-build/minutes", left, beside=True)
    logs, executed = total(served, "logs"), total(served, "exec_logs") if platform.startswith("ecs-") else 0
    if logs or executed:
        key, free = ("aws/logs/ingest", "aws/logs/free.ingest") if aws else ("gcp/logging/ingest", "gcp/logging/free")
        left = beyond_free(place, free, Fraction(logs + executed, 1024), 1, 1024)
        of_exec = min(left, Fraction(executed, 1024))
        bill.charge(place, key, left - of_exec, beside=True)
        bill.charge(place, key, of_exec, beside=True)
    carried = total(served, "event_data")
    if carried and not aws:
        left = beyond_free(place, "gcp/pubsub/free", Fraction(carried, 1024), 1, 1024)
        bill.charge(place, "gcp/pubsub/throughput", left, beside=True)
    return bill


def total(served, part):
    return sum(w.beside[part] for w in served if w.beside[part] is not None)


def beyond_free(place, key, used, unit, grain):
    """What is left of `used` once the month's allowance is off; that is rounded up to a whole grain."""
    if not place.request.free_tier:
        return used
    free = Fraction(ceil(place.term(key) * unit * place.request.months * grain), grain)
    return max(Fraction(0), used - free)


def forwarding(place, before, bill):
    """Five rules for one fee, each further one its own; and the data through them in whole MiB."""
    time = place.request.time
    bill.charge(place, "gcp/lb/rule", time, beside=True)
    if len(before) > 5:
        bill.charge(place, "gcp/lb/rule-additional", (len(before) - 5) * time, beside=True)
    sent = sum(floor(bytes_per_second(w.beside["lb_bytes"]) * w.on) for w in before if w.beside["lb_bytes"])
    if sent:
        bill.charge(place, "gcp/lb/data", Fraction(ceil(Fraction(sent, 1 << 20)), 1024), beside=True)


def nat(platform, place, aws, served, bill):
    through = [w for w in served if behind_nat(platform, w)]
    if not through:
        return
    whole = place.request.time
    if aws:
        bill.charge(place, "aws/nat/hour", up(whole, 3600), beside=True)
    else:
        machines, time = sum(fleet(w) for w in through), max(w.on for w in through)
        held = sum(w.metered if w.shape == "instance_time" else fleet(w) * time for w in through)
        if platform in NODES_GCP:
            # The machines are the nodes, for as long as those are on.
            chosen = [(pool, nodes.choose(platform, place, pool)[1]) for pool in nodes.pools(platform, served)]
            at_once = [pool.lead.at_once() if pool.lead.shape == "instance_time" else count for pool, count in chosen]
            machines = sum(at_once)
            held = sum(count * pool.times * pool.billed for pool, count in chosen)
        if machines > 32:
            bill.charge(place, "gcp/nat/hour-cap", time, beside=True)
        else:
            bill.charge(place, "gcp/nat/hour", held, beside=True)
        bill.charge(place, "gcp/nat/ip", whole, beside=True)
    key = "aws/nat/data" if aws else "gcp/nat/data"
    bill.charge(place, key, Fraction(total(served, "nat"), 1024), beside=True)


def egress(platform, place, served, bill):
    """Tiers of the month's sum; the free part comes off first, and bounds count from the first paid GiB."""
    left = Fraction(total(served, "egress"), 1024)
    if not left:
        return
    if platform in CLOUD_RUN:
        key = f"gcp/cloud-run/egress.{place.region['egress_area']}"
        free = f"{key}.free"
    else:
        provider = "aws" if platform in AWS else "gcp"
        key, free = f"{provider}/egress/internet", f"{provider}/egress/free"
    bounds = place.term(f"{key}.tiers")
    if bounds is None:
        bill.status = "partial"
        return
    if place.term(free) is not None:
        left = beyond_free(place, free, left, 1, 1024)
    scaled = [Fraction(ceil(b * 1024 * place.request.months), 1024) for (b,) in bounds]
    scaled[0] = Fraction(0)
    for i, (start, (bound,)) in enumerate(zip(scaled, bounds)):
        end = scaled[i + 1] if i + 1 < len(scaled) else left
        within = min(left, end) - start
        if within > 0:
            bill.charge(place, f"{key}@{bound}", within, beside=True)
