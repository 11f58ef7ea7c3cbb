import SluiceKit

/// Passing over what is not wanted.
extension JSONScanner {
    /// Passes over the value that comes next, holding it to the grammar.
    func skipValue() throws(ReadError) {
        let outer = depth
        repeat { _ = try next() } while depth > outer
    }

    /// Leaves containers until `outer` are open, holding the rest to the grammar.
    func leave(toDepth outer: Int) throws(ReadError) {
        while depth > outer { _ = try next() }
    }

    /// Passes over the rest of the container just opened, looking at brackets and strings only: for parts that a second pass will read.
    func skipContainerUnread() throws(ReadError) {
        var open = 1
        while true {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            switch byte {
            case UInt8(ascii: "\""): try skipStringUnread()
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                if open == 0 {
                    depth -= 1
                    endValue()
                    return
                }
            case 0x0A: line += 1
            case 0 where position > filled:
                position = filled
                tokenStart = filled
                guard try fill() else { throw truncated() }
            default: break
            }
        }
    }

    func skipStringUnread() throws(ReadError) {
        while true {
            tokenStart = position
            _ = try passPlainText()
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") {
                tokenStart = position
                try need(1)
                position += 1
            }
        }
    }
}
