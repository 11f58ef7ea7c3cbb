import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct AgreementODRLTests {
    private static let yaml = PermitsSample.yaml.replacingOccurrences(of: "version: \"1.0\"", with: "version: \"1.1\"\nsupersedes: \"1.0\"\nchannel: https")
        .replacingOccurrences(of: "  drop: [COMMENT_OBS]\n", with: "  drop: [COMMENT_OBS]\n  timeLag: P3M\n  forbidden: [{SEX: [F], CITIZENSHIP: [CIS]}]\n")
        .replacingOccurrences(
            of: "retention: P5Y, onwardTransfer: none",
            with: "retention: P5Y, onwardTransfer: [UN.UNSD], embargo: \"2026-06-30T09:00:00Z\", citation: Ministry, notify: [dpo], fourEyes: true")

    private func export(_ yaml: String) throws -> JSONValue {
        AgreementODRL(try AgreementReader.read(yaml), digest: try #require(SHA256Digest(hex: String(repeating: "ab", count: 32)))).json
    }

    @Test func tellsNoParameterOfDisclosureControl() throws {
        let text = try export(Self.yaml.replacingOccurrences(of: "minimumCell: 5", with: "minimumCell: 77, pPercent: {p: 93}")).prettyText
        #expect(text.contains("minimumCell") && text.contains("pPercent") && !text.contains("77") && !text.contains("93"))
    }

    /// Read as JSON-LD by a library of others, without a network, it is the graph that was meant.
    @Test(.enabled(if: PythonOracle.isThere)) func isTheGraphThatWasMeant() throws {
        let output = try PythonOracle.run(
            #"""
            import json, rdflib
            from rdflib import RDF, Literal, URIRef, XSD, Namespace
            from rdflib.collection import Collection
            O, S, D = Namespace("http://www.w3.org/ns/odrl/2/"), Namespace("urn:sluice:odrl:"), Namespace("http://purl.org/dc/terms/")

            def read(path):
                graph = rdflib.Graph()
                graph.parse(path, format="json-ld")
                return graph

            g = read("permit.json")
            a = URIRef("urn:sluice:agreement:PERMITS:1.1")
            assert (a, RDF.type, O.Agreement) in g
            assert (a, O.profile, URIRef("urn:sluice:odrl")) in g
            assert (a, D.replaces, URIRef("urn:sluice:agreement:PERMITS:1.0")) in g
            assert (a, S.sha256, Literal("ab" * 32)) in g
            rule, = g.objects(a, O.permission)
            assert (rule, O.assigner, URIRef("urn:sluice:participant:AM.MOI")) in g
            assert (rule, O.assignee, URIRef("urn:sluice:participant:AM.ARMSTAT")) in g
            assert (rule, O.target, URIRef("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=AM.MOI:DF_PERMITS(1.0)")) in g
            assert (rule, O.action, O.use) in g

            def constraints(node):
                found = set()
                for c in g.objects(node, O.constraint):
                    for left in g.objects(c, O.leftOperand):
                        for right in g.objects(c, O.rightOperand):
                            dimension = g.value(c, S.dimension)
                            found.add((str(left), str(g.value(c, O.operator)), str(right), str(right.datatype) if isinstance(right, Literal) and right.datatype else "", str(dimension or "")))
                return found

            own = constraints(rule)
            for expected in [
                (O.purpose, O.isAnyOf, "urn:sluice:purpose:official-statistics", "", ""), (O.dateTime, O.gteq, "2026-01-01", XSD.date, ""),
                (O.dateTime, O.lteq, "2026-12-31", XSD.date, ""), (O.deliveryChannel, O.isAnyOf, "https", "", ""),
                (S.periodAge, O.gteq, "P3M", XSD.duration, ""), (S.level, O.lteq, "2", XSD.integer, "CITIZENSHIP"), (S.code, O.isA, str(S.anyCode), "", "SEX"),
            ]:
                assert tuple(map(str, expected)) in own, (expected, own)
            duties = {g.value(d, O.action): d for d in g.objects(rule, O.duty)}
            assert set(duties) == {O.anonymize, O.delete, O.attribute, O.inform, S.approveBySecondPerson}, duties
            assert constraints(duties[O.delete]) == {tuple(map(str, (O.elapsedTime, O.lteq, "P5Y", XSD.duration, "")))}
            prohibitions = list(g.objects(a, O.prohibition))
            assert len(prohibitions) == 4, prohibitions
            spread = [p for p in prohibitions if (p, O.action, O.distribute) in g]
            assert any(tuple(map(str, (O.recipient, O.isNoneOf, "urn:sluice:participant:UN.UNSD", "", ""))) in constraints(p) for p in spread)
            assert any(tuple(map(str, (O.dateTime, O.lt, "2026-06-30T09:00:00Z", XSD.dateTime, ""))) in constraints(p) for p in spread)
            together, = [c for p in prohibitions for c in g.objects(p, O.constraint) if g.value(c, O["and"])]
            parts = list(Collection(g, g.value(together, O["and"])))
            assert [str(g.value(c, S.dimension)) for c in parts] == ["CITIZENSHIP", "SEX"]

            f = read("forbid.json")
            b = URIRef("urn:sluice:agreement:NO-PERMITS:1.0")
            assert (b, RDF.type, O.Agreement) in f and not list(f.objects(b, O.permission))
            rule, = f.objects(b, O.prohibition)
            assert (rule, O.assignee, URIRef("urn:sluice:everybody")) in f
            print("as meant", len(g), len(f))
            """#, files: ["permit.json": Data(try export(Self.yaml).prettyText.utf8), "forbid.json": Data(try export(ScopeTermsTests.forbid).prettyText.utf8)])
        #expect(output.contains("as meant"), "\(output)")
    }
}
