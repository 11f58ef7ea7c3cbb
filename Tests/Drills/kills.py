"""Kills real processes at random moments, again and again, and then counts what is left.

    python3 kills.py SLUICE [ROUNDS] [SEED] [--folders]

Two nodes serve; in each round three datasets are handed to the sender by `sluice send`, and after a random while one process is ended with kill -9: the sender, the
receiver, or one of those that send. Then it is started again. At the end everything that was recorded has to be receipted, stored once, and in both ledgers once, the
receipts have to be the same bytes on both sides, and both ledgers have to verify. The moments differ from run to run; the seed repeats only who is killed and when.

With --folders the two nodes do not reach each other: a carrier moves their files, now and then carries one twice, and loses some.
"""
import os, random, shutil, signal, sqlite3, subprocess, sys, tempfile, threading, time, urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../Bench"))
from load import Site, dataset, free_ports

FLOWS = 4
SETTLE_SECONDS = 120


def rows(site, query):
    with sqlite3.connect(f"file:{site.folder}/data/node.sqlite?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def waiting(site):
    try:
        text = urllib.request.urlopen(f"http://127.0.0.1:{site.console}/metrics", timeout=5).read().decode()
        return int(float(next(line for line in text.splitlines() if line.startswith('sluice_outbox_items{state="waiting"}')).split()[-1]))
    except (OSError, StopIteration):
        return -1


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


class Carrier:
    """Moves what one site lays down to the other. It is never killed: what it does, a carrier may do."""

    def __init__(self, sites, chance):
        self.sites, self.chance, self.tally, self.ends = sites, chance, {"carried": 0, "twice": 0, "lost": 0}, threading.Event()
        for site in sites:
            for folder in ("in", "out"):
                os.makedirs(os.path.join(site.folder, "carried", folder))
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ends.wait(0.02):
            for site, other in (self.sites, self.sites[::-1]):
                out, incoming = os.path.join(site.folder, "carried/out"), os.path.join(other.folder, "carried/in")
                for name in sorted(os.listdir(out)):
                    if name.startswith("."):
                        continue
                    what = self.chance.choices(("carried", "twice", "lost"), (85, 8, 7))[0]
                    self.tally[what] += 1
                    if what == "lost":
                        os.unlink(os.path.join(out, name))
                        continue
                    if what == "twice":
                        shutil.copyfile(os.path.join(out, name), os.path.join(incoming, "." + name))
                        os.rename(os.path.join(incoming, "." + name), os.path.join(incoming, name))
                        time.sleep(self.chance.random() * 0.1)
                    os.rename(os.path.join(out, name), os.path.join(incoming, name))

    def stop(self):
        self.ends.set()
        self.thread.join()

    def leftovers(self):
        """What lies anywhere when all is settled, hidden names too."""
        return [
            f"{site.id}/{folder}/{name}"
            for site in self.sites for folder in ("in", "out") for name in os.listdir(os.path.join(site.folder, "carried", folder))
        ]


def main():
    isCarried = "--folders" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--folders"]
    sluice, rounds = os.path.abspath(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 200
    seed = int(arguments[2]) if len(arguments) > 2 else random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"{rounds} rounds, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as root:
        ports = free_ports(4)
        sender, receiver = Site(sluice, root, "AM.MOI", ports[:2], 8), Site(sluice, root, "AM.ARMSTAT", ports[2:], 8)
        folders = "{firstRetryMilliseconds: 50, retryMillisecondsMax: 400, attemptsMax: 1000, replyMillisecondsMax: 2000, pollMilliseconds: 50, quietMilliseconds: 0}"
        quick = f"delivery: {{firstRetryMilliseconds: 50, retryMillisecondsMax: 400, timeoutSeconds: 1, pollMilliseconds: 50, attemptsMax: 1000, folder: {folders}}}\n"
        carrier = Carrier((sender, receiver), random.Random(seed)) if isCarried else None
        for site, other in ((sender, receiver), (receiver, sender)):
            site.configure(other, FLOWS, endpoint="folder:carried" if isCarried else None)
            with open(site.configuration, "a", encoding="utf-8") as file:
                file.write(quick)
            site.serve()
        data = os.path.join(root, "data.csv")
        dataset(data, 9_500)
        killed = {"sender": 0, "receiver": 0, "send": 0}
        said = set()
        for number in range(rounds):
            sends = [
                subprocess.Popen(
                    [sluice, "send", data, "--flow", f"AM.MOI:DF_{chance.randrange(FLOWS)}(1.0)", "--to", receiver.id, "--config", sender.configuration, "--wait", "0"],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                for _ in range(3)
            ]
            victim = chance.choice(list(killed))
            time.sleep(chance.random() * 0.4)
            killed[victim] += 1
            if victim == "send":
                kill(sends[0])
            else:
                site = sender if victim == "sender" else receiver
                kill(site.process)
                site.serve()
            for send in sends:
                words = send.communicate()[0].split()
                if send.returncode == 0:
                    said.add(words[1].rstrip(":"))
        end = time.monotonic() + SETTLE_SECONDS
        while waiting(sender) != 0:
            if time.monotonic() > end:
                sys.exit(f"the outbox did not empty: {rows(sender, 'SELECT exchange_id, last_error FROM outbox')}")
            time.sleep(0.1)
        faults = []
        if carrier:
            # What was carried twice is still to be answered and known.
            while carrier.leftovers() and time.monotonic() < end:
                time.sleep(0.1)
            carrier.stop()
            faults += [f"{file}: left over" for file in carrier.leftovers()]
            print(f"the carrier: {carrier.tally}")
        sent = {id: (state, receipt) for id, state, receipt in rows(sender, "SELECT id, state, receipt_digest FROM exchange WHERE direction = 'out'")}
        taken = {id: (state, receipt) for id, state, receipt in rows(receiver, "SELECT id, state, receipt_digest FROM exchange WHERE direction = 'in'")}
        stored = dict(rows(receiver, "SELECT exchange_id, count(*) FROM dataset GROUP BY 1"))
        faults += [f"{id}: promised by send, and lost" for id in said - set(sent)]
        for id, (state, receipt) in sent.items():
            if state != "receipted" or taken.get(id) != ("accepted", receipt) or stored.get(id) != 1:
                faults.append(f"{id}: {state}, at the receiver {taken.get(id)}, stored {stored.get(id)} times")
        faults += [f"{id}: at the receiver alone" for id in set(taken) - set(sent)]
        for site, kind in ((receiver, "sluice.dataset.stored"), (receiver, "sluice.receipt.issued"), (sender, "sluice.receipt.verified"), (sender, "sluice.exchange.queued")):
            counts = dict(rows(site, f"SELECT subject, count(*) FROM ledger WHERE instr(CAST(entry AS TEXT), '\"{kind}\"') GROUP BY 1"))
            faults += [f"{id}: {counts.get(id, 0)} entries {kind} at {site.id}" for id in sent if counts.get(id) != 1]
        for site in (sender, receiver):
            site.stop()
            site.verify()
        print(f"killed {killed}; {len(sent)} exchanges, {len(said)} of them promised; {len(faults)} faults")
        for fault in faults[:20]:
            print(fault)
        sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
