"""Sends one large dataset between two fresh nodes on this machine and says how much memory each side held.

    python3 large.py SLUICE [MEGABYTES]

The agreement asks for no protection (a protected dataset has to be seen whole, within protectRowsMax); everything else is as always: checked, decided, written, sealed,
delivered over mutual TLS, opened, checked, decided, receipted.
"""
import os, subprocess, sys, tempfile, time

from load import Site, dataset, free_ports

# What either side may hold, whatever the size of the payload; the program ends with an error where it does not.
RESIDENT_MIB_MAX = 61  # 64 MB


def main():
    sluice, megabytes = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1024
    with tempfile.TemporaryDirectory() as root:
        ports = free_ports(4)
        sender, receiver = Site(sluice, root, "AM.MOI", ports[:2], 4), Site(sluice, root, "AM.ARMSTAT", ports[2:], 4)
        for site, other in ((sender, receiver), (receiver, sender)):
            site.configure(other, 1)
            with open(site.configuration, "a", encoding="utf-8") as file:
                file.write("delivery: {timeoutSeconds: 1800}\n")
        data = os.path.join(root, "data.csv")
        dataset(data, megabytes << 20)
        receiver.serve()
        begin = time.monotonic()
        process = subprocess.Popen([
            sluice, "send", data, "--flow", "AM.MOI:DF_0(1.0)", "--to", receiver.id, "--config", sender.configuration, "--wait", "1800"])
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - begin
        cpu, memory = receiver.stop()
        sender.verify()
        receiver.verify()
        print(f"{os.path.getsize(data)} bytes, exit {status >> 8}, {elapsed:.0f} s; sender {usage.ru_utime + usage.ru_stime:.0f} s cpu, {usage.ru_maxrss / 1024:.0f} MiB;"
              f" receiver {cpu:.0f} s cpu, {memory:.0f} MiB")
        if status or max(usage.ru_maxrss / 1024, memory) > RESIDENT_MIB_MAX:
            sys.exit(f"it did not pass, or one of them held more than {RESIDENT_MIB_MAX} MiB")


if __name__ == "__main__":
    main()
