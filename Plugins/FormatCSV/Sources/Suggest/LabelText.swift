/// A label reduced to what its spellings share: words in small letters without diacritics or punctuation, numbers without marks between thousands.
struct LabelText: Hashable {
    /// Characters of a label that are looked at.
    static let lengthMax = 600
    /// Words of a label that are looked at.
    static let tokensMax = 80

    let tokens: [String]
    /// The tokens with blanks between them.
    let key: String

    init(_ text: String) { self.init(tokens: Self.tokens(text)) }

    init(tokens: [String]) {
        self.tokens = tokens
        key = tokens.joined(separator: " ")
    }

    var isEmpty: Bool { tokens.isEmpty }

    /// Without blanks, but for those between numbers: "IVquintile" and "IV quintile" are one.
    var squashed: String {
        var text = ""
        var endsInDigit = false
        for token in tokens {
            if endsInDigit, token.unicodeScalars.first.map(Self.isDigit) == true { text += " " }
            text += token
            endsInDigit = token.unicodeScalars.last.map(Self.isDigit) == true
        }
        return text
    }

    /// What carries the meaning: words without the small ones and without the plural's s, sorted, each once.
    var wordKey: String { Set(tokens.filter { !Synonyms.known.stopWords.contains($0) }.map(Self.stem)).sorted().joined(separator: " ") }

    /// Words that carry the meaning, without the plural's s.
    var stems: [String] { tokens.filter { !Synonyms.known.stopWords.contains($0) }.map(Self.stem) }

    static func isNumber(_ token: String) -> Bool {
        token.unicodeScalars.first.map(isDigit) == true && token.unicodeScalars.allSatisfy { isDigit($0) || $0 == "." }
    }

    static func stem(_ token: String) -> String {
        guard token.utf8.count > 3, token.hasSuffix("s"), !token.hasSuffix("ss"), !token.hasSuffix("us") else { return token }
        return token.hasSuffix("ies") && token.utf8.count > 4 ? String(token.dropLast(3)) + "y" : String(token.dropLast())
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 48 < 10 }

    // MARK: Cutting

    private static func tokens(_ text: String) -> [String] {
        let scalars = Array(text.unicodeScalars.prefix(lengthMax))
        var tokens: [String] = []
        var word = String.UnicodeScalarView()
        var isNumber = true
        /// Set once a number has a mark between thousands: 1 000 000, but not 2015 100.
        var firstGroup: Bool?
        func end() {
            if !word.isEmpty { tokens.append(String(word)) }
            word = String.UnicodeScalarView()
            isNumber = true
            firstGroup = nil
        }
        var index = 0
        while index < scalars.count, tokens.count < tokensMax {
            let scalar = scalars[index]
            defer { index += 1 }
            if isDigit(scalar) {
                word.append(scalar)
                continue
            }
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            if isNumber, !word.isEmpty, isDigit(next) {
                // 100,000 and 100 000 are one number; 1.5 is one, too; 15-24 is a range.
                if isThousandsMark(scalar), firstGroup ?? (word.count <= 3), hasThreeDigits(scalars, after: index) {
                    firstGroup = true
                    continue
                }
                if scalar == "." {
                    word.append(scalar)
                    continue
                }
                if isDash(scalar) {
                    end()
                    tokens.append("to")
                    continue
                }
            }
            switch scalar {
            case "%", "$", "+", "<", ">", "\u{2030}", "\u{20AC}", "\u{2265}", "\u{2264}":
                end()
                tokens.append(scalar == "\u{2265}" ? ">=" : scalar == "\u{2264}" ? "<=" : String(scalar))
            case "&":
                end()
                tokens.append("and")
            case "'", "\u{2019}", "\u{2BC}", "\u{55A}": break
            default:
                if let folded = Folding.fold(scalar) {
                    if !folded.isEmpty {
                        isNumber = false
                        word.append(contentsOf: folded.unicodeScalars)
                    }
                } else {
                    end()
                }
            }
        }
        end()
        return tokens
    }

    private static func isThousandsMark(_ scalar: Unicode.Scalar) -> Bool { scalar == "," || scalar == " " || scalar == "\u{A0}" || scalar == "\u{202F}" }
    private static func isDash(_ scalar: Unicode.Scalar) -> Bool { scalar == "-" || (scalar.value >= 0x2010 && scalar.value <= 0x2015) || scalar == "\u{2212}" }

    private static func hasThreeDigits(_ scalars: [Unicode.Scalar], after index: Int) -> Bool {
        guard index + 3 < scalars.count, isDigit(scalars[index + 1]), isDigit(scalars[index + 2]), isDigit(scalars[index + 3]) else { return false }
        return index + 4 == scalars.count || (!isDigit(scalars[index + 4]) && Folding.fold(scalars[index + 4]) == nil)
    }
}

/// Letters as they count when labels are compared.
enum Folding {
    /// The letter in small, without its diacritics; empty for a combining mark; nil for what stands between words.
    static func fold(_ scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII {
            switch scalar.value {
            case 0x41...0x5A: return String(Unicode.Scalar(UInt8(scalar.value + 32)))
            case 0x61...0x7A, 0x30...0x39: return String(scalar)
            default: return nil
            }
        }
        if let special = specials[scalar] { return special }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return ""
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber, .spacingMark: break
        default: return nil
        }
        let small = properties.lowercaseMapping
        guard let letter = small.unicodeScalars.first, let name = letter.properties.name, name.hasPrefix(latin) else {
            return specials[small.unicodeScalars.first ?? scalar] ?? small
        }
        // "LATIN SMALL LETTER E WITH ACUTE" is an e. The standard library has no decompositions, but the names.
        let base = name.dropFirst(latin.count)
        guard base.dropFirst().hasPrefix(" WITH"), let ascii = base.unicodeScalars.first?.properties.lowercaseMapping else { return specials[letter] ?? small }
        return ascii
    }

    private static let latin = "LATIN SMALL LETTER "
    /// What names do not tell; й and ё stand beside и and е because texts have them decomposed, too.
    private static let specials: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "й": "и", "ё": "е", "և": "եւ", "²": "2", "³": "3", "₂": "2",
    ]
}
