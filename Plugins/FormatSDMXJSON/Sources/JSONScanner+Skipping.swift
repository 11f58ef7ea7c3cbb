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
    ///
    /// The position is a local variable, which stays in a register: half of a message is passed over here.
    func skipContainerUnread() throws(ReadError) {
        var open = 1
        var lines = 0
        var at = position
        while true {
            let byte = buffer.load(fromByteOffset: at, as: UInt8.self)
            at += 1
            switch byte {
            case UInt8(ascii: "\""): at = try skipStringUnread(at)
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                if open == 0 {
                    position = at
                    line += lines
                    depth -= 1
                    endValue()
                    return
                }
            case 0x0A: lines += 1
            case 0 where at > filled: at = try fillUnread()
            default: break
            }
        }
    }

    /// - Parameter start: behind the opening quote.
    /// - Returns: behind the closing one.
    @inline(__always)
    private func skipStringUnread(_ start: Int) throws(ReadError) -> Int {
        var at = start
        while true {
            let flags = Self.specials(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            at += flags.trailingZeroBitCount >> 3
            // What is behind the end is NUL, which counts as special.
            if flags == 0 { continue }
            if at >= filled {
                at = try fillUnread()
                continue
            }
            let byte = buffer.load(fromByteOffset: at, as: UInt8.self)
            at += 1
            if byte == UInt8(ascii: "\"") { return at }
            if byte == UInt8(ascii: "\\") {
                if at >= filled { at = try fillUnread() }
                at += 1
            }
        }
    }

    /// Reads on where everything up to the end has been passed over; returns where that is now.
    private func fillUnread() throws(ReadError) -> Int {
        position = filled
        tokenStart = filled
        guard try fill() else { throw truncated() }
        return position
    }
}
