/// Mistakes in the glue around the machines, each of them one that a gateway has been seen to make; the simulation has to notice every one.
enum Flaw: CaseIterable {
    /// The change of state and its ledger entry are two transactions.
    case settlesOutsideTheTransaction
    /// A repeat is taken as new.
    case forgetsDuplicates
    /// A claim holds for ever, also when its worker is dead.
    case forgetsTheClaimTimeout
    /// The receipt leaves before the commit.
    case answersBeforeTheCommit
    /// A repeat gets a newly sealed receipt.
    case sealsAgainForARepeat
    /// The receipt's file has a fixed name, so that a second worker writes over the first one's.
    case namesReceiptsByExchange
    /// Nobody looks again inside the transaction whether another worker has answered.
    case settlesWithoutLookingAgain
    /// A refusal of damaged bytes is taken as an answer to the package.
    case trustsReceiptsForOtherBytes
    /// An item is claimed though an older one of its flow waits.
    case skipsTheQueue
    /// Times that a wrong clock set are kept.
    case keepsTimesOfAWrongClock
    /// "Busy" is taken as an answer.
    case dropsWhatMetABusyReceiver
    /// A second receipt with another outcome replaces the first.
    case believesTheLastReceipt
    /// With the receipt, the id is erased too.
    case forgetsErasedIDs
    /// A failure of a worker whose claim ran out is counted against the next one's attempt, receipts or not.
    case overwritesWithAStaleRecord
    /// The published head is written without comparing it with the one before.
    case letsTheHeadGoBack
    /// What waits for approval does not say who sent it.
    case forgetsWhoSent
}
