/// Values of structured HTTP fields (RFC 9651), as far as signatures and digests of messages use them: no display strings.
package enum StructuredField {
    package enum BareItem: Hashable, Sendable {
        /// At most 15 digits.
        case integer(Int64)
        /// Twelve digits before the point and three behind it.
        case decimal(thousandths: Int64)
        case string(String)
        case token(String)
        case bytes([UInt8])
        case boolean(Bool)
        /// Seconds since 1970.
        case date(Int64)
    }

    /// Keys with values in the order of their first appearance; a later value replaces an earlier one (RFC 9651, 4.2.3.2).
    package struct Parameters: Hashable, Sendable {
        package struct Pair: Hashable, Sendable {
            package let key: String
            package var value: BareItem
        }
        package private(set) var pairs: [Pair] = []

        package init() {}

        package subscript(key: String) -> BareItem? { pairs.first { $0.key == key }?.value }

        package mutating func set(_ key: String, _ value: BareItem) {
            if let place = pairs.firstIndex(where: { $0.key == key }) { pairs[place].value = value } else { pairs.append(Pair(key: key, value: value)) }
        }
    }

    package struct Item: Hashable, Sendable {
        package var value: BareItem
        package var parameters: Parameters

        package init(_ value: BareItem, _ parameters: Parameters = Parameters()) {
            self.value = value
            self.parameters = parameters
        }
    }

    package struct InnerList: Hashable, Sendable {
        package var items: [Item]
        package var parameters: Parameters

        package init(_ items: [Item], _ parameters: Parameters = Parameters()) {
            self.items = items
            self.parameters = parameters
        }
    }

    package enum Member: Hashable, Sendable {
        case item(Item)
        case innerList(InnerList)
    }

    package struct Dictionary: Hashable, Sendable {
        package struct Entry: Hashable, Sendable {
            package let key: String
            package var member: Member
        }
        package private(set) var entries: [Entry] = []
        /// A key that stood there twice: the last one counts (RFC 9651, 4.2.2), but whoever judges evidence may want to refuse it.
        package private(set) var repeatedKey: String?

        package init() {}

        package subscript(key: String) -> Member? { entries.first { $0.key == key }?.member }

        package mutating func set(_ key: String, _ member: Member) {
            if let place = entries.firstIndex(where: { $0.key == key }) {
                entries[place].member = member
                repeatedKey = key
            } else {
                entries.append(Entry(key: key, member: member))
            }
        }
    }

    /// Why a field is not what it should be.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let byteOffset: Int
        package let detail: String

        package var description: String { "\(detail) (byte \(byteOffset))" }
    }

    // Every implementation must take this much (RFC 9651, 3); this one takes no more.
    package static let membersMax = 1024
    package static let innerItemsMax = 256
    package static let parametersMax = 256
    /// Bytes of all lines of one field.
    package static let bytesMax = 64 << 10
    package static let integerMax: Int64 = 999_999_999_999_999
}
