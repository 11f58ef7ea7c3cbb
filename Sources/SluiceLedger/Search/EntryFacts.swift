package import SluiceKit

/// What a search asks of an entry, read out of its bytes without building values of the rest.
///
/// An index is made of every entry, beside a node at work: parsing each whole would cost ten times as much. Tests hold this to what parsing finds.
package struct EntryFacts: Hashable, Sendable {
    package private(set) var id = ""
    /// The exchange, or whatever else it is about.
    package private(set) var subject = ""
    package private(set) var type = ""
    package private(set) var time = Instant(milliseconds: 0)
    /// What the entry itself tells; in no order.
    package private(set) var terms: [LedgerTerm] = []

    /// The facts of the entry in `bytes`, or nil for what is no ledger entry.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        var scan = Scan(bytes: bytes)
        guard scan.take(UInt8(ascii: "{")) else { return nil }
        var names = 0
        repeat {
            guard let name = scan.name() else { return nil }
            if name.elementsEqual("data".utf8) {
                guard takeData(&scan) else { return nil }
                continue
            }
            let member: WritableKeyPath<Self, String>
            if name.elementsEqual("id".utf8) {
                member = \.id
            } else if name.elementsEqual("subject".utf8) {
                member = \.subject
            } else if name.elementsEqual("type".utf8) {
                member = \.type
            } else if name.elementsEqual("time".utf8) {
                guard let time = scan.plainText().flatMap({ EntryTime($0) }) else { return nil }
                self.time = Instant(milliseconds: time.seconds * 1000 + time.nanoseconds / 1_000_000)
                names += 1
                continue
            } else {
                guard scan.skip() else { return nil }
                continue
            }
            guard let value = scan.text() else { return nil }
            self[keyPath: member] = value
            names += 1
        } while scan.take(UInt8(ascii: ","))
        guard names == 4, scan.take(UInt8(ascii: "}")), scan.isAtEnd else { return nil }
        terms.append(LedgerTerm(.type, type))
    }

    package init?(_ entry: [UInt8]) {
        guard let facts = entry.withUnsafeBytes({ Self($0) }) else { return nil }
        self = facts
    }

    private mutating func takeData(_ scan: inout Scan) -> Bool {
        guard scan.take(UInt8(ascii: "{")) else { return false }
        if scan.take(UInt8(ascii: "}")) { return true }
        repeat {
            guard let name = scan.name() else { return false }
            guard let member = LedgerTerm.Member(name), scan.isAtText else {
                guard scan.skip() else { return false }
                continue
            }
            guard let value = scan.text() else { return false }
            LedgerTerm.tell(member, value) { terms.append($0) }
        } while scan.take(UInt8(ascii: ","))
        return scan.take(UInt8(ascii: "}"))
    }

    /// Goes through canonical JSON: no blanks between the tokens.
    private struct Scan {
        let bytes: UnsafeRawBufferPointer
        var offset = 0

        init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        var isAtEnd: Bool { offset == bytes.count }
        var isAtText: Bool { offset < bytes.count && bytes[offset] == UInt8(ascii: "\"") }

        mutating func take(_ byte: UInt8) -> Bool {
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        /// The bytes of a member's name, the colon behind it taken too. Names of entries have no escapes.
        mutating func name() -> UnsafeRawBufferPointer? {
            guard let name = plainText(), take(UInt8(ascii: ":")) else { return nil }
            return name
        }

        /// The bytes of a text without escapes.
        mutating func plainText() -> UnsafeRawBufferPointer? {
            let start = offset
            guard skipText() == false else { return nil }
            return UnsafeRawBufferPointer(rebasing: bytes[start + 1..<offset - 1])
        }

        mutating func text() -> String? {
            let start = offset
            guard let isEscaped = skipText() else { return nil }
            if isEscaped { return (try? JSONValue(parsing: Array(bytes[start..<offset])))?.text }
            // Whatever is no UTF-8 is no entry, and the self check's to find.
            return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start + 1..<offset - 1]), as: UTF8.self)
        }

        /// Whether the text has escapes; nil where there is no text.
        private mutating func skipText() -> Bool? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            var isEscaped = false
            while offset < bytes.count {
                switch bytes[offset] {
                case UInt8(ascii: "\""):
                    offset += 1
                    return isEscaped
                case UInt8(ascii: "\\"):
                    isEscaped = true
                    offset += 2
                default: offset += 1
                }
            }
            return nil
        }

        /// Past one value, whatever is in it.
        mutating func skip() -> Bool {
            var depth = 0
            repeat {
                guard offset < bytes.count else { return false }
                switch bytes[offset] {
                case UInt8(ascii: "\""): guard skipText() != nil else { return false }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    offset += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    offset += 1
                case UInt8(ascii: ","), UInt8(ascii: ":"):
                    if depth == 0 { return false }
                    offset += 1
                default:
                    // A number or a word.
                    while offset < bytes.count, !Self.ends(bytes[offset]) { offset += 1 }
                }
            } while depth > 0
            return depth == 0
        }

        private static func ends(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""): true
            default: false
            }
        }
    }
}
