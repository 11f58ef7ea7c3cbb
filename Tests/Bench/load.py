"""Measures how many exchanges a second two nodes on this machine carry, and what a large payload costs.

    python3 load.py SLUICE [SECONDS] [CONCURRENT] [FLOWS]

Two fresh nodes on loopback, one process each: every exchange of about 10 kB is read, checked, decided by an agreement, sealed, delivered over mutual TLS, opened,
checked and decided again, receipted, and in both ledgers, with both stores fully synced. The sender is `sluice drill load`, the receiver `sluice serve`. Afterwards both
ledgers are verified, and each has to hold as many receipts as the drill counted.
"""
import json, os, re, resource, signal, socket, subprocess, sys, tempfile, time, urllib.request

FILES = os.path.join(os.path.dirname(__file__), "../../Sources/SluiceFiles/Files")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Site:
    def __init__(self, sluice, root, id, ports, concurrent):
        self.sluice, self.id, self.folder, (self.exchange, self.console) = sluice, id, os.path.join(root, id), ports
        self.concurrent = concurrent
        subprocess.run([sluice, "init", self.folder, "--id", id, "--authority", os.path.join(root, "authority")], check=True, stdout=subprocess.DEVNULL)

    @property
    def configuration(self):
        return os.path.join(self.folder, "node.yaml")

    def configure(self, other, flows, endpoint=None):
        endpoint = endpoint or f"https://localhost:{other.exchange}"
        structure = open(os.path.join(FILES, "permits-structure.xml"), encoding="utf-8").read()
        flow = re.search(r"<str:Dataflow .*?</str:Dataflow>", structure, re.S).group(0)
        many = "".join(flow.replace('id="DF_PERMITS"', f'id="DF_{n}"') for n in range(flows))
        with open(os.path.join(self.folder, "structures/permits.xml"), "w", encoding="utf-8") as file:
            file.write(structure.replace(flow, many))
        for n in range(flows):
            with open(os.path.join(self.folder, f"agreements/{n}.yaml"), "w", encoding="utf-8") as file:
                file.write(
                    f"agreement: LOAD-{n}\nversion: '1.0'\ntitle: Load {n}\ngiver: AM.MOI\nreceiver: AM.ARMSTAT\ndataflow: AM.MOI:DF_{n}(1.0)\n"
                    "purpose: [official-statistics]\nlegalBasis: none, a rehearsal\nvalidity: {from: 2020-01-01, until: 2099-12-31}\n"
                    "grant: {dimensions: {FREQ: all, SEX: all, AGE: all, CITIZENSHIP: all, TIME_PERIOD: all}}\nprotect: none\n"
                    "obligations: {retention: P5Y, onwardTransfer: none}\n"
                )
        agreements = ", ".join(f"agreements/{n}.yaml" for n in range(flows))
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                f"node: {{id: {self.id}, exchange: {{host: 127.0.0.1, port: {self.exchange}}}, console: {{host: 127.0.0.1, port: {self.console}}}}}\n"
                "keys: {sealingKey: keys/sealing.key.pem, sealingCertificate: keys/sealing.cert.pem, tlsKey: keys/tls.key.pem, tlsCertificate: keys/tls.cert.pem,"
                " authority: keys/ca.pem, ledgerKey: keys/ledger.key, storageKey: keys/storage.key}\n"
                f"partners: [{{id: {other.id}, endpoint: '{endpoint}', format: sdmx-csv-2.0}}]\n"
                f"structures: [structures]\nagreements: [{agreements}]\n"
                f"limits: {{inboundConcurrentMax: {self.concurrent}, deliveryConcurrentMax: {self.concurrent}, packageBytesMax: {4 << 30}, exchangesPerMinute: 1000000, bytesPerMinute: {1 << 39}}}\n"
            )

    def serve(self):
        self.process = subprocess.Popen([self.sluice, "serve", "--config", self.configuration], stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{self.console}/health/ready", timeout=1).read()
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{self.id} does not serve")

    def stop(self):
        """Ends it; returns its processor seconds and peak memory in MiB."""
        self.process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = status
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def verify(self):
        subprocess.run(
            [self.sluice, "ledger", "verify", os.path.join(self.folder, "data/ledger"), "--key", os.path.join(self.folder, "ledger.vkey")],
            check=True, stdout=subprocess.DEVNULL)


def dataset(path, bytes):
    """SDMX-CSV 2.0 of the permits structure, about as large as asked."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT\r\n")
        citizenships = re.search(r'id="CL_CITIZENSHIP".*?</str:Codelist>', open(os.path.join(FILES, "permits-structure.xml"), encoding="utf-8").read(), re.S)
        codes = re.findall(r'<str:Code id="([^"]+)"', citizenships.group(0))
        number = 0
        # A period has as many rows as there are codes; the periods of the years 1900 to 9899 are enough for some gigabytes.
        for month in range(12 * 8000):
            period = f"{1900 + month // 12}-{month % 12 + 1:02}"
            for citizenship in codes:
                for sex in ("_T", "M", "F"):
                    for age in ("_T", "Y_LT18", "Y18T34", "Y35T64", "Y_GE65"):
                        number += 1
                        file.write(f"dataflow,AM.MOI:DF_0(1.0),R,M,{sex},{age},{citizenship},{period},{(number * 7919) % 1000},A,PERMITS,0\r\n")
                if file.tell() >= bytes:
                    return


def main():
    sluice = os.path.abspath(sys.argv[1])
    seconds, concurrent, flows = (int(sys.argv[n]) if len(sys.argv) > n else d for n, d in ((2, 60), (3, 64), (4, 64)))
    with tempfile.TemporaryDirectory() as root:
        ports = free_ports(4)
        sender, receiver = Site(sluice, root, "AM.MOI", ports[:2], concurrent), Site(sluice, root, "AM.ARMSTAT", ports[2:], concurrent)
        sender.configure(receiver, flows)
        receiver.configure(sender, flows)
        data = os.path.join(root, "data.csv")
        dataset(data, 9_500)
        receiver.serve()
        command = [sluice, "drill", "load", data, "--config", sender.configuration, "--to", receiver.id, "--seconds", str(seconds), "--concurrent", str(concurrent), "--json"]
        for n in range(flows):
            command += ["--flow", f"AM.MOI:DF_{n}(1.0)"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, memory = receiver.stop()
        sender.verify()
        receiver.verify()
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{os.path.getsize(data)} bytes, {concurrent} under way, {flows} dataflows, {os.cpu_count()} processors")
        print(json.dumps(report))
        print(f"sender {own * 1000 / report['exchanges']:.2f} ms cpu an exchange, {report['peakMiB']} MiB; receiver {cpu * 1000 / report['exchanges']:.2f} ms, {memory:.0f} MiB")


if __name__ == "__main__":
    main()
