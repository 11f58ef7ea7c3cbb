import Foundation
import SluiceKitTesting
import Testing

/// A receiver that is killed in the middle of a large upload: the exchange completes, and what had arrived is not sent again.
@Suite struct ResumedUploadTests {
    /// Months with a comment of 64,000 characters that no compression makes small: a package of some 14 MB.
    private static let months = 300

    /// Killed when the first part of it is on disk, and when all of it is and nothing was decided; also where every message has to be signed.
    @Test(arguments: [("arriving", "off"), ("received", "off"), ("arriving", "required")])
    func aKilledReceiverIsSentOnlyTheRest(_ point: String, _ hopSignatures: String) throws {
        let pair = try Pair()
        for site in [pair.sender, pair.receiver] { try pair.setHopSignatures(hopSignatures, at: site) }
        try Self.allowComments(pair)
        let data = pair.root.file("data.csv")
        try Self.writeData(to: data)

        let doomed = try pair.serve(pair.receiver, fault: point)
        let sent = try Run.run(
            Sluice.executable,
            ["send", data, "--flow", "AM.MOI:DF_PERMITS(1.0)", "--to", pair.receiver.id, "--config", pair.sender.configuration, "--wait", "1"])
        #expect(sent.status == 1, "no receipt can have come: \(sent.output) \(sent.errors)")
        doomed.waitUntilExit()
        let total = try #require(Int(try pair.query(pair.sender, "SELECT bytes FROM exchange").trimmingCharacters(in: .newlines)))
        let kept = try Self.partialBytes(pair.receiver)
        #expect(point == "received" ? kept == total : kept >= 8 << 20 && kept < total, "\(kept) of \(total) bytes are there")

        let receiver = try pair.serve(pair.receiver)
        defer { receiver.stop() }
        let sender = try pair.serve(pair.sender)
        defer { sender.stop() }
        try sender.waits(for: "sluice_exchanges{state=\"receipted\"} 1")
        // The counter is of this process's life: nothing of what was there has come again.
        try receiver.waits(for: "sluice_exchange_received_bytes_total \(total - kept)\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: pair.receiver.folder + "/data/partial").isEmpty)
        try pair.holdsExactlyOnce()
    }

    private static func partialBytes(_ site: Pair.Site) throws -> Int {
        let folder = site.folder + "/data/partial"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let name = try #require(names.count == 1 ? names[0] : nil, "not one partial upload: \(names)")
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        return try #require(attributes[.size] as? Int)
    }

    /// Gives the structure an attribute for free text, and an agreement that protects nothing, on both sides.
    private static func allowComments(_ pair: Pair) throws {
        let attribute = """
            <str:Attribute id="COMMENT_OBS" assignmentStatus="Conditional"><str:ConceptIdentity><Ref agencyID="AM.MOI" maintainableParentID="CS_PERMITS" \
            maintainableParentVersion="1.0" id="COMMENT_OBS" class="Concept" package="conceptscheme"/></str:ConceptIdentity><str:LocalRepresentation>\
            <str:TextFormat textType="String"/></str:LocalRepresentation><str:AttributeRelationship><str:PrimaryMeasure><Ref id="OBS_VALUE"/>\
            </str:PrimaryMeasure></str:AttributeRelationship></str:Attribute>
            """
        let concept = #"<str:Concept id="COMMENT_OBS"><com:Name xml:lang="en">Comment</com:Name></str:Concept>"#
        for site in [pair.sender, pair.receiver] {
            try change(site.folder + "/structures/permits.xml") {
                $0.replacing("</str:ConceptScheme>", with: concept + "</str:ConceptScheme>")
                    .replacing(#"<str:Attribute id="CONF_STATUS""#, with: attribute + #"<str:Attribute id="CONF_STATUS""#)
            }
            try change(site.folder + "/agreements/permits.yaml") { text in
                let protect = try #require(text.range(of: "\nprotect:\n"))
                let obligations = try #require(text.range(of: "\nobligations:\n"))
                return text.replacingCharacters(in: protect.lowerBound..<obligations.lowerBound, with: "\nprotect: none\n")
            }
            try change(site.configuration) {
                $0.replacing("timeoutSeconds: 1", with: "timeoutSeconds: 30").replacing("format: sdmx-ml-2.1", with: "format: sdmx-csv-2.0")
            }
        }
    }

    private static func change(_ path: String, _ body: (String) throws -> String) throws {
        try Data(body(String(contentsOfFile: path, encoding: .utf8)).utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func writeData(to path: String) throws {
        let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
        var text =
            "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,COMMENT_OBS,CONF_STATUS,UNIT_MEASURE,UNIT_MULT\n"
        for month in 0..<months {
            let period = "\(1990 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)"
            let comment = try #require(try random.read(upToCount: 48_000)).base64EncodedString()
            text += "dataflow,AM.MOI:DF_PERMITS(1.0),R,M,_T,_T,_T,\(period),\(month + 5),A,\(comment),F,PERMITS,0\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
