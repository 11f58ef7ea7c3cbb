import Foundation
import SluiceKitTesting
import Testing

/// What `sluice demo` leaves behind proves itself to somebody who trusts none of it: the standard library of Python, openssl, aics-tlog.
@Suite(.serialized, .enabled(if: Tools.python != nil && Tools.openssl != nil, "python3 or openssl is absent"))
struct DemoHoldsTests {
    /// One demo for all tests, which work on copies where they change anything.
    struct Demo: Sendable {
        let folder: TemporaryFolder
        let run: Run
        var path: String { folder.file("demo") }
        var ca: String { path + "/ca.pem" }
        var nodes: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path + "/nodes")) ?? []).sorted() }
        /// The packages under evidence/, all of which have to verify; the tampered one lies elsewhere.
        var packages: [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: path + "/evidence")) ?? []).filter { $0.hasSuffix(".asice") }
                .sorted()
                .map { path + "/evidence/" + $0 }
        }
        func ledger(_ node: String) -> String { "\(path)/nodes/\(node)/ledger" }
        func key(_ node: String) -> String { "\(path)/nodes/\(node)/ledger.vkey" }
    }

    static let made = Result {
        let folder = try TemporaryFolder("sluice-demo")
        return Demo(folder: folder, run: try Sluice.run(["demo", "--dir", folder.file("demo")], within: .seconds(120)))
    }

    let demo: Demo

    init() throws {
        demo = try Self.made.get()
        // What follows goes through lists of these: none would prove nothing.
        try #require(demo.packages.count >= 10 && demo.nodes.count == 3, "the demo left no evidence: \(demo.run.errors.suffix(500))")
    }

    @Test func theDemoEndsWell() {
        #expect(demo.run.status == 0, "\(demo.run.output.suffix(2_000))\(demo.run.errors.suffix(1_000))")
        #expect(demo.nodes == ["AM.ARMSTAT", "AM.MOI", "UN.UNSD"])
    }

    /// The script that the demo leaves behind repeats every check, and fails when one of them fails.
    @Test func theScriptRepeatsEveryCheck() throws {
        let good = try Run.run("/bin/sh", [demo.path + "/verify.sh"], environment: ["PATH": path])
        #expect(good.status == 0, "\(good.output.suffix(1_500))\(good.errors.suffix(1_500))")
        let copy = try TemporaryFolder("sluice-demo-copy")
        try FileManager.default.copyItem(atPath: demo.path, toPath: copy.file("demo"))
        let package = copy.file("demo/evidence/") + (try #require(demo.packages.first) as NSString).lastPathComponent
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: package)))
        bytes[bytes.count / 3] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: package))
        let bad = try Run.run("/bin/sh", [copy.file("demo/verify.sh")], environment: ["PATH": path])
        #expect(bad.status != 0, "a changed package was not noticed: \(bad.output.suffix(1_000))")
    }

    private var path: String {
        (Sluice.executable as NSString).deletingLastPathComponent + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    // MARK: Packages

    /// Container, manifest, digests and signature of packages: openssl, then Python's own zip reader. CA OPENSSL PACKAGE…
    static let packageVerifier = #"""
        import base64, hashlib, os, subprocess, sys, tempfile, zipfile
        import xml.etree.ElementTree as ET
        ASIC, DS = "{http://uri.etsi.org/02918/v1.2.1#}", "{http://www.w3.org/2000/09/xmldsig#}"
        ca, openssl = sys.argv[1:3]
        for path in sys.argv[3:]:
            with open(path, "rb") as file:
                start = file.read(30 + 8 + 31)
            assert start[30:] == b"mimetypeapplication/vnd.etsi.asic-e+zip", start
            with zipfile.ZipFile(path) as package, tempfile.TemporaryDirectory() as folder:
                assert package.testzip() is None
                names = package.namelist()
                assert names[0] == "mimetype" and package.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
                assert len(names) == len(set(names))
                package.extractall(folder)
                manifest = os.path.join(folder, "META-INF/ASiCManifest001.xml")
                root = ET.parse(manifest).getroot()
                covered = {}
                for reference in root.iter(ASIC + "DataObjectReference"):
                    assert reference.find(DS + "DigestMethod").get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256"
                    covered[reference.get("URI")] = base64.b64decode(reference.find(DS + "DigestValue").text)
                assert set(names) - set(covered) == {"mimetype", "META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s"}, names
                assert "exchange.json" in covered and len(covered) >= 2
                for name, digest in covered.items():
                    with open(os.path.join(folder, name), "rb") as file:
                        assert hashlib.sha256(file.read()).digest() == digest, (path, name)
                subprocess.run([openssl, "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", os.path.join(folder, "META-INF/signature001.p7s"),
                                "-content", manifest, "-CAfile", ca, "-out", os.devnull], check=True, capture_output=True)
        print(len(sys.argv) - 3)

        """#

    @Test func stockToolsVerifyEveryPackage() throws {
        let openssl = try #require(Tools.openssl)
        try #require(!demo.packages.isEmpty)
        #expect(try Tools.python(Self.packageVerifier, [demo.ca, openssl] + demo.packages) == "\(demo.packages.count)\n")
    }

    @Test func sluiceVerifiesAndOpensEveryPackage() throws {
        for package in demo.packages {
            try Sluice.succeed(["package", "verify", package, "--ca", demo.ca])
            let folder = try TemporaryFolder()
            try Sluice.succeed(["package", "open", package, "--ca", demo.ca, "--into", folder.file("out")])
            // What is taken out is what the container holds, byte for byte.
            let program = """
                import os, sys, zipfile
                with zipfile.ZipFile(sys.argv[1]) as package:
                    names = [n for n in package.namelist() if n != "mimetype" and not n.startswith("META-INF/")]
                    for name in names:
                        assert open(os.path.join(sys.argv[2], name), "rb").read() == package.read(name), name
                print(len(names))
                """
            #expect(try Tools.python(program, [package, folder.file("out")]) == "2\n")
        }
    }

    /// Every way to spoil a package that `--into` could be fooled by. FROM INTO-FOLDER
    static let spoiler = #"""
        import os, sys, zipfile
        source, into = sys.argv[1:]
        data = open(source, "rb").read()
        written = []

        def write(name, bytes_):
            written.append(name)
            open(os.path.join(into, name + ".asice"), "wb").write(bytes_)

        for part in (3, 5, 8):
            at = len(data) * part // 10
            write(f"byte{part}", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        write("cut", data[:-100])
        write("empty", b"")

        def rebuilt(name, change):
            target = os.path.join(into, name + ".asice")
            written.append(name)
            with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
                items = [(n, old.read(n)) for n in old.namelist()]
                for n, content in change(items):
                    new.writestr(zipfile.ZipInfo(n, (2026, 1, 1, 0, 0, 0)), content)

        # A container in good order whose content is another: the check sums are right, the digests are not.
        rebuilt("payload", lambda items: [(n, c.replace(b"A", b"B", 1) if n.startswith("data.") else c) for n, c in items])
        rebuilt("exchange", lambda items: [(n, c.replace(b"official-statistics", b"anything-we-like", 1) if n == "exchange.json" else c) for n, c in items])
        rebuilt("manifest", lambda items: [(n, c + b"\n" if n.endswith("Manifest001.xml") else c) for n, c in items])
        rebuilt("signature", lambda items: [(n, c[:-1] + bytes([c[-1] ^ 1]) if n.endswith(".p7s") else c) for n, c in items])
        rebuilt("uncovered", lambda items: items + [("more.csv", b"1,2\n")])
        rebuilt("climbing", lambda items: items + [("../climbed", b"out")])
        rebuilt("unsigned", lambda items: [i for i in items if not i[0].endswith(".p7s")])
        rebuilt("less", lambda items: [i for i in items if not i[0].startswith("data.")])
        print(" ".join(written))
        """#

    @Test func aChangedPackageIsRefusedAndNothingIsTakenOut() throws {
        let folder = try TemporaryFolder()
        let names = try Tools.python(Self.spoiler, [demo.path + "/evidence/01-permits.asice", folder.path]).split(whereSeparator: \.isWhitespace)
        #expect(names.count == 13)
        for name in names {
            let package = folder.file("\(name).asice")
            let verify = try Sluice.run(["package", "verify", package, "--ca", demo.ca])
            #expect(verify.status == 1, "\(name): \(verify.output)\(verify.errors)")
            #expect((verify.output + verify.errors).contains("REFUSED") || name == "empty", "\(name): \(verify.output)\(verify.errors)")
            let open = try Sluice.run(["package", "open", package, "--ca", demo.ca, "--into", folder.file("out/\(name)")])
            #expect(open.status == 1, "\(name)")
            let left = (try? FileManager.default.contentsOfDirectory(atPath: folder.file("out/\(name)"))) ?? []
            #expect(left.isEmpty, "\(name) left \(left)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/climbed")) && !FileManager.default.fileExists(atPath: folder.file("climbed")))
    }

    @Test func anAuthorityNobodyTrustsDoesNotVouch() throws {
        let folder = try TemporaryFolder()
        let run = try Run.run(
            try #require(Tools.openssl),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder.file("key.pem"), "-out",
                folder.file("ca.pem"), "-days", "30",
                "-subj", "/CN=Sluice trial authority",
            ])
        try #require(run.status == 0, "\(run.errors)")
        for package in demo.packages {
            let verify = try Sluice.run(["package", "verify", package, "--ca", folder.file("ca.pem")])
            #expect(verify.status == 1, "\(package): \(verify.output)")
        }
        #expect(try Sluice.run(["package", "verify", try #require(demo.packages.first), "--ca", folder.file("key.pem")]).status == 2)
    }

    @Test func everyReceiptAnswersTheManifestOfItsPackage() throws {
        let program = #"""
            import glob, hashlib, json, os, sys, zipfile
            pairs = 0
            for receipt in sorted(glob.glob(os.path.join(sys.argv[1], "evidence", "*.receipt.asice"))):
                answer = json.loads(zipfile.ZipFile(receipt).read("exchange.json"))
                assert answer["kind"] == "receipt", answer
                package = receipt.replace(".receipt.asice", ".asice")
                if not os.path.exists(package):
                    package = package.replace("/evidence/", "/tampered/")
                digest = hashlib.sha256(open(package, "rb").read()).hexdigest()
                assert answer["answers"]["packageSHA256"] == digest, (receipt, digest)
                if "tampered" in receipt:
                    assert answer["outcome"] == "refused" and answer["reasonCode"].startswith("seal."), answer
                    continue
                opened = zipfile.ZipFile(package)
                exchange = json.loads(opened.read("exchange.json"))
                manifest = hashlib.sha256(opened.read("META-INF/ASiCManifest001.xml")).hexdigest()
                assert answer["answers"]["manifestSHA256"] == manifest, (receipt, manifest)
                assert (answer["exchange"], answer["issuer"], answer["recipient"]) == (exchange["exchange"], exchange["receiver"], exchange["sender"])
                assert answer["outcome"] == ("refused" if "refused" in receipt else "accepted"), answer
                if answer["outcome"] == "accepted":
                    assert answer["observations"] == exchange["payload"]["observations"] > 0
                else:
                    assert answer["reason"] and answer["reasonCode"], answer
                pairs += 1
            print(pairs)
            """#
        #expect(try Tools.python(program, [demo.path]) == "5\n")
    }

    // MARK: Ledgers

    @Test(.enabled(if: Tools.tlog != nil, "aics-tlog is absent (SLUICE_TOOLS)"))
    func aicsTlogVerifiesCheckpointsAndEntries() throws {
        let tlog = try #require(Tools.tlog)
        let folder = try TemporaryFolder()
        for node in demo.nodes {
            let key = try String(contentsOfFile: demo.key(node), encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            let common = ["--tiles", demo.ledger(node), "--log-key", key]
            let checkpoint = try Run.run(tlog, ["verify-checkpoint"] + common)
            #expect(checkpoint.status == 0, "\(checkpoint.output)\(checkpoint.errors)")
            let lines = try String(contentsOfFile: demo.ledger(node) + "/checkpoint", encoding: .utf8).split(separator: "\n")
            let size = try #require(Int(lines[1]))
            #expect(size > 5)
            for index in [0, size / 2, size - 1] {
                let entry = folder.file("\(node).\(index)")
                let run = try Run.run(tlog, ["verify-inclusion", "--index", String(index), "--entry-out", entry] + common)
                #expect(run.status == 0, "\(node) \(index): \(run.output)\(run.errors)")
                let event = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: entry))) as? [String: Any]
                #expect(event?["specversion"] as? String == "1.0")
            }
        }
    }

    func verifyLedger(_ folder: String, _ node: String) throws -> Run { try Sluice.run(["ledger", "verify", folder, "--key", demo.key(node)]) }

    @Test func sluiceVerifiesEveryLedger() throws {
        for node in demo.nodes {
            let run = try verifyLedger(demo.ledger(node), node)
            #expect(run.status == 0, "\(node): \(run.output)\(run.errors)")
        }
    }

    @Test func oneChangedByteAnywhereInALedgerIsFound() throws {
        let node = try #require(demo.nodes.first)
        let (head, width) = try checkpointFiles(node)
        for name in [head, "tile/0/000.p/\(width)", "tile/entries/000.p/\(width)"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: demo.ledger(node) + "/" + name))
            for part in [1, 3, 6, 9] {
                let folder = try TemporaryFolder()
                let copy = folder.file("ledger")
                try FileManager.default.copyItem(atPath: demo.ledger(node), toPath: copy)
                var spoilt = bytes
                let at = bytes.count * part / 10
                spoilt[at] ^= 1
                try spoilt.write(to: URL(fileURLWithPath: copy + "/" + name))
                let run = try verifyLedger(copy, node)
                #expect(run.status == 1, "\(name), byte \(at) of \(bytes.count): \(run.output)\(run.errors)")
            }
        }
    }

    @Test func aShortenedOrForeignLedgerIsFound() throws {
        let node = try #require(demo.nodes.first)
        let (_, width) = try checkpointFiles(node)
        for name in ["checkpoint", "tile/0/000.p/\(width)"] {
            let folder = try TemporaryFolder()
            let copy = folder.file("ledger")
            try FileManager.default.copyItem(atPath: demo.ledger(node), toPath: copy)
            try FileManager.default.removeItem(atPath: copy + "/" + name)
            #expect(try verifyLedger(copy, node).status == 1, "\(name) is missing")
        }
        let other = try #require(demo.nodes.last)
        #expect(try Sluice.run(["ledger", "verify", demo.ledger(node), "--key", demo.key(other)]).status == 1)
        #expect(try Sluice.run(["ledger", "verify", demo.ledger(node), "--key", "nonsense"]).status == 2)
    }

    @Test func aLedgerWhoseEntriesAreGoneIsNotCalledWholeWithoutSayingSo() throws {
        let node = try #require(demo.nodes.first)
        let (_, width) = try checkpointFiles(node)
        let folder = try TemporaryFolder()
        let copy = folder.file("ledger")
        try FileManager.default.copyItem(atPath: demo.ledger(node), toPath: copy)
        try FileManager.default.removeItem(atPath: copy + "/tile/entries/000.p/\(width)")
        let run = try verifyLedger(copy, node)
        // Pruned entries leave the tree provable; the reader still has to learn that no entry was read.
        #expect(run.status == 1 || (run.output + run.errors).contains("withheld"), "\(run.output)\(run.errors)")
    }

    private func checkpointFiles(_ node: String) throws -> (checkpoint: String, width: Int) {
        let lines = try String(contentsOfFile: demo.ledger(node) + "/checkpoint", encoding: .utf8).split(separator: "\n")
        let size = try #require(Int(lines[1]))
        try #require(size < 256, "the demo's ledger has outgrown one tile; this test knows one tile only")
        return ("checkpoint", size)
    }

    // MARK: Disclosure

    /// The released table, and the additive relations that anybody can write down from the structure alone. PACKAGE STRUCTURE
    static let released = #"""
        import csv, io, sys, zipfile
        import xml.etree.ElementTree as ET
        with zipfile.ZipFile(sys.argv[1]) as package:
            rows = list(csv.DictReader(io.StringIO(package.read("data.csv").decode())))
        S, C = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}", "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}"
        AXES = ["SEX", "AGE", "CITIZENSHIP"]
        parents = {}
        for codelist in ET.parse(sys.argv[2]).getroot().iter(S + "Codelist"):
            axis = codelist.get("id").removeprefix("CL_")
            if axis in AXES:
                parents[axis] = {c.get("id"): c.find(S + "Parent/Ref").get("id") for c in codelist.iter(S + "Code") if c.find(S + "Parent") is not None}
        assert set(parents) == set(AXES)
        cells = {}
        for row in rows:
            key = (row["TIME_PERIOD"],) + tuple(row[a] for a in AXES)
            assert key not in cells
            cells[key] = row
        withheld = [k for k, r in cells.items() if r["OBS_STATUS"] == "Q"]
        relations = []
        for key in cells:
            for axis, name in enumerate(AXES, 1):
                below = [k for k in cells if k[axis] != key[axis] and parents[name].get(k[axis]) == key[axis] and k[:axis] + k[axis + 1:] == key[:axis] + key[axis + 1:]]
                expected = [c for c, p in parents[name].items() if p == key[axis] and any(k[axis] == c for k in cells)]
                if below and len(below) == len(expected):
                    relations.append((key, below))
        assert len(cells) > 100 and withheld and relations

        """#

    func released(_ program: String) throws -> String {
        try Tools.python(Self.released + program, [demo.path + "/evidence/01-permits.asice", demo.path + "/nodes/AM.MOI/structures/permits.xml"])
    }

    @Test func noSmallFigureLeavesAndWhatIsWithheldSaysSo() throws {
        let program = #"""
            for key, row in cells.items():
                if row["OBS_STATUS"] == "Q":
                    assert row["OBS_VALUE"] in ("", "NaN") and row["CONF_STATUS"] not in ("", "F"), row
                else:
                    value = int(row["OBS_VALUE"])
                    assert value == 0 or value >= 5, row
            # Months stay months and countries stay in the ministry.
            assert {k[3] for k in cells} == {"_T", "CIS", "EU", "MENA", "OTHER"}, {k[3] for k in cells}
            # The table still adds up wherever it says everything.
            for total, parts in relations:
                if all(cells[k]["OBS_STATUS"] != "Q" for k in [total] + parts):
                    assert int(cells[total]["OBS_VALUE"]) == sum(int(cells[k]["OBS_VALUE"]) for k in parts), total
            print("held")
            """#
        #expect(try released(program) == "held\n")
    }

    @Test(.enabled(if: Tools.scipyOrHighs, "highspy is absent (SLUICE_TOOLS)"))
    func nothingWithheldCanBeComputedFromWhatIsReleased() throws {
        // The attacker knows that counts are whole, not negative, and how the table adds up: bounds on each withheld cell by linear programs.
        let program = #"""
            import highspy, math
            model = highspy.Highs()
            model.setOptionValue("output_flag", False)
            column = {k: i for i, k in enumerate(withheld)}
            for _ in withheld:
                model.addVar(0, highspy.kHighsInf)
            used = 0
            for total, parts in relations:
                terms, known = {}, 0
                for key, sign in [(total, 1)] + [(k, -1) for k in parts]:
                    if key in column:
                        terms[column[key]] = sign
                    else:
                        known += sign * int(cells[key]["OBS_VALUE"])
                if terms:
                    model.addRow(-known, -known, len(terms), list(terms), list(terms.values()))
                    used += 1
                else:
                    assert known == 0, total
            assert used > 10
            narrowest, exact = math.inf, []
            for key, index in column.items():
                bounds = []
                for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
                    model.changeObjectiveSense(sense)
                    model.changeColCost(index, 1.0)
                    model.run()
                    status = model.getModelStatus()
                    if status == highspy.HighsModelStatus.kOptimal:
                        bounds.append(model.getInfo().objective_function_value)
                    else:
                        assert sense == highspy.ObjSense.kMaximize and status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible), status
                        bounds.append(math.inf)
                    model.changeColCost(index, 0.0)
                low, high = math.ceil(bounds[0] - 1e-6), math.floor(bounds[1] + 1e-6) if bounds[1] < math.inf else math.inf
                assert low <= high, key
                narrowest = min(narrowest, high - low)
                if low == high:
                    exact.append((key, low))
            print(f"{len(column)} withheld, {used} relations, narrowest {narrowest}")
            assert not exact, exact
            """#
        let said = try released(program)
        #expect(said.contains("withheld"), "\(said)")
    }
}
