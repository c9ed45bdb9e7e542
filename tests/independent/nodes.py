"""Platforms made of nodes: pods packed onto equal machines, the machines, their disks, fees and discounts.

The type is found by brute force over the frozen shapes. The packing is first-fit decreasing in a few orders, which is
the best there is for the small cases here; it is not a search for the best packing in general.
"""

from fractions import Fraction
from math import floor

import autopilot
import commitment
import fargate
from common import GCP, Bill, Infeasible, Line, Missing, half_even, up

# What has machines of its own. Machine time that was metered is that of one machine, as long as it comes to.
APART = ("runs", "instance_time")
# Per platform: the default disk's kind and the term with its size.
DISKS = {
    "ec2": ("gp3", "aws/ec2/boot-disk"),
    "ecs-ec2": ("gp3", "aws/ecs/ec2.boot-disk"),
    "ecs-managed-instances": ("gp3", "aws/ecs/managed-instances.boot-disk"),
    "eks-ec2": ("gp3", "aws/eks/ec2.boot-disk"),
    "eks-auto": ("gp3", "aws/eks/auto.boot-disk"),
    "gke-standard": ("pd-balanced", "gcp/gke/boot-disk"),
    "compute-engine": ("pd-balanced", "gcp/compute-engine/boot-disk"),
}
# Per platform with a fee: the key before a type, that before a class, and the decimals a derived fee is rounded to.
FEES = {
    "ecs-managed-instances": ("aws/ecs/managed-instances.", "aws/ecs/managed-instances-ratio.", None),
    "eks-auto": ("aws/eks/auto.", "aws/eks/auto-ratio.", 5),
}
MONTH = 730 * 3600


def own(platform, place, w):
    """Nothing of its own; only whether it could run at all."""
    if w.os == "windows":
        raise Infeasible
    (pool,) = pools(platform, [w])
    choose(platform, place, pool)
    return Bill()


def shared(platform, place, on_it):
    bill = Bill()
    chosen = [(pool, *choose(platform, place, pool)) for pool in pools(platform, [w for w, _ in on_it])]
    left = []
    for pool, shape, nodes in chosen:
        before = len(bill.lines)
        bill.charge(place, machine_key(platform, shape), nodes * pool.times * pool.billed, spot=True)
        line = bill.lines[-1] if len(bill.lines) > before else None
        if line:
            line.on = None if pool.lead.shape in APART else pool.ran
        left.append(line)
    wasted = commitment.cover(place, [bill])
    if platform in GCP and place.purchase != "spot":
        discounts(platform, place, chosen, [line.left if line else 1 for line in left], bill)
    bill.add(wasted)
    for pool, shape, nodes in chosen:
        boot_disk(platform, place, pool, nodes, bill)
    for pool, shape, nodes in chosen if platform in FEES else []:
        fee(platform, place, shape["type"], nodes * pool.times * pool.billed, bill)
    if platform.startswith("eks-"):
        bill.add(fargate.shared("eks-fargate", place, on_it))
    if platform == "gke-standard":
        cluster = autopilot.shared(platform, place, on_it)
        if any(w.gke_location == "regional" for w, _ in on_it):
            cluster.lines = [line for line in cluster.lines if line.sku != "gcp/gke/credit"]
        bill.add(cluster)
    return bill


# Pods that share nodes


class Pool:
    """Pods as (mCPU, MiB, GPUs, 1), how often their nodes exist, and how long each time is billed."""

    def __init__(self, platform, w, every_node):
        runs = w.shape == "runs"
        self.lead, self.every_node, self.pods = w, every_node, []
        self.times, self.ran = (w.runs, w.duration) if runs else (1, w.on)
        self.billed = max(up(self.ran, 1), 60) if self.ran else self.ran
        if w.shape == "instance_time":
            self.ran = self.billed = w.metered
        self.nodes, self.zones, self.same_in = None, 1, 1

    def takes(self, w):
        a, b = self.lead, w
        traits = ("arch", "node_type", "node_disk", "burstable", "on")
        model = [v.gpu[0] if v.gpu else None for v in (a, b)]
        return not {a.shape, b.shape} & set(APART) and model[0] == model[1] and all(
            getattr(a, t) == getattr(b, t) for t in traits
        )

    def add(self, platform, w):
        memory = max(w.memory or 0, w.init_memory or 0)
        pod = ((w.vcpu or 0) * 1000, memory, w.gpu[1] if w.gpu else 0, 1)
        if w.shape == "instance_time":
            self.pods += [pod]
            return
        if w.shape == "runs":
            count = w.tasks
        else:
            count = w.replicas if w.shape == "replicas" else w.always_on(w.concurrency or 80)
        self.pods += [pod] * count
        regional = platform == "gke-standard" and w.gke_location == "regional"
        zones = w.zones or (3 if regional else 1)
        self.zones = max(self.zones, zones)
        self.same_in = max(self.same_in, zones if regional else 1)
        self.nodes = max(filter(None, (self.nodes, w.nodes)), default=None)

    def count(self, needed):
        """As many as were said, if they are enough; else as many as are needed, the same in each zone."""
        least = max(needed, self.zones)
        if self.nodes is not None:
            return self.nodes if self.nodes >= least else None
        return int(up(least, self.same_in))


def pools(platform, workloads):
    kinds = {d for w in workloads for d in w.daemonsets}
    most = {d: max(w.daemonsets.count(d) for w in workloads) for d in kinds}
    every_node = (
        sum(n * vcpu * 1000 for (vcpu, _), n in most.items()),
        sum(n * mib for (_, mib), n in most.items()),
        0,
        sum(most.values()),
    )
    found = []
    for w in workloads:
        pool = next((p for p in found if p.takes(w)), None)
        if pool is None:
            pool = Pool(platform, w, every_node)
            found.append(pool)
        pool.add(platform, w)
    return found


def packed(pods, room):
    """How many nodes of that room hold the pods, by first fit in several orders."""
    if any(part > have for pod in pods for part, have in zip(pod, room)):
        return None
    share = lambda pod, i: Fraction(pod[i]) / room[i] if room[i] else Fraction(0)
    orders = [
        lambda p: share(p, 0),
        lambda p: share(p, 1),
        lambda p: max(share(p, i) for i in range(3)),
        lambda p: sum(share(p, i) for i in range(3)),
    ]
    return min(len(first_fit(sorted(pods, key=order, reverse=True), room)) for order in orders)


def first_fit(pods, room):
    nodes = []
    for pod in pods:
        node = next((n for n in nodes if all(left >= part for left, part in zip(n, pod))), None)
        if node is None:
            node = list(room)
            nodes.append(node)
        node[:] = [left - part for left, part in zip(node, pod)]
    return nodes


# Machine types


def machine_key(platform, shape):
    return f"{'gcp/compute-engine' if platform in GCP else 'aws/ec2'}/{shape['type']}"


def room(platform, place, shape):
    """What a machine leaves for pods: all of it, or EKS's or GKE's formula."""
    vcpu, mib = Fraction(shape["vcpu"]) * 1000, Fraction(shape["memory_gib"]) * 1024
    gpus = int(shape["gpu_count"] or 0)
    if platform.startswith("eks-"):
        pods = int(shape["max_pods"] or 110)
        steps = [(n * 1000, s) for n, s in place.term("aws/eks/allocatable.cpu-steps")]
        return vcpu - autopilot.banded(vcpu, steps), mib - 255 - 11 * pods - 100, gpus, pods
    if platform == "gke-standard":
        left, mib_left = autopilot.allocatable(place, vcpu / 1000, mib)
        left = vcpu - 1060 if shape["type"] in ("e2-micro", "e2-small", "e2-medium") else left * 1000
        return left - 100, mib_left, gpus, 110
    return vcpu, mib, gpus, 1 << 32


def bare(gpu):
    return gpu.removeprefix("nvidia-").removeprefix("tesla-")


def suits(shape, w):
    if shape["arch"] != w.arch:
        return False
    if w.gpu is None:
        return True
    model = bare(shape["gpu"])
    same = model == bare(w.gpu[0]) or model.startswith(bare(w.gpu[0]) + "-")
    return same and int(shape["gpu_count"] or 0) >= w.gpu[1]


def burstable(name):
    return (name[0] == "t" and name[1].isdigit() and "." in name) or "-flex." in name or name in (
        "e2-micro", "e2-small", "e2-medium", "f1-micro", "g1-small",
    )


def choose(platform, place, pool):
    """The named type, or the one whose nodes and disks cost least; of equals the one with fewest nodes."""
    w = pool.lead
    shapes = place.request.book.shapes if platform in GCP else place.request.book.aws_shapes
    if w.node_type:
        fitting = [s for s in shapes if s["type"] == w.node_type and suits(s, w)]
    else:
        fitting = [
            s
            for s in shapes
            if suits(s, w) and (w.burstable or not burstable(s["type"])) and (w.gpu or not int(s["gpu_count"] or 0))
        ]
    holding = []
    for shape in fitting:
        left = tuple(have - taken for have, taken in zip(room(platform, place, shape), pool.every_node))
        needed = None if min(left) < 0 else packed(pool.pods, left)
        nodes = None if needed is None else pool.count(needed)
        if nodes is not None:
            holding.append((shape, nodes))
    if not holding:
        raise Infeasible
    always = pool.times == 1 and pool.ran >= place.request.time and w.shape not in APART
    for as_bought in (True, False):
        priced = []
        for shape, nodes in holding:
            try:
                if as_bought and commitment.kind(place.purchase):
                    price = commitment.machine_price(place, machine_key(platform, shape), always)
                else:
                    price = place.price(machine_key(platform, shape), as_bought)
            except Missing:
                continue
            discounted = platform in GCP and (place.purchase == "on-demand" or not as_bought)
            paid = pool.times * pool.billed - (saved(place, pool, shape) if discounted else 0)
            priced.append((nodes * (price * paid + disk_of_one(platform, place, pool)), nodes, shape))
        if priced:
            _, nodes, shape = min(priced, key=lambda p: p[:2])
            return shape, nodes
    return min(holding, key=lambda h: (Fraction(h[0]["vcpu"]), Fraction(h[0]["memory_gib"])))


# Sustained use


def family(shape):
    return shape["type"].split("-")[0]


def saved(place, pool, shape):
    """Seconds of the full price that one node of the pool saves; the period's pattern lasts all month."""
    bands = place.term(f"gcp/compute-engine/{family(shape)}.sustained-use")
    if bands is None:
        return 0
    period = place.request.time
    whole, rest = divmod(pool.times * pool.billed, period)
    total = Fraction(0)
    for on, times in ((period, whole), (rest, 1)):
        start = Fraction(0)
        for end, paid in bands:
            total += times * max(0, min(on, end * period) - start) * (1 - paid)
            start = end * period
    return total


def discounts(platform, place, chosen, left, bill):
    """A line per family, in the order of the first machine; committed use has no such discount."""
    sums = {}
    for (pool, shape, nodes), share in zip(chosen, left):
        try:
            price = place.price(machine_key(platform, shape))
        except Missing:
            continue
        key = f"gcp/compute-engine/{family(shape)}.sustained-use"
        sums[key] = sums.get(key, 0) + half_even(price * nodes * share * saved(place, pool, shape))
    bill.lines += [Line(key, -amount) for key, amount in sums.items() if amount]


# Disks and fees


def disk(platform, place, pool):
    """Its key and GiB, and whether it was asked for; one of the other provider is not used."""
    kind, size = DISKS[platform]
    asked = pool.lead.node_disk
    if asked == "none":
        return None
    if asked:
        own_kind, own_size = asked.split(":")
        if (own_kind.split("-")[0] in ("pd", "hyperdisk", "local")) == (platform in GCP):
            gib = Fraction(own_size.removesuffix("GiB"))
            return f"{'gcp/disk' if platform in GCP else 'aws/ebs'}/{own_kind}", gib, True
    return f"{'gcp/disk' if platform in GCP else 'aws/ebs'}/{kind}", place.term(size), False


def of_month(place, time):
    """Time as that of a month of 730 hours: a whole calendar month counts as one, part of it as its share."""
    whole = 672 * 3600 <= place.request.time <= 744 * 3600
    return up(time * MONTH / place.request.time, Fraction(1, 1_000_000)) if whole else time


def disk_of_one(platform, place, pool):
    found = disk(platform, place, pool)
    try:
        return place.price(found[0]) * found[1] * pool.times * of_month(place, pool.billed) if found else 0
    except Missing:
        return 0


def boot_disk(platform, place, pool, nodes, bill):
    found = disk(platform, place, pool)
    if found is None:
        return
    key, gib, asked = found
    try:
        place.price(key)
    except Missing:
        if not asked:
            return
    bill.charge(place, key, nodes * pool.times * gib * of_month(place, pool.billed), beside=True)


def fee(platform, place, name, time, bill):
    """As printed for the type, or a share of its on-demand price by its class."""
    key, ratio, places = FEES[platform]
    try:
        price = place.price(key + name)
    except Missing:
        try:
            price = derived(place, name, key, ratio, places)
        except Missing:
            bill.status = "unpriced"
            return
    bill.lines.append(Line(key + name, half_even(price * time)))


def derived(place, name, key, ratio, places):
    starts = [start for start in ("trn", "g", "p") if name.startswith(start) and place.term(f"{key}class.{start}")]
    hourly = place.price(f"aws/ec2/{name}") * 3600 * place.price(ratio + (starts[0] if starts else "general"))
    if places is not None:
        hourly = Fraction(floor(hourly * 10**places + Fraction(1, 2)), 10**places)
    return hourly / 3600
