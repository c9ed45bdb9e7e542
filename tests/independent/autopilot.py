"""GKE Autopilot: pods billed by their requests, or by the machine they have to themselves."""

from fractions import Fraction
from math import floor

from common import Bill, Infeasible, Missing, half_even, up

# Per class: least vCPU and MiB in bursting clusters, and in others; most vCPU and GiB; least and most GiB per vCPU.
CLASSES = {
    "general": (("0.05", 52), ("0.25", 512), (30, 110), ("1", "6.5")),
    "balanced": (("0.25", 512), ("0.25", 512), (222, 851), ("1", "8")),
    "scale-out": (("0.25", 1024), ("0.25", 1024), (54, 216), ("4", "4")),
    "scale-out-arm": (("0.25", 1024), ("0.25", 1024), (43, 172), ("4", "4")),
}


def own(_platform, place, w):
    k8s_class = "accelerator" if w.gpu and w.k8s_class == "general" else w.k8s_class
    if w.os == "windows" or (w.gpu and k8s_class != "accelerator"):
        raise Infeasible
    return machines(place, w, k8s_class) if k8s_class in ("accelerator", "performance") else pods(place, w, k8s_class)


def count_and_time(w):
    """Pods, and how long each runs."""
    if w.shape == "instance_time":
        return 1, w.metered
    if w.shape == "runs":
        return w.runs * w.tasks, w.duration
    return w.count(w.concurrency or 80), w.on


def fleets(w):
    """The stable pods, and those of a canary on top of them: how many, how long, and are they all there is."""
    all_of_them = [(*count_and_time(w), True)]
    return all_of_them + ([(w.count(w.concurrency or 80, w.canary), w.canary_time, False)] if w.canary else [])


def pods(place, w, k8s_class):
    if w.arch == "arm" and k8s_class != "scale-out-arm":
        raise Infeasible
    memory = max(Fraction(2048) if w.memory is None else w.memory, w.init_memory or 0)
    vcpu, gib = repaired(Fraction(1, 2) if w.vcpu is None else w.vcpu, memory / 1024, k8s_class, w.bursting)
    if (w.ephemeral_storage or 0) > 10 * 1024:
        raise Infeasible
    bill = Bill()
    for count, ran, stable in fleets(w):
        bill.on = None if stable else ran
        pod_lines(bill, place, w, f"gcp/autopilot/{k8s_class}", (vcpu, gib), (count, whole(w, ran)), stable)
    return bill


def whole(w, ran, least=0):
    """Whole seconds, and no less than the minimum; what was metered has been rounded already."""
    return ran if w.shape == "instance_time" else max(up(ran, 1), least)


def pod_lines(bill, place, w, key, size, fleet, stable):
    (vcpu, gib), (count, billed) = size, fleet
    bill.charge(place, f"{key}.cpu", count * vcpu * billed, spot=True)
    bill.charge(place, f"{key}.memory", count * gib * billed, spot=True)
    if w.ephemeral_storage:
        disk = max(w.ephemeral_storage, 10) / Fraction(1024)
        bill.charge(place, "gcp/autopilot/general.ephemeral", count * disk * billed, spot=True, beside=True)
    if w.daemonsets and bill.status != "unpriced" and (stable or not w.nodes):
        least = (Fraction(1, 1000), 2) if w.bursting else (Fraction(10, 1000), 10)
        nodes, time = (count, billed)
        if w.nodes:
            nodes, time = w.nodes, up(w.on, 1)
        cpu = sum(max(c, least[0]) for c, _ in w.daemonsets)
        mib = sum(max(m, least[1]) for _, m in w.daemonsets)
        bill.charge(place, f"{key}.cpu", nodes * cpu * time, spot=True)
        bill.charge(place, f"{key}.memory", nodes * mib * time / Fraction(1024), spot=True)


def repaired(vcpu, gib, k8s_class, bursting):
    """Raised to the minimum and the step; then memory up to the least ratio, vCPU up to memory over the most."""
    bursting_least, other_least, most, (low, high) = CLASSES[k8s_class]
    least_vcpu, least_mib = bursting_least if bursting else other_least
    step = Fraction("0.05") if bursting else Fraction("0.25")
    vcpu, gib = up(max(vcpu, Fraction(least_vcpu)), step), max(gib, Fraction(least_mib, 1024))
    gib = max(gib, vcpu * Fraction(low))
    vcpu = max(vcpu, up(gib / Fraction(high), step))
    gib = max(gib, vcpu * Fraction(low))
    if vcpu > most[0] or gib > most[1]:
        raise Infeasible
    return vcpu, up(gib * 1024, 1) / 1024


def machines(place, w, k8s_class):
    """The cheapest machine at list price that leaves room for the pod, and a premium for all it has."""
    if k8s_class == "accelerator" and not w.gpu:
        raise Infeasible
    vcpu = (w.vcpu or 0) + sum(c for c, _ in w.daemonsets)
    mib = max(w.memory or 0, w.init_memory or 0) + sum(m for _, m in w.daemonsets)
    fitting = []
    for shape in place.request.book.shapes:
        if shape["arch"] != w.arch or not has_gpus(shape, w.gpu) or shape["type"] == "e2-medium":
            continue
        room = allocatable(place, Fraction(shape["vcpu"]), Fraction(shape["memory_gib"]) * 1024)
        if vcpu <= room[0] and mib <= room[1]:
            fitting.append((list_price(place, shape), shape))
    if not fitting:
        raise Infeasible
    _, shape = min(fitting, key=lambda f: (f[0] is None, f[0]))
    bill = Bill()
    for count, ran, stable in fleets(w):
        bill.on = None if stable else ran
        machine_lines(bill, place, w, k8s_class, shape, count * whole(w, ran, 60))
    return bill


def machine_lines(bill, place, w, k8s_class, shape, time):
    bill.charge(place, f"gcp/compute-engine/{shape['type']}", time, spot=True)
    premium = "gcp/autopilot/" + (f"accelerator.{w.gpu[0]}" if w.gpu else k8s_class)
    if w.gpu:
        bill.charge(place, f"{premium}.gpu", Fraction(shape["gpu_count"]) * time, spot=True, beside=True)
    bill.charge(place, f"{premium}.cpu", Fraction(shape["vcpu"]) * time, spot=True, beside=True)
    bill.charge(place, f"{premium}.memory", Fraction(shape["memory_gib"]) * time, spot=True, beside=True)


def has_gpus(shape, gpu):
    if gpu is None:
        return not shape["gpu"]
    return shape["gpu"] == f"nvidia-{gpu[0]}" and int(shape["gpu_count"]) >= gpu[1]


def list_price(place, shape):
    try:
        return place.price(f"gcp/compute-engine/{shape['type']}")
    except Missing:
        return None


def allocatable(place, vcpu, mib):
    """What GKE leaves of a machine: 25 % of the first 4 GiB and so on are kept, each part cut to whole MiB."""
    kept_cpu = banded(vcpu * 1000, [(n * 1000, s) for n, s in place.term("gcp/gke/allocatable.cpu-steps")])
    kept = banded(mib, [(n * 1024, s) for n, s in place.term("gcp/gke/allocatable.memory-steps")])
    return vcpu - Fraction(kept_cpu, 1000), mib - kept - 100


def banded(amount, steps):
    ends = [start for start, _ in steps[1:]] + [amount]
    return sum(floor(max(0, min(amount, end) - start) * part) for (start, part), end in zip(steps, ends))


def shared(_platform, place, on_it):
    """One cluster; a monthly credit pays for its fee, and not for the extended channel."""
    bill = Bill()
    time = up(place.request.time, 1)
    bill.charge(place, "gcp/gke/cluster", time, beside=True)
    fee = bill.cost(lambda sku: True)
    if any(w.extended for w, _ in on_it):
        bill.charge(place, "gcp/gke/extended-channel", time, beside=True)
    if place.request.free_tier:
        try:
            monthly = place.price("gcp/gke/credit")
        except Missing:
            return bill
        bill.credit("gcp/gke/credit", half_even(monthly * place.request.months), fee)
    return bill
