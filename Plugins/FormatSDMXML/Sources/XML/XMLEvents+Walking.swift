import SluiceKit

/// Walking through elements, for headers, structures and whatever else is small.
extension XMLEvents {
    /// Calls `body` on the start of each child of the element under the cursor and leaves the cursor on that element's end.
    /// What `body` does not consume of a child is passed over.
    func eachChild(_ body: () throws(ReadError) -> Void) throws(ReadError) {
        let level = depth
        while try next() {
            if isStart {
                try body()
                try skip(to: level)
            } else if isEnd, depth < level {
                return
            }
        }
    }

    /// Moves to the end event that leaves `level` elements open, unless the cursor is there.
    private func skip(to level: Int) throws(ReadError) {
        while depth > level {
            guard try next() else { return }
        }
    }

    /// The text directly in the element under the cursor; leaves the cursor on its end.
    func text() throws(ReadError) -> String {
        let level = depth
        var text = ""
        while try next() {
            if isText, depth == level {
                text += eventText
            } else if isEnd, depth < level {
                break
            }
        }
        return text
    }
}
