package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// swap makes next the folder dist, and removes the folder that was there.
//
// No portable call exchanges two folders, so the old one is moved away first:
// for a moment there is none. Another staging may put its own there in that
// moment; then the turn is tried again.
func swap(next, dist string) error {
	const turns = 10
	var err error
	for range turns {
		if err = os.Rename(next, dist); err == nil {
			return nil
		}
		if _, missing := os.Lstat(dist); errors.Is(missing, fs.ErrNotExist) {
			return err // not in the way, so the rename failed for its own reason
		}
		if err = retire(dist); err != nil {
			return err
		}
	}
	return err
}

// retire moves dist out of the way and removes it. A dist that another staging
// has moved away meanwhile is fine.
func retire(dist string) error {
	away, err := os.MkdirTemp(filepath.Dir(dist), ".stage-old-*")
	if err != nil {
		return err
	}
	err = os.Rename(dist, filepath.Join(away, "dist"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(away))
}

// checkOurs refuses a folder that holds anything staging does not put there:
// it is about to be replaced whole, and "-o ." must not cost anybody a
// repository.
func checkOurs(dist string) error {
	entries, err := os.ReadDir(dist)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		ours := false
		switch e.Name() {
		case hostFile, settingsFile, "handler", "handler.exe":
			ours = e.Type().IsRegular()
		default:
			ours = e.IsDir() && holdsOnlyFunction(filepath.Join(dist, e.Name()))
		}
		if !ours {
			return fmt.Errorf("%s holds %s, which no staging put there; name an empty or new folder", dist, e.Name())
		}
	}
	return nil
}

func holdsOnlyFunction(folder string) bool {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return true // another staging has just moved it away, so it was ours
	}
	return err == nil && len(entries) == 1 && entries[0].Name() == functionFile
}
