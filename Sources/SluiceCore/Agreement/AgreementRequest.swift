package import SluiceKit

/// The question put to the agreements: may this dataset go from here to there, today, for this purpose?
package struct AgreementRequest: Sendable {
    package var direction: Agreement.Direction
    package var giver: String
    package var receiver: String
    package var dataflow: ArtefactReference
    package var purpose: String
    package var today: CalendarDate
    /// The transport that it goes or came by, as endpoints name it (`https`, `folder`); nil where nobody knows.
    package var channel: String?
    package var summary: DatasetSummary
    /// Whether the dataset is one of records, not of cells.
    package var isRecordLevel: Bool

    package init(
        direction: Agreement.Direction, giver: String, receiver: String, dataflow: ArtefactReference, purpose: String, today: CalendarDate,
        channel: String? = nil, summary: DatasetSummary
    ) {
        self.direction = direction
        self.giver = giver
        self.receiver = receiver
        self.dataflow = dataflow
        self.purpose = purpose
        self.today = today
        self.channel = channel
        self.summary = summary
        isRecordLevel = RecordStructures([]).contains(summary.schema.structure)
    }
}
