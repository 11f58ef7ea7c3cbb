// The code of Go's checksum database (golang.org/x/mod/sumdb), held to what Sluice writes. Built by sumdb.sh.
//
//	sumdb proof VKEYFILE ENTRY PROOF      an entry and its C2SP tlog-proof
//	sumdb log VKEYFILE FOLDER [OLD]       a published log: checkpoint, tiles, every entry; and that it continues the checkpoint OLD
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) < 2 {
		fail("sumdb proof|log …")
	}
	switch os.Args[1] {
	case "proof":
		proof(os.Args[2], os.Args[3], os.Args[4])
	case "log":
		old := ""
		if len(os.Args) > 4 {
			old = os.Args[4]
		}
		wholeLog(os.Args[2], os.Args[3], old)
	default:
		fail("there is no " + os.Args[1])
	}
}

func fail(what ...interface{}) {
	fmt.Fprintln(os.Stderr, what...)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	return data
}

// open verifies a checkpoint and returns its tree.
func open(keyFile string, signed []byte) tlog.Tree {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(keyFile))))
	if err != nil {
		fail("key:", err)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint:", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("checkpoint: not of", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		fail("checkpoint:", err)
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		fail("checkpoint:", err)
	}
	return tlog.Tree{N: size, Hash: hash}
}

func proof(keyFile, entryFile, proofFile string) {
	data := read(proofFile)
	gap := bytes.Index(data, []byte("\n\n"))
	if gap < 0 {
		fail("proof: no empty line")
	}
	lines := strings.Split(string(data[:gap]), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		fail("proof: not a tlog-proof")
	}
	index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
	if err != nil {
		fail("proof:", err)
	}
	var hashes tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			fail("proof: not a hash:", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		hashes = append(hashes, hash)
	}
	tree := open(keyFile, data[gap+2:])
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(read(entryFile))); err != nil {
		fail("proof:", err)
	}
	fmt.Printf("entry %d is in the tree of %d\n", index, tree.N)
}

// folder reads tiles of height 8 from a C2SP tlog-tiles folder.
type folder struct {
	path string
	size int64
}

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.path, name(fmt.Sprint("tile/", tile.L), tile.N, tile.W)))
		if err != nil && tile.W < 256 {
			data, err = os.ReadFile(filepath.Join(f.path, name(fmt.Sprint("tile/", tile.L), tile.N, 256)))
			if err == nil {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func name(folder string, n int64, width int) string {
	text := fmt.Sprintf("%03d", n%1000)
	for rest := n / 1000; rest > 0; rest /= 1000 {
		text = fmt.Sprintf("x%03d/%s", rest%1000, text)
	}
	if width < 256 {
		return fmt.Sprintf("%s/%s.p/%d", folder, text, width)
	}
	return folder + "/" + text
}

func wholeLog(keyFile, path, old string) {
	tree := open(keyFile, read(filepath.Join(path, "checkpoint")))
	hashes := tlog.TileHashReader(tree, folder{path, tree.N})
	for first := int64(0); first < tree.N; first += 256 {
		width := int64(256)
		if tree.N-first < width {
			width = tree.N - first
		}
		bundle := read(filepath.Join(path, name("tile/entries", first/256, int(width))))
		for place := int64(0); place < width; place++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			found, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, first+place)})
			if err != nil {
				fail("tiles:", err)
			}
			if found[0] != tlog.RecordHash(entry) {
				fail("entry", first+place, "is not the one in the tree")
			}
		}
		if len(bundle) != 0 {
			fail("entries after the last")
		}
	}
	if old != "" {
		before := open(keyFile, read(old))
		consistency, err := tlog.ProveTree(tree.N, before.N, hashes)
		if err == nil {
			err = tlog.CheckTree(consistency, tree.N, tree.Hash, before.N, before.Hash)
		}
		if err != nil {
			fail("consistency:", err)
		}
	}
	fmt.Printf("%d entries lead to the signed root\n", tree.N)
}
