import SluiceKit

/// Pseudonyms: codes under the node's key that are the same for one receiver and agreement, and say nothing of the value or of one another.
///
/// The agreement counts by its id, not by its version: a renewed agreement is the same relation between the same parties, and the receiver has to be able to
/// follow a person across it. A new id starts anew.
struct Pseudonyms {
    private let codes: any KeyedCodes
    private let receiver: String
    private let agreement: String

    /// - Throws: `keyMissing` where the host lends no key, or says of nobody who receives.
    init(_ context: ProtectionContext) throws(ProtectionError) {
        guard let codes = context.codes else {
            throw ProtectionError(
                .keyMissing,
                detail:
                    "the agreement asks for pseudonyms, and this host has no protection key to make them with; name one (`protectionKey`, or --protection-key)")
        }
        guard !context.receiver.isEmpty, !context.agreements.isEmpty else {
            throw ProtectionError(.keyMissing, detail: "pseudonyms are of one receiver and agreement, and here neither is named; protect for a receiver")
        }
        self.codes = codes
        receiver = context.receiver
        // `ID VERSION`; of several agreements all ids count, so that none of them can be linked to one alone.
        let ids = context.agreements.map { String($0.prefix { $0 != " " }) }
        agreement = Set(ids).sorted().joined(separator: "+")
    }

    /// How a pseudonym is written.
    struct Form {
        let alphabet: [UInt8]
        let length: Int

        /// Bits below which two persons of a register could by chance get one pseudonym.
        static let bitsMin = 80
        private static let lengthDefault = 26

        /// - Throws: `markingImpossible` where the structure has no room for it.
        init(_ component: Component, _ structure: DataStructure) throws(ProtectionError) {
            func impossible(_ why: String) -> ProtectionError {
                ProtectionError(
                    .markingImpossible,
                    detail:
                        "\(structure.reference) \(why), so that \(component.id) has no room for a pseudonym; make it a String of at least \(Self.lengthDefault) characters"
                )
            }
            guard component.codelistReference == nil else { throw impossible("takes the values of \(component.id) from a code list") }
            let format = component.textFormat
            guard format?.pattern == nil else { throw impossible("has a pattern for \(component.id)") }
            let bitsPerLetter: Double
            switch format?.type {
            case nil, .string?, .alphaNumeric?:
                alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
                bitsPerLetter = 5
            case .alpha?:
                alphabet = Array("abcdefghijklmnop".utf8)
                bitsPerLetter = 4
            case .numeric?, .bigInteger?:
                alphabet = Array("0123456789".utf8)
                bitsPerLetter = 3.3
            case let type?: throw impossible("has \(component.id) as \(type.rawValue)")
            }
            guard component.role != .measure || format?.type != nil else { throw impossible("has \(component.id) as a measure without a type") }
            if format?.type == .bigInteger || format?.type == .numeric, format?.minValue != nil || format?.maxValue != nil {
                throw impossible("bounds the value of \(component.id)")
            }
            // 130 bits where there is room, in letters of the alphabet.
            let wanted = Int((Double(Self.lengthDefault) * 5 / bitsPerLetter).rounded(.up))
            let length = min(max(wanted, format?.minLength ?? 0), format?.maxLength ?? .max, Self.lettersMax)
            guard Double(length) * bitsPerLetter >= Double(Self.bitsMin), length >= format?.minLength ?? 0 else {
                throw impossible("allows \(component.id) at most \(format?.maxLength ?? Self.lettersMax) characters")
            }
            self.length = length
        }

        /// What 256 bits have room for, four bits a letter.
        private static let lettersMax = 50

        /// The first bits of a digest as letters, without bias that would tell more than the digest does.
        func text(_ digest: SHA256Digest) -> [UInt8] {
            var number = digest.bytes
            var text: [UInt8] = []
            text.reserveCapacity(length)
            if alphabet.count == 10 {
                // Long division by ten of the whole digest: its lowest digits are as good as uniform.
                for _ in 0..<length {
                    var rest = 0
                    for at in number.indices {
                        let value = rest << 8 | Int(number[at])
                        number[at] = UInt8(value / 10)
                        rest = value % 10
                    }
                    // A number does not begin with a zero that a reader may drop.
                    text.append(text.isEmpty ? UInt8(ascii: "1") + UInt8(rest % 9) : alphabet[rest])
                }
                return text
            }
            let bits = alphabet.count == 32 ? 5 : 4
            var held = 0
            var heldBits = 0
            var next = 0
            while text.count < length {
                if heldBits < bits {
                    held = held << 8 | Int(number[next])
                    next += 1
                    heldBits += 8
                }
                heldBits -= bits
                text.append(alphabet[held >> heldBits & (alphabet.count - 1)])
                held &= (1 << heldBits) - 1
            }
            return text
        }
    }

    /// The records with each value replaced; equal values get equal pseudonyms.
    /// - Throws: `keyDuplicate` in the all but impossible case that two values got one.
    func replace(_ variable: Variable, _ component: Component, _ structure: DataStructure) throws(ProtectionError) -> Variable {
        let form = try Form(component, structure)
        let use = "pseudonym \(receiver) \(agreement) \(component.id)"
        let dictionary = ValueDictionary()
        var map = [UInt32](repeating: ValueDictionary.absent, count: variable.dictionary.count)
        for (code, count) in variable.counts.enumerated() where count > 0 {
            let text = form.text(codes.code(Array(variable.dictionary.bytes(UInt32(code))), for: use))
            let known = dictionary.count
            var result: Result<UInt32, ProtectionError> = .success(ValueDictionary.absent)
            text.withUnsafeBytes { bytes in
                do throws(ProtectionError) { result = .success(try dictionary.code(copying: bytes)) } catch { result = .failure(error) }
            }
            map[code] = try result.get()
            guard dictionary.count > known else {
                throw ProtectionError(
                    .keyDuplicate, detail: "two values of \(component.id) got the same pseudonym; give it more characters in the structure")
            }
        }
        return variable.mapped(to: dictionary, map)
    }
}
