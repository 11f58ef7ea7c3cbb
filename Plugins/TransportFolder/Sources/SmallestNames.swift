/// The first of very many names, in their order, in bounded memory.
struct SmallestNames {
    private(set) var names: [FileName] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ name: FileName) {
        guard names.count < limit || names.last.map({ name < $0 }) ?? false else { return }
        var (low, high) = (0, names.count)
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        names.insert(name, at: low)
        if names.count > limit { names.removeLast() }
    }
}
