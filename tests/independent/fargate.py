"""Fargate, as ECS tasks, behind Express Mode's load balancer, and as EKS pods."""

from fractions import Fraction

from common import Bill, Infeasible, Missing, up


def own(platform, place, w):
    eks = platform == "eks-fargate"
    if w.gpu or (w.arch == "arm" and (eks or w.os == "windows")) or (eks and (w.os == "windows" or w.daemonsets)):
        raise Infeasible
    family = "windows" if w.os == "windows" else {"x86": "linux-x86", "arm": "linux-arm"}[w.arch]
    keys = {meter: rate_key(eks, place, family, meter) for meter in ("vcpu", "memory")}
    size = pod_size(place, w) if eks else task_size(place, w, keys)
    disk = up(w.ephemeral_storage / 1024, 1) if w.ephemeral_storage else None
    if disk and disk > (175 if eks else 200):
        raise Infeasible
    count, billed = count_and_time(w)
    bill = Bill()
    lines(bill, place, w, keys, size, disk, count, billed)
    if w.canary:
        # Further tasks for its part, while it lasts; the stable ones stay as many.
        least = 300 if w.os == "windows" else 60
        bill.on = w.canary_time
        lines(bill, place, w, keys, size, disk, w.count(w.concurrency or 80, w.canary), max(up(w.canary_time, 1), least))
    return bill


def lines(bill, place, w, keys, size, disk, count, billed):
    vcpu, gib = size
    bill.charge(place, keys["vcpu"], count * vcpu * billed, spot=True)
    bill.charge(place, keys["memory"], count * gib * billed, spot=True)
    if w.os == "windows":
        bill.charge(place, "aws/fargate/windows.os", count * vcpu * billed, spot=True)
    if disk is not None:
        bill.charge(place, "aws/fargate/ephemeral", count * max(0, disk - 20) * billed, beside=True)


def rate_key(eks, place, family, meter):
    """EKS has rates of its own in some regions; else those of ECS. Pods are never bought as Spot."""
    if not eks:
        return f"aws/fargate/{family}.{meter}"
    own_key = f"aws/fargate/eks-linux-x86.{meter}"
    try:
        place.price(own_key, spot=True)
        return own_key
    except Missing:
        return own_key if place.purchase == "spot" else f"aws/fargate/linux-x86.{meter}"


def task_size(place, w, keys):
    """The cheapest size on the menu that holds both; the smallest where no price tells."""
    try:
        v, m = (place.price(keys[meter], spot=True) for meter in ("vcpu", "memory"))
    except Missing:
        v = m = Fraction(0)
    wanted = (w.vcpu, w.memory / 1024)
    sizes = [s for s in place.term(f"aws/fargate/sizes.ecs.{w.os}") if s[0] >= wanted[0] and s[1] >= wanted[1]]
    if not sizes:
        raise Infeasible
    return min(sizes, key=lambda s: (s[0] * v + s[1] * m, s))


def pod_size(place, w):
    """The smallest pair that holds the pod and 256 MiB more; a pod without requests gets the smallest."""
    memory = max(w.memory or 0, w.init_memory or 0)
    if w.vcpu is None and memory == 0:
        return [Fraction(1, 4), Fraction(1, 2)]
    gib = Fraction(memory + 256, 1024)
    sizes = [s for s in place.term("aws/fargate/sizes.eks.linux") if s[0] >= (w.vcpu or 0) and s[1] >= gib]
    if not sizes:
        raise Infeasible
    return min(sizes)


def count_and_time(w):
    """Tasks, and the seconds each is billed: whole ones, and a minimum of 60 on Linux and 300 on Windows."""
    least = 300 if w.os == "windows" else 60
    if w.shape == "instance_time":
        return 1, w.metered
    if w.shape == "runs":
        return w.runs * w.tasks, max(up(w.duration, 1), least)
    return w.count(w.concurrency or 80), max(up(w.on, 1), least)


def shared(platform, place, on_it):
    bill = Bill()
    time = place.request.time
    if platform == "ecs-express":
        balancers = -(-len(on_it) // 25)
        bill.charge(place, "aws/alb/hour", balancers * up(time, 3600), beside=True)
    if platform == "eks-fargate":
        bill.charge(place, "aws/eks/cluster", time, beside=True)
        if any(w.extended for w, _ in on_it):
            bill.charge(place, "aws/eks/extended-support", time, beside=True)
        planes = [w.control_plane for w, _ in on_it if w.control_plane]
        if planes:
            largest = max(planes, key=["XL", "2XL", "4XL", "8XL"].index)
            bill.charge(place, f"aws/eks/control-plane.{largest}", time, beside=True)
    return bill
