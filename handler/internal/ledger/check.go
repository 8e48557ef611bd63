package ledger

import (
	"unicode/utf8"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// MaxKeyPart is the most bytes a Key's Partition and its Row may have each.
const MaxKeyPart = 200

// CheckKey returns a fault.Invalid when the key breaks Key's rule. Backends ask
// before they do anything, so that all of them refuse the same keys; op is what
// they were about to do.
func CheckKey(op string, key Key) error {
	if err := CheckPartition(op, key.Partition); err != nil {
		return err
	}
	return checkKeyPart(op, "row", key.Row)
}

// CheckPartition is CheckKey for a method that takes a partition alone.
func CheckPartition(op, partition string) error {
	return checkKeyPart(op, "partition", partition)
}

func checkKeyPart(op, part, text string) error {
	switch {
	case text == "":
		return fault.Newf(fault.Invalid, op, "the %s of the key is empty", part)
	case len(text) > MaxKeyPart:
		return fault.Newf(fault.Invalid, op, "the %s of the key has %d bytes, at most %d are allowed", part, len(text), MaxKeyPart)
	case !utf8.ValidString(text):
		return fault.Newf(fault.Invalid, op, "the %s of the key is not valid UTF-8", part)
	}
	return nil
}

// CheckValue returns a fault.Invalid when the value is over MaxValue.
func CheckValue(op string, value []byte) error {
	if len(value) > MaxValue {
		return fault.Newf(fault.Invalid, op, "the value has %d bytes, at most %d are allowed", len(value), MaxValue)
	}
	return nil
}
