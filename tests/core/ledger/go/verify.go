// Verifies a log folder with nothing but golang.org/x/mod/sumdb: checkpoint signature, every entry, inclusion,
// consistency. Usage: verify FOLDER VKEY [OLD-SIZE...]. Prints "ok SIZE", or what is wrong and exits with 1.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// folder reads C2SP tiles. Go's own tile paths carry the tile height, which C2SP leaves out.
type folder string

func (f folder) Height() int                     { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		content, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func openCheckpoint(f folder, vkey string) (tree tlog.Tree, err error) {
	content, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(content, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, errors.New("not a checkpoint of " + verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, errors.New("bad root")
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

func readBundle(f folder, index, width int64) (entries [][]byte, err error) {
	tile := tlog.Tile{H: height, L: 0, N: index, W: int(width)}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	content, err := os.ReadFile(filepath.Join(string(f), path))
	if err != nil {
		return nil, err
	}
	for len(content) > 0 {
		if len(content) < 2 || len(content) < 2+int(binary.BigEndian.Uint16(content)) {
			return nil, errors.New("entry bundle is cut off")
		}
		length := 2 + int(binary.BigEndian.Uint16(content))
		entries, content = append(entries, content[2:length]), content[length:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("bundle %d holds %d entries instead of %d", index, len(entries), width)
	}
	return entries, nil
}

func checkEntries(f folder, tree tlog.Tree, hashes tlog.HashReader) error {
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := readBundle(f, first>>height, width)
		if err != nil {
			return err
		}
		var indexes []int64
		for at := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(at)))
		}
		published, err := hashes.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for at, entry := range entries {
			if tlog.RecordHash(entry) != published[at] {
				return fmt.Errorf("entry %d does not hash to its tile", first+int64(at))
			}
		}
	}
	return nil
}

func checkProofs(tree tlog.Tree, hashes tlog.HashReader, olds []string) error {
	for _, index := range []int64{0, 1, tree.N / 3, tree.N / 2, tree.N - 2, tree.N - 1} {
		if index < 0 || index >= tree.N {
			continue
		}
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return err
		}
	}
	for _, text := range olds {
		old, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			return err
		}
	}
	return nil
}

func run() error {
	f := folder(os.Args[1])
	tree, err := openCheckpoint(f, os.Args[2])
	if err != nil {
		return err
	}
	if tree.N == 0 {
		if empty := sha256.Sum256(nil); !bytes.Equal(tree.Hash[:], empty[:]) {
			return errors.New("root of the empty tree")
		}
	} else {
		hashes := tlog.TileHashReader(tree, f)
		if err := checkEntries(f, tree, hashes); err != nil {
			return err
		}
		if err := checkProofs(tree, hashes, os.Args[3:]); err != nil {
			return err
		}
	}
	fmt.Println("ok", tree.N)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Println("not verified:", err)
		os.Exit(1)
	}
}
