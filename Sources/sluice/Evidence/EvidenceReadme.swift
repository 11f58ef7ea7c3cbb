/// `README.txt`: how to check a folder of evidence with tools that others wrote. A test runs every command in it.
enum EvidenceReadme {
    static func text(_ manifest: EvidenceManifest) -> String {
        let erased = manifest.exchanges.filter(\.isErased).count
        return """
            Evidence about \(manifest.exchanges.count) exchange\(manifest.exchanges.count == 1 ? "" : "s") of \(manifest.participant), made \(manifest.madeAt) by \(manifest.software).
            \(erased == 0 ? "" : "\n\(erased) of them \(erased == 1 ? "is" : "are") erased: their packages and keys were destroyed, their entries and proofs remain.\n")
            index.html sums it up. evidence.json says which file belongs to which exchange.

              exchanges/      packages as they travelled, the receivers' signed receipts, and what was signed for those who approved
              entries/        entries of the ledger (NNNNNN.json), each with its proof (NNNNNN.tlog-proof, C2SP tlog-proof)
              checkpoint      the ledger's signed head, with the signatures it had
              ledger.vkey     the ledger's verifier key
              agreements/     the agreements on which decisions rested
              statements/     what people said of those agreements, signed by the node
              certificates/   the authorities that the node trusts, and its sealing certificate
              SHA256SUMS      digests of all these files

            Nobody can vouch for himself: get ledger.vkey and certificates/authority.pem from their owners by another way, and compare them with these.
            What this folder cannot show: that an exchange has no further entries. That is seen in the whole ledger, which the node publishes.

            The commands below run in this folder, in a shell, one after the other. They need coreutils, openssl, unzip, and aics-tlog from PyPI (pip install
            --ignore-requires-python aics-tlog). With Sluice: sluice evidence verify . --key ledger.vkey --authority authority.pem

            1. Nothing was changed since this folder was made.

                sha256sum -c --quiet --strict SHA256SUMS

            2. The ledger's head is signed with its key.

                t=$(mktemp -d)
                sed '/^$/q' checkpoint | sed '$d' > $t/body
                grep -F "$(printf '\\342\\200\\224') $(head -n 1 checkpoint) " checkpoint | head -n 1 | cut -d' ' -f3 | base64 -d | tail -c 64 > $t/signature
                { printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; cut -d+ -f3- ledger.vkey | base64 -d | tail -c 32; } > $t/key
                openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey $t/key -in $t/body -sigfile $t/signature
                aics-tlog verify-checkpoint --note checkpoint --vkey-file ledger.vkey > $t/said || { cat $t/said; exit 1; }

            3. Every entry is in the ledger, at its place.

                for p in entries/*.tlog-proof; do
                  sed '1,/^$/d' $p > $t/note
                  sed '/^$/,$d' $p | sed '1,2d' > $t/hashes
                  aics-tlog verify-inclusion --leaf ${p%.tlog-proof}.json --index $(sed -n '2s/index //p' $p) --checkpoint $t/note --proof $t/hashes --vkey-file ledger.vkey > $t/said || { echo "$p"; cat $t/said; exit 1; }
                done

            4. Every package and receipt is sealed by a certificate of the authority, every file is as it was sealed, and the ledger knows the manifest.
               (Of a certificate that has expired since, add -attime and the seconds since 1970 of the entry's time to openssl cms.)

                for p in $(find exchanges -name '*.asice'); do
                  rm -rf $t/p && mkdir $t/p && unzip -q $p -d $t/p
                  openssl cms -verify -binary -cades -inform DER -in $t/p/META-INF/signature001.p7s -content $t/p/META-INF/ASiCManifest001.xml -CAfile certificates/authority.pem -out /dev/null || { echo "$p"; exit 1; }
                  sed -n 's/.*DataObjectReference URI="\\([^"]*\\)".*/\\1/p; s/.*<ds:DigestValue>\\(.*\\)<.*/\\1/p' $t/p/META-INF/ASiCManifest001.xml | paste - - | while read -r name digest
                    do echo "$(echo "$digest" | base64 -d | od -An -v -tx1 | tr -d ' \\n')  $t/p/$name"; done | sha256sum -c --quiet --strict || { echo "$p"; exit 1; }
                  grep -q "$(sha256sum < $t/p/META-INF/ASiCManifest001.xml | cut -d' ' -f1)" entries/*.json || { echo "$p: no entry knows its manifest"; exit 1; }
                done

            5. What people said of the agreements, and what was signed for those who approved, is signed by the node, and the ledger knows it.

                for p in $(find statements exchanges -name '*.p7s' 2> /dev/null); do
                  openssl cms -verify -binary -cades -inform DER -in $p -content ${p%.p7s}.json -CAfile certificates/authority.pem -out /dev/null || { echo "$p"; exit 1; }
                  grep -q "$(sha256sum < ${p%.p7s}.json | cut -d' ' -f1)" entries/*.json || { echo "$p: no entry knows it"; exit 1; }
                done

            6. The agreements are those of the decisions: agreementSHA256 in the entries of type sluice.agreement.decided is the digest of their content. This takes
               Python with PyYAML. (Where a decision rested on several agreements, their canonical forms are digested together, in order of id.)

                for p in $(find agreements -name '*.yaml' 2> /dev/null); do
                  d=$(python3 -c 'import hashlib, json, sys, yaml; print(hashlib.sha256(json.dumps(yaml.load(open(sys.argv[1], encoding="utf-8"), Loader=yaml.BaseLoader), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest())' $p)
                  grep -q "$d" entries/*.json evidence.json || { echo "$p: no entry knows it"; exit 1; }
                done

            """
    }
}
