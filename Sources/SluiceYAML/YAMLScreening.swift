/// Looks over a YAML text before it is parsed, for what would hurt the parser itself.
enum YAMLScreening {
    /// Whether brackets or indentation nest deeper than any file of ours.
    static func nestsTooDeep(_ yaml: String) -> Bool {
        var open = 0
        var leading = 0
        var isLeading = true
        for byte in yaml.utf8 {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
            default: break
            }
            if byte == UInt8(ascii: "\n") {
                leading = 0
                isLeading = true
            } else if isLeading, " \t-?:".utf8.contains(byte) {
                leading += 1
            } else {
                isLeading = false
            }
            if open > YAMLLimits.depthMax * 4 || leading > YAMLLimits.depthMax * 8 { return true }
        }
        return false
    }

    static func aliasWords(_ yaml: String) -> Int {
        var count = 0
        var previous: UInt8 = 0x20
        var isStar = false
        for byte in yaml.utf8 {
            if isStar, byte > 0x20, byte != UInt8(ascii: "*") { count += 1 }
            isStar = byte == UInt8(ascii: "*") && (previous <= 0x20 || "[{,:-?".utf8.contains(previous))
            previous = byte
        }
        return count
    }
}
