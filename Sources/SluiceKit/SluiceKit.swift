/// The version of this build of Sluice, as written into ledger entries and package manifests.
public let sluiceVersion = "0.1.0"
