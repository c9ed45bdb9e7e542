"""Cloud Run: services billed by request or by instance, jobs, worker pools."""

from fractions import Fraction
from math import ceil

from common import Bill, Infeasible, Missing, half_even, up

MODES = {
    "cloud-run": "request",
    "cloud-run-instance": "instance",
    "cloud-run-job": "job",
    "cloud-run-worker-pool": "worker-pool",
}
TENTH = Fraction(1, 10)


def own(platform, place, w):
    mode = MODES[platform]
    refuse(platform, place, w)
    vcpu, gib = size(place, w, mode)
    bill = Bill()
    active, canary = busy(w, mode), None
    if w.canary:
        active, canary = divided(w, mode, active)
    revision(bill, place, w, mode, (vcpu, gib), active, w.on)
    if mode == "request" and w.shape == "instance_time" and w.served:
        bill.charge(place, "gcp/cloud-run/requests", Fraction(w.served), beside=True)
    if mode == "request" and w.shape == "requests":
        requests = w.request_count()
        if requests or not w.min_instances:
            bill.charge(place, "gcp/cloud-run/requests", Fraction(requests), beside=True)
    if canary is not None:
        bill.on = w.canary_time
        revision(bill, place, w, mode, (vcpu, gib), canary, w.canary_time)
    return bill


def revision(bill, place, w, mode, size, active, on):
    """The instances of one revision: busy, and kept warm while it is there."""
    vcpu, gib = size
    warm = max(0, w.min_instances * on - active) if mode == "request" and w.shape == "requests" else 0
    if mode == "request":
        warm += w.idle
    key = f"gcp/cloud-run/{mode}"
    if active or not warm:
        bill.charge(place, f"{key}.cpu", vcpu * active, spot=True)
        bill.charge(place, f"{key}.memory", gib * active, spot=True)
    if w.gpu:
        zonal = "-zonal" if w.zonal else ""
        bill.charge(place, f"gcp/cloud-run/instance.gpu{zonal}", w.gpu[1] * active, spot=True)
    if warm:
        bill.charge(place, "gcp/cloud-run/request-idle.cpu", vcpu * warm, spot=True)
        bill.charge(place, "gcp/cloud-run/request-idle.memory", gib * warm, spot=True)


def refuse(platform, place, w):
    if w.arch == "arm" or w.os == "windows" or (w.concurrency or 0) > 1000:
        raise Infeasible
    if w.gpu:
        model, count = w.gpu
        if platform == "cloud-run" or model != "l4" or count > 1 or place.term("gcp/cloud-run/gpu.l4/offered") == 0:
            raise Infeasible
    longest = {"cloud-run-job": 3600 if w.gpu else 168 * 3600, "cloud-run-worker-pool": None}.get(platform, 3600)
    if longest and w.duration > longest:
        raise Infeasible
    if platform == "cloud-run-job" and (w.tasks > 10_000 or (w.timeout or 0) > longest):
        raise Infeasible


def size(place, w, mode):
    """The cheapest legal size; a fraction of a vCPU serves one request at a time, billed by request."""
    vcpu = Fraction(1) if w.vcpu is None else w.vcpu
    gib = Fraction(1, 2) if w.memory is None else w.memory / 1024
    gib = max(gib, Fraction(128 if mode == "request" else 512, 1024))
    if w.gpu:
        vcpu, gib = max(vcpu, 4), max(gib, 16)
    legal = [
        (Fraction(n), max(gib, Fraction(least)))
        for n, least, most in [(1, "1/8", 4), (2, "1/8", 8), (4, 2, 16), (6, 4, 24), (8, 4, 32)]
        if n >= vcpu and gib <= most
    ]
    if mode == "request" and w.shape in ("requests", "instance_time") and (w.concurrency or 80) == 1:
        for least, most in [(Fraction(8, 100), Fraction(1, 2)), (Fraction(1, 2), 1)]:
            small = up(max(vcpu, least), Fraction(1, 1000))
            if small < 1 and gib <= most:
                legal.append((small, gib))
    if not legal:
        raise Infeasible
    try:
        v, m = (place.price(f"gcp/cloud-run/{mode}.{meter}", spot=True) for meter in ("cpu", "memory"))
    except Missing:
        v = m = Fraction(0)
    return min(legal, key=lambda s: (s[0] * v + s[1] * m, s))


def busy(w, mode):
    """Instance time at the full rate, in steps of 100 ms; a minute at least for what is billed by instance."""
    least = 0 if mode == "request" else 60
    if w.shape == "instance_time":
        return w.full if mode == "request" else w.metered
    if w.shape == "runs":
        return w.runs * w.tasks * max(up(w.duration, TENTH), least)
    if w.shape == "requests" and mode == "request":
        return w.active(up(w.duration, TENTH), w.concurrency or 80)
    return w.count(w.concurrency or 80) * max(up(w.on, TENTH), least)


def divided(w, mode, alone):
    """Instance time of a stable revision and its canary, where one alone would take `alone`."""
    concurrency, rest, during = w.concurrency or 80, 1 - w.canary, w.canary_time
    if mode != "request" or w.shape == "replicas":
        def life(time):
            return max(up(time, TENTH), 0 if mode == "request" else 60) if time else 0

        stable = w.count(concurrency, rest)
        leaving = w.count(concurrency) - stable
        return stable * life(w.on) + leaving * life(w.on - during), w.count(concurrency, w.canary) * life(during)
    each, requests = up(w.duration, TENTH), w.request_count()
    meanwhile = ceil(requests * during / w.on)
    to_canary = ceil(requests * during / w.on * w.canary)

    def bound(count, part, time):
        return min(count * each, w.instances(w.requests, concurrency, part) * time)

    stable = bound(requests - meanwhile, 1, w.on - during) + bound(meanwhile - to_canary, rest, during)
    # The two bounds apart are never taken to save time.
    return stable, max(bound(to_canary, w.canary, during), alone - stable)


def shared(platform, place, on_it):
    """The free tier: for each meter a dollar credit a month, at most what the meter costs.

    A commitment lowers the price and not the use: its meters count at list price, and get back what there is to pay at most.
    """
    bill = Bill()
    if not place.request.free_tier:
        return bill
    mode = MODES[platform]
    lines = [line for _, b in on_it for line in b.lines]
    of = {meter: [line for line in lines if line.key in meters(mode, meter)] for meter in ("cpu", "memory", "requests")}
    left = sum((line.cost for metered in of.values() for line in metered), Fraction(0))
    for meter, metered in of.items():
        used = sum((line.cost if line.at_list is None else line.at_list for line in metered), Fraction(0))
        cost = min(used, left)
        if cost > 0:
            try:
                monthly = place.price(f"gcp/cloud-run/credit.{mode}.{meter}")
            except Missing:
                continue
            bill.credit("gcp/cloud-run/credit", half_even(monthly * place.request.months), cost)
            left += bill.lines[-1].cost
    return bill


def meters(mode, meter):
    """The keys whose use a credit pays for."""
    return [f"gcp/cloud-run/{name}" for name in (f"{mode}.{meter}", f"{mode}-idle.{meter}", meter)]
