/// Files that the binary carries: what `sluice demo` sets up its nodes with.
package enum SluiceFiles {
    package static var permitsStructure: [UInt8] { PackageResources.permits_structure_xml }
    package static var permitsRegister: [UInt8] { PackageResources.permits_register_csv }
}
