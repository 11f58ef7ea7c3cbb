import SluiceKitTesting
import Testing

@testable import SluiceNode

struct FileWatchTests {
    @Test func readsAgainOnlyWhatHasChanged() throws {
        let folder = try TemporaryFolder("watch")
        let (watch, file) = (FileWatch(), folder.file("below/list"))
        var reads = 0
        func look(_ isRead: Bool = true) {
            watch.read(folder.path) {
                reads += 1
                return isRead
            }
        }
        look()
        look()
        #expect(reads == 1, "nothing had changed")
        try Folders.make(folder.file("below"))
        try Folders.write([1], to: file)
        look()
        look()
        #expect(reads == 2, "a file below it is new")
        try Folders.write([1, 2], to: file)
        look(false)
        look(false)
        look()
        look()
        #expect(reads == 5, "a reading that failed is repeated, and one that succeeded is not")
    }
}
