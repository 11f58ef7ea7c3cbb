package import SluiceKit

/// What was released before, given by the host: the Core has no store.
package protocol ReleaseRegister: Sendable {
    /// The releases of a population that have one of the periods, to whomever, the oldest first. Asked from a thread that may block.
    func held(population: String, periods: Set<String>) throws -> HeldReleases
}

/// Earlier releases, and by what the host can tell that there have been no others since.
package struct HeldReleases: Sendable {
    package var releases: [ReleasedFigures]
    package var mark: Int64

    package init(releases: [ReleasedFigures] = [], mark: Int64 = 0) {
        self.releases = releases
        self.mark = mark
    }
}

/// A register that holds what it is given: files of which a person says that the receiver has them.
package struct FixedRegister: ReleaseRegister {
    package var releases: [ReleasedFigures]
    package init(_ releases: [ReleasedFigures]) { self.releases = releases }
    package func held(population: String, periods: Set<String>) -> HeldReleases {
        HeldReleases(releases: releases.filter { !periods.isDisjoint(with: $0.periods) })
    }
}
