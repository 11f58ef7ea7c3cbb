import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import TransportFolder

/// What this node finds, what it leaves alone, and what it sets aside.
@Suite struct LookingTests {
    static let package = "000000000001.\(firstID).asice"

    @Test func findsPackagesInTheOrderOfTheirNames() throws {
        let place = try Place()
        for name in ["000000000010.\(firstID).jwsz", "000000000002.\(secondID).asice", Self.package] { try place.arrive(name, name) }
        let found = try place.look().packages
        #expect(found.map(\.name) == [Self.package, "000000000002.\(secondID).asice", "000000000010.\(firstID).jwsz"])
        #expect(found.map(\.mediaType) == [asic, asic, jws] && found.map(\.exchangeID) == [firstID, secondID, firstID])
        #expect(try found.map { try place.copied($0) } == found.map(\.name))
    }

    @Test(arguments: [
        "", "x", "1.\(firstID).asice", "0000000000001.\(firstID).asice", "000000000001.\(firstID).zip", "000000000001.\(firstID.uppercased()).asice",
        "000000000001.\(firstID).asice.bak", "00000000000a.\(firstID).asice", "000000000001..asice", "\(firstID).receipt.0123456789ABCDEF.asice",
        "\(firstID).receipt.0123.asice", "\(firstID).receipt.asice", "000000000001.01a203bd-0000-4000-8000-000000000001.asice", "\(firstID).problem.txt",
        "00000000000١.\(firstID).asice",
    ])
    func aNameOfAnotherFormIsNoPackage(_ name: String) {
        #expect(CarriedName(FileName(name), extensionByMediaType: [asic: "asice"]) == nil)
    }

    @Test(arguments: [".\(package)", ".000000000001-x.tmp", "\(package).filepart", "\(package).part", "\(package).partial", "x.tmp"])
    func whatIsStillBeingWrittenIsLeftAlone(_ name: String) throws {
        let place = try Place()
        try place.arrive(name)
        #expect(try place.look() == Arrivals())
        #expect(try place.names("in") == [name])
    }

    @Test func aFileIsTakenOnceItHasBeenQuiet() throws {
        let place = try Place(quietMilliseconds: 1_000)
        try place.arrive(Self.package, "half")
        try place.arrive("letter.txt")
        #expect(try place.look().packages.isEmpty)
        place.advance(milliseconds: 999)
        #expect(try place.look().packages.isEmpty)
        // It grows: the time begins anew.
        try place.arrive(Self.package, "half and half")
        place.advance(milliseconds: 1)
        let second = try place.look()
        #expect(second.packages.isEmpty && second.remarks.count == 1)
        place.advance(milliseconds: 1_000)
        let found = try place.look().packages
        #expect(try found.map { try place.copied($0) } == ["half and half"])
    }

    @Test func whatChangedSinceTheLookIsNeitherTakenNorRemoved() throws {
        let place = try Place()
        try place.arrive(Self.package, "first")
        let arrival = try #require(try place.look().packages.first)
        try place.arrive(Self.package, "second, longer")
        #expect(try place.copied(arrival) == nil)
        try place.transport.remove(arrival)
        #expect(try place.names("in") == [Self.package])
        let again = try #require(try place.look().packages.first)
        try place.transport.remove(again)
        try place.transport.remove(again)
        #expect(try place.copied(again) == nil)
        #expect(try place.names("in") == [])
    }

    @Test func whatIsNoPackageIsSetAsideAndNothingIsLost() throws {
        let place = try Place()
        try Data("secret".utf8).write(to: URL(fileURLWithPath: place.root.file("secret")))
        let name = place.incoming + "/"
        #expect(symlink(place.root.file("secret"), name + Self.package) == 0)
        #expect(symlink(place.root.path, name + "000000000002.\(secondID).asice") == 0)
        #expect(mkfifo(name + "000000000003.\(secondID).asice", 0o600) == 0)
        try FileManager.default.createDirectory(atPath: name + "000000000004.\(secondID).asice/inner", withIntermediateDirectories: true)
        try place.arrive("000000000005.\(secondID).asice", "")
        try place.arrive("letter.txt", "dear colleague")
        // No text in any encoding that we know.
        let odd: [CChar] = [UInt8(0xff), 0xfe, 0x0a, 0x41].map { CChar(bitPattern: $0) }
        let path = (name.utf8.map { CChar(bitPattern: $0) } + odd + [0])
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)

        let found = try place.look()
        #expect(found.packages.isEmpty && found.receipts.isEmpty && found.remarks.count == 7)
        #expect(found.remarks.allSatisfy { $0.isSetAside })
        #expect(found.remarks.contains { $0.text.contains("\\xff\\xfe\\x0aA") })
        #expect(try place.names("in") == ["refused"])
        #expect(try place.names("in/refused").count == 7)
        #expect(try place.text("in/refused/letter.txt") == "dear colleague")
        #expect(try place.text("secret") == "secret")
        #expect(try place.look() == Arrivals())
    }

    @Test func setAsideTwiceUnderOneNameKeepsBoth() throws {
        let place = try Place()
        let long = String(repeating: "x", count: 255)
        for text in ["one", "two", "three"] {
            try place.arrive("letter.txt", text)
            try place.arrive(long, text)
            #expect(try place.look().remarks.count == 2)
        }
        let texts = try ["", ".2", ".3"].map { try place.text("in/refused/letter.txt\($0)") }
        #expect(texts == ["one", "two", "three"])
        #expect(try place.names("in/refused").count == 6)
    }

    @Test func refusedThatIsALinkIsNotFollowed() throws {
        let place = try Place()
        try FileManager.default.createDirectory(atPath: place.root.file("elsewhere"), withIntermediateDirectories: false)
        #expect(symlink(place.root.file("elsewhere"), place.incoming + "/refused") == 0)
        try place.arrive("letter.txt")
        try place.arrive(Self.package)
        let found = try place.look()
        #expect(found.packages.count == 1)
        #expect(found.remarks.map(\.isSetAside) == [false])
        #expect(try place.names("elsewhere").isEmpty)
        #expect(try place.names("in").contains("letter.txt"))
    }

    @Test func aHeapOfOneKindHidesNoOther() throws {
        let place = try Place()
        for number in 0..<100 { try place.arrive("!\(number)") }
        for number in 10..<60 { try place.arrive("0000000000\(number).\(firstID).asice") }
        let receipt = "\(firstID).receipt.0123456789abcdef.asice"
        try place.arrive(receipt)
        let found = try place.look(8)
        #expect(found.packages.map(\.name) == (10..<18).map { "0000000000\($0).\(firstID).asice" })
        #expect(found.receipts.map(\.name) == [receipt] && found.remarks.count == 8)
        #expect(try place.names("in/refused").count == 8)
    }

    @Test func aReceiptThatIsNotWhatItsNameSaysOrTooLargeIsMalformed() throws {
        let place = try Place(receiptBytesMax: 100)
        try place.arrive("\(firstID).receipt.0123456789abcdef.asice", "changed on the way")
        try place.arrive("\(secondID).receipt.0123456789abcdef.asice", String(repeating: "x", count: 101))
        let found = try place.look().receipts
        #expect(found.count == 2)
        for arrival in found {
            let error = #expect(throws: TransportError.self) { try place.transport.receipt(arrival) }
            #expect(error?.code == .answerMalformed)
            try place.transport.setAside(arrival)
        }
        #expect(try place.names("in/refused").count == 2)
    }

    @Test func aProblemIsToldInOneLineAndSetAside() throws {
        let place = try Place()
        try place.transport.explain(
            Array("{\"type\": \"urn:sluice:problem:exchange-id-reused\", \"detail\": \"Ասա\\nnext\\u001b[31m\", \"more\": 1}".utf8), exchangeID: firstID,
            to: place.endpoint)
        #expect(try place.names("out") == ["\(firstID).problem.json"])
        try FileManager.default.moveItem(atPath: place.out + "/\(firstID).problem.json", toPath: place.incoming + "/\(firstID).problem.json")
        try place.arrive("\(secondID).problem.json", "not json")
        let remarks = try place.look().remarks.map(\.text)
        #expect(remarks.count == 2 && remarks[0].hasSuffix("exchange-id-reused; Ասա next [31m") && remarks[1].hasSuffix("it cannot be read"))
        #expect(try place.names("in/refused").count == 2)
    }

    @Test func foldersThatCannotBeUsedAreNamed() throws {
        let place = try Place()
        try place.arrive(Self.package)
        try FileManager.default.removeItem(atPath: place.out)
        #expect(throws: TransportError.self) { try place.look() }
        try FileManager.default.createDirectory(atPath: place.out, withIntermediateDirectories: false)
        // Root may write anywhere, so the refusal is tried where it can be.
        if getuid() != 0 {
            #expect(chmod(place.incoming, 0o500) == 0)
            let error = #expect(throws: TransportError.self) { try place.look() }
            #expect(error?.detail.contains("cannot change the folder \(place.incoming)") == true)
            #expect(chmod(place.incoming, 0o700) == 0)
            #expect(chmod(place.incoming + "/" + Self.package, 0) == 0)
            let arrival = try #require(try place.look().packages.first)
            #expect(throws: TransportError.self) { try place.copied(arrival) }
        }
        #expect(try place.look().packages.count == 1)
    }
}
