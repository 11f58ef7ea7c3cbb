package import SluiceKit

/// What was released before, given by the host: the Core has no store.
package protocol ReleaseRegister: Sendable {
    /// The releases of a population that have one of the periods, to whomever, the oldest first. Asked from a thread that may block.
    /// - Parameter limit: how many at most.
    func held(population: String, periods: Set<String>, atMost limit: Int) throws -> HeldReleases
}

/// Earlier releases, and by what the host can tell that there have been no others of the population and the periods since.
package struct HeldReleases: Sendable {
    package var releases: [ReleasedFigures]
    package var mark: Int64

    package init(releases: [ReleasedFigures] = [], mark: Int64 = 0) {
        self.releases = releases
        self.mark = mark
    }
}
