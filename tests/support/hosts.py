"""Made hosts: trees of files as the kernel and Debian write them."""

from collections.abc import Mapping
from pathlib import Path

BOOT = "6f3b1c1e-0000-4000-8000-000000000001"
_MOUNTS = """\
22 28 0:21 / /proc rw,relatime shared:1 - proc proc rw
28 1 254:1 / / rw,relatime shared:2 - ext4 /dev/vda1 rw,errors=remount-ro
29 28 254:2 / /srv/my\\040shop ro,nosuid shared:3 - xfs /dev/vdb rw,attr2
30 28 254:1 /var/lib/x /mnt/bound rw shared:4 - ext4 /dev/vda1 rw
31 28 7:1 / /snap/core/1 ro shared:5 - squashfs /dev/loop1 ro
32 28 0:50 / /net rw shared:6 - nfs4 server:/x rw
33 28 0:51 / /run/user/0 rw shared:7 - tmpfs tmpfs rw
34 28 0:52 / /dev/shm rw shared:8 - tmpfs tmpfs rw
"""
_CPU = "cpu  {user} 0 {system} {idle} {iowait} 0 0 10 0 0\n"


def put(root: Path, files: Mapping[str, str]) -> Path:
    """Write files under a root."""
    for path, text in files.items():
        at = root / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, encoding="utf-8", errors="surrogateescape")
    return root


def ordinary(root: Path, *, step: int = 0) -> Path:
    """Write a host that has been up for 1,000 s and ten more for each step; in a step all counters grow evenly."""
    for folder in ("srv/my shop", "dev/shm", "sys/block/vda", "sys/block/dm-0", "sys/block/loop0"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    grown = step * 1000
    cpu = _CPU.format(
        user=100 + step * 500, system=50 + step * 100, idle=9000 + step * 300, iowait=100 + step * 100
    )
    return put(root, {
        "/proc/uptime": f"{1000 + 10 * step}.00 900.00\n",
        "/proc/stat": f"{cpu}{cpu.replace('cpu ', 'cpu0')}{cpu.replace('cpu ', 'cpu1')}intr 5 0 0\nctxt {500 + grown}\nbtime 1763999000\nprocesses {10 + step * 20}\nprocs_running 2\nprocs_blocked 1\n",
        "/proc/loadavg": "0.50 0.40 0.30 3/250 4711\n",
        "/proc/sys/fs/file-nr": "1000\t0\t100000\n",
        "/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nCached: 200 kB\nDirty: 8 kB\nSUnreclaim: 16 kB\nSwapTotal: 500 kB\nSwapFree: 375 kB\nHugePages_Total: 0\n",
        "/proc/vmstat": f"nr_free_pages 5\npgmajfault {step * 30}\npswpin {step * 10}\npswpout {step * 20}\noom_kill 0\n",
        "/proc/pressure/cpu": f"some avg10=1.00 avg60=0.00 avg300=0.00 total={step * 2_000_000}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
        "/proc/pressure/io": f"some avg10=0.00 avg60=0.00 avg300=0.00 total={step * 500_000}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total={step * 100_000}\n",
        "/proc/1/mountinfo": _MOUNTS,
        "/proc/diskstats": f" 254 0 vda {10 + step * 100} 0 {80 + step * 800} {5 + step * 300} {20 + step * 50} 0 {160 + step * 400} {9 + step * 150} 0 {step * 2500} {step * 5000} 0 0 0 0 0 0\n"
        " 254 1 vda1 9 0 9 9 9 0 9 9 0 9 9\n 7 0 loop0 9 0 9 9 9 0 9 9 0 9 9\n 253 0 dm-0 1 0 1 1 1 0 1 1 0 1 1\n",
        "/sys/block/dm-0/dm/name": "vg-root\n",
        "/proc/net/dev": "Inter-|\n face |\n"
        f"    lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n  eth0: {500 + step * 10_000} {5 + step * 100} {step * 10} {step * 20} 0 0 0 0 {7 + step * 2_000} {7 + step * 50} 0 {step * 10} 0 0 0 0\n"
        " veth1: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n  eth1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        "/proc/net/snmp": f"Tcp: ActiveOpens PassiveOpens CurrEstab OutSegs RetransSegs\nTcp: {step * 30} {step * 50} 7 {100 + step * 400} {step * 20}\nUdp: InDatagrams RcvbufErrors\nUdp: 5 {step * 10}\n",
        "/proc/net/netstat": f"TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 {step * 40} {step * 60}\n",
        "/proc/net/sockstat": "sockets: used 9\nTCP: inuse 3 orphan 0 tw 4 alloc 3 mem 0\nUDP: inuse 0 mem 0\n",
        "/proc/net/tcp": "  sl  local_address rem_address st\n   0: 00000000:0016 00000000:0000 0A 0\n   1: 0100007F:0016 0100007F:D000 08 0\n",
        "/proc/sys/net/netfilter/nf_conntrack_count": "50\n",
        "/proc/sys/net/netfilter/nf_conntrack_max": "200\n",
        "/proc/sys/kernel/random/boot_id": f"{BOOT}\n",
        "/proc/sys/kernel/osrelease": "6.1.0-31-amd64\n",
        "/proc/sys/kernel/hostname": "shop-1\n",
    })  # fmt: skip


def process(root: Path, pid: int, name: str, *, ticks: int = 0, pages: int = 10, started: int = 50) -> None:
    """Write a process that spent clock ticks and holds pages; with a command line that nobody may read."""
    fields = ["S", "1", *["0"] * 9, str(ticks), "0", *["0"] * 6, str(started), "9999", str(pages), "0"]
    put(root, {f"/proc/{pid}/stat": f"{pid} ({name}) {' '.join(fields)}\n", f"/proc/{pid}/cmdline": "x\0--password=planted-secret"})  # fmt: skip
