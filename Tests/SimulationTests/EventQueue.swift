/// What happens when: a binary heap, by time and then by the order of scheduling, so that one seed is one history.
struct EventQueue {
    struct Event {
        var time: Int64
        var number: Int
        /// A poll or a patrol that comes round by itself; the world may end with such ones left.
        var isRound: Bool
        var run: () -> Void
    }

    private var heap: [Event] = []
    private var numbers = 0
    /// Events left that are not rounds.
    private(set) var open = 0
    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }

    mutating func add(at time: Int64, isRound: Bool, _ run: @escaping () -> Void) {
        numbers += 1
        open += isRound ? 0 : 1
        heap.append(Event(time: time, number: numbers, isRound: isRound, run: run))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> Event? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        open -= first.isRound ? 0 : 1
        if heap.isEmpty { return first }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { break }
            let child = left + 1 < heap.count && isBefore(left + 1, left) ? left + 1 : left
            guard isBefore(child, parent) else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return first
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (heap[left], heap[right])
        return one.time < other.time || one.time == other.time && one.number < other.number
    }
}
