"""Kills real processes at random moments, again and again, and then counts what is left.

    python3 kills.py SLUICE [ROUNDS] [SEED]

Two nodes serve; in each round three datasets are handed to the sender by `sluice send`, and after a random while one process is ended with kill -9: the sender, the
receiver, or one of those that send. Then it is started again. At the end everything that was recorded has to be receipted, stored once, and in both ledgers once, the
receipts have to be the same bytes on both sides, and both ledgers have to verify. The moments differ from run to run; the seed repeats only who is killed and when.
"""
import os, random, signal, sqlite3, subprocess, sys, tempfile, time, urllib.request

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


def main():
    sluice, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"{rounds} rounds, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as root:
        ports = free_ports(4)
        sender, receiver = Site(sluice, root, "AM.MOI", ports[:2], 8), Site(sluice, root, "AM.ARMSTAT", ports[2:], 8)
        quick = "delivery: {firstRetryMilliseconds: 50, retryMillisecondsMax: 400, timeoutSeconds: 1, pollMilliseconds: 50, attemptsMax: 1000}\n"
        for site, other in ((sender, receiver), (receiver, sender)):
            site.configure(other, FLOWS)
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
        sent = {id: (state, receipt) for id, state, receipt in rows(sender, "SELECT id, state, receipt_digest FROM exchange WHERE direction = 'out'")}
        taken = {id: (state, receipt) for id, state, receipt in rows(receiver, "SELECT id, state, receipt_digest FROM exchange WHERE direction = 'in'")}
        stored = dict(rows(receiver, "SELECT exchange_id, count(*) FROM dataset GROUP BY 1"))
        faults = [f"{id}: promised by send, and lost" for id in said - set(sent)]
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
