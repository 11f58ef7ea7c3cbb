import Foundation
import SluiceKitTesting
import Testing

/// Input that means harm ends in a sentence and an exit code, soon and in little memory, through the commands that people run.
@Suite(.serialized)
struct HostileInputTests {
    let hostile: Hostile

    init() throws { hostile = try Hostile() }

    // MARK: Any format

    @Test(arguments: Hostile.formats) func theGoodMessageIsGood(_ format: String) throws {
        try Sluice.succeed(["check", try hostile.file(Hostile.good(format)), "--structure", Hostile.structure])
    }

    @Test(arguments: Hostile.formats) func aMessageThatEndsEarlyIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        let isCSV = format.hasPrefix("sdmx-csv")
        for part in [1, 5, 20, 33, 50, 75, 95, 99] {
            var count = good.count * part / 100
            // A CSV that ends with a whole row is whole: cut in the middle of one, after its third cell.
            if isCSV {
                let text = Array(good)
                while count > 0 && text[count - 1] != UInt8(ascii: "\n") { count -= 1 }
                count += 25
            }
            try hostile.bothRefuse(hostile.file(good.prefix(count)), format: format, status: isCSV ? [1, 2] : [2])
        }
    }

    @Test(arguments: Hostile.formats) func anUnusableFileIsNotCalledCleanOnTheWay(_ format: String) throws {
        // A message whose first lines are all there is said to be unusable, and not before that: "nothing found".
        for bytes in [try Hostile.good(format).prefix(2_500) + [0], Data("nonsense".utf8)] {
            let run = try Hostile.refuses(["check", hostile.file(bytes), "--structure", Hostile.structure, "--format", format], status: [2])
            #expect(!run.output.contains("nothing found"), "\(run.output)")
        }
    }

    @Test(arguments: Hostile.formats) func bytesThatAreNotUTF8AreRefused(_ format: String) throws {
        var bytes = try Hostile.good(format)
        let at = try #require(bytes.lastRange(of: Data("PERMITS".utf8)))
        bytes.replaceSubrange(at, with: [0x50, 0xE9, 0x52])
        try hostile.bothRefuse(hostile.file(bytes), format: format, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func aNULByteIsRefused(_ format: String) throws {
        var bytes = try Hostile.good(format)
        bytes.insert(0, at: bytes.count / 2)
        try hostile.bothRefuse(hostile.file(bytes), format: format, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func utf16WorksOrIsRefused(_ format: String) throws {
        let text = try Hostile.goodText(format).replacing("encoding=\"UTF-8\"", with: "encoding=\"UTF-16\"")
        let bytes = try #require(text.data(using: .utf16))
        let file = try hostile.file(bytes)
        let run = try Hostile.refuses(["check", file, "--structure", Hostile.structure, "--format", format, "--json"], status: [0, 2])
        if run.status == 0 { #expect(run.output.contains(#""observations":216"#)) }
    }

    @Test(arguments: Hostile.formats) func aLineThatNeverEndsIsRefused(_ format: String) throws {
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(Data(), filling: UInt8(ascii: "a")) })
    }

    @Test(arguments: Hostile.formats) func aValueThatNeverEndsIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        // In the middle of the last value of the message.
        let at = try #require(good.lastRange(of: Data("PERMITS".utf8))).lowerBound + 2
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(good.prefix(at), filling: UInt8(ascii: "a")) })
    }

    @Test(arguments: Hostile.formats) func aGoodMessageThatZerosFollowIsRefused(_ format: String) throws {
        let good = try Hostile.good(format)
        try hostile.bothRefuse("-", format: format, input: { Hostile.endless(good, filling: 0) }, status: format.hasPrefix("sdmx-csv") ? [1, 2] : [2])
    }

    @Test(arguments: Hostile.formats) func aSparseFileOfZerosIsRefused(_ format: String) throws {
        let file = try hostile.file("")
        try #require(truncate(file, 1_000_000_000) == 0)
        try hostile.bothRefuse(file, format: format)
        try hostile.bothRefuse(file, format: nil)
    }

    @Test(arguments: Hostile.formats) func aMessageOfAnotherFormatIsRefused(_ format: String) throws {
        for other in Hostile.formats where other != format {
            try hostile.bothRefuse(hostile.file(Hostile.good(other)), format: format)
        }
    }

    // MARK: Files

    @Test func whatIsNoFileIsRefused() throws {
        try FileManager.default.createDirectory(atPath: hostile.folder.file("folder"), withIntermediateDirectories: true)
        for file in [try hostile.file("", "empty"), hostile.folder.file("missing"), hostile.folder.file("folder"), ""] {
            try hostile.bothRefuse(file, format: nil)
            try hostile.bothRefuse(file, format: "sdmx-csv-2.0")
        }
        for device in ["/dev/null", "/proc/self/mem"] { try hostile.bothRefuse(device, format: nil) }
    }

    @Test(.enabled(if: geteuid() != 0 || Tools.find("setpriv") != nil, "root reads everything, and setpriv is absent"))
    func aFileWithoutPermissionIsRefused() throws {
        let file = try hostile.file(Hostile.good("sdmx-csv-2.0"), "secret.csv")
        let structure = hostile.folder.file("structure.xml")
        // Its bytes: the file may be a link.
        try Data(contentsOf: URL(fileURLWithPath: Hostile.structure)).write(to: URL(fileURLWithPath: structure))
        let program = hostile.folder.file("sluice")
        try FileManager.default.copyItem(atPath: Sluice.executable, toPath: program)
        try #require(chmod(file, 0) == 0 && chmod(structure, 0o644) == 0 && chmod(program, 0o755) == 0 && chmod(hostile.folder.path, 0o755) == 0)
        // Root may read any file: give the right up before.
        let aside = geteuid() == 0 ? [try #require(Tools.find("setpriv")), "--reuid=65534", "--regid=65534", "--clear-groups"] : []
        let command = aside + [program, "check", file, "--structure", structure]
        let run = try Run.run(command[0], Array(command.dropFirst()))
        #expect(run.status == 2)
        #expect(run.errors.contains("secret.csv") && run.errors.lowercased().contains("permi"), "\(run.errors)")
    }

    @Test func aStructureThatIsNoneIsRefused() throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        let structure = try String(contentsOfFile: Hostile.structure, encoding: .utf8)
        let others = [
            data, try hostile.file("", "empty"), hostile.folder.file("missing"), try hostile.file(Hostile.good("sdmx-ml-2.1"), "data.xml"),
            try hostile.file(structure.replacing("?>", with: "?><!DOCTYPE x>", maxReplacements: 1), "doctype.xml"),
            try hostile.file(String(structure.dropLast(200)), "cut.xml"),
            try hostile.file("<a/>", "other.xml"),
            try hostile.file(String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000), "deep.xml"),
        ]
        for other in others {
            try Hostile.refuses(["check", data, "--structure", other], status: [2])
            try Hostile.refuses(["convert", data, "-", "--to", "sdmx-json-2.0", "--structure", other], status: [2])
        }
        let empty = hostile.folder.file("nothing")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        try Hostile.refuses(["check", data, "--structure", empty], status: [2])
    }

    @Test func anOutputThatCannotBeWrittenIsRefused() throws {
        let data = try hostile.file(Hostile.good("sdmx-csv-2.0"), "data.csv")
        for out in [hostile.folder.path, hostile.folder.file("no/such/folder/out.csv"), "/dev/full"] {
            try Hostile.refuses(["convert", data, out, "--to", "sdmx-csv-2.0", "--structure", Hostile.structure], status: [2])
        }
    }

    // MARK: Packages and ledgers

    @Test func whatIsNoPackageIsRefused() throws {
        let ca = hostile.folder.file("ca.pem")
        for bytes in [Data(), Data("PK".utf8), Data(repeating: 0, count: 1_000), Data(repeating: 0x50, count: 5_000_000)] {
            let file = try hostile.file(bytes, "no.asice")
            // Without an authority nothing can be told; with one the package is refused.
            try Hostile.refuses(["package", "verify", file, "--ca", ca], status: [2])
        }
        try Hostile.refuses(["package", "verify", hostile.folder.file("missing"), "--ca", ca], status: [2])
        try Hostile.refuses(["ledger", "verify", hostile.folder.file("missing"), "--key", "x"], status: [2])
    }
}
