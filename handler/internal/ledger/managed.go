package ledger

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// Managed are the managed people of a team, ordered by user, each once. In a
// row they are packed, in base64 as JSON has no bytes: id (16 bytes), role and
// reason (1, the role in the highest bit), since when in Unix seconds (4,
// big-endian; 0: unknown), and the worker's personnel number with its length
// before it (1 and as many). A row takes 19,000 of them with personnel numbers
// of six digits.
type Managed []org.Managed

// ownerBit tells owners from members in the byte that has the reason too.
const ownerBit = 1 << 7

// managedSize is how much of a packed entry comes before the personnel number.
const managedSize = 16 + 1 + 4 + 1

// MarshalJSON packs. A personnel number over 255 bytes, and a time that four
// bytes cannot say, is fault.Invalid.
func (m Managed) MarshalJSON() ([]byte, error) {
	const op = "ledger: pack managed people"
	packed := make([]byte, 0, len(m)*(managedSize+8))
	for _, e := range m {
		if len(e.Worker) > math.MaxUint8 {
			return nil, fault.Newf(fault.Invalid, op, "user %s: the personnel number has %d bytes, at most %d are allowed", e.User, len(e.Worker), math.MaxUint8)
		}
		since := int64(0)
		if !e.Since.IsZero() {
			since = e.Since.Unix()
		}
		if since < 0 || since > math.MaxUint32 {
			return nil, fault.Newf(fault.Invalid, op, "user %s: managed since %s, which is before 1970 or after 2105", e.User, e.Since)
		}
		packed = append(packed, e.User[:]...)
		role := byte(e.Reason)
		if e.Role == org.Owner {
			role |= ownerBit
		}
		packed = append(packed, role)
		packed = binary.BigEndian.AppendUint32(packed, uint32(since))
		packed = append(packed, byte(len(e.Worker)))
		packed = append(packed, e.Worker...)
	}
	return json.Marshal(packed)
}

// UnmarshalJSON unpacks. All personnel numbers share one string.
func (m *Managed) UnmarshalJSON(text []byte) error {
	var packed []byte
	if err := json.Unmarshal(text, &packed); err != nil {
		return err
	}
	count, letters, err := measure(packed)
	if err != nil {
		return err
	}
	all := make(Managed, count)
	workers := string(letters)
	for i := range all {
		e := &all[i]
		e.User, e.Reason = org.UserID(packed[:16]), org.Reason(packed[16]&^ownerBit)
		if packed[16]&ownerBit != 0 {
			e.Role = org.Owner
		}
		if since := binary.BigEndian.Uint32(packed[17:]); since != 0 {
			e.Since = time.Unix(int64(since), 0).UTC()
		}
		n := int(packed[managedSize-1])
		e.Worker, workers = org.PersonnelNumber(workers[:n]), workers[n:]
		packed = packed[managedSize+n:]
		if e.Reason > org.StoreWorker || i > 0 && bytes.Compare(all[i-1].User[:], e.User[:]) >= 0 {
			return fmt.Errorf("managed person %d is out of order or has an unknown reason", i) // and would not be found again
		}
	}
	*m = all
	return nil
}

// measure counts packed entries and gathers their personnel numbers.
func measure(packed []byte) (count int, letters []byte, err error) {
	for len(packed) > 0 {
		if len(packed) < managedSize || len(packed) < managedSize+int(packed[managedSize-1]) {
			return 0, nil, errors.New("the last managed person is cut off")
		}
		next := managedSize + int(packed[managedSize-1])
		letters = append(letters, packed[managedSize:next]...)
		packed = packed[next:]
		count++
	}
	return count, letters, nil
}

// Of returns what a user is managed as, and whether they are.
func (m Managed) Of(user org.UserID) (org.Managed, bool) {
	i, ok := m.search(user)
	if !ok {
		return org.Managed{}, false
	}
	return m[i], true
}

// Set puts a user in, or replaces what is known of them.
func (m *Managed) Set(e org.Managed) {
	i, ok := m.search(e.User)
	if ok {
		(*m)[i] = e
		return
	}
	*m = slices.Insert(*m, i, e)
}

// Drop takes a user out.
func (m *Managed) Drop(user org.UserID) {
	if i, ok := m.search(user); ok {
		*m = slices.Delete(*m, i, i+1)
	}
}

func (m Managed) search(user org.UserID) (int, bool) {
	return slices.BinarySearchFunc(m, user, func(e org.Managed, user org.UserID) int {
		return bytes.Compare(e.User[:], user[:])
	})
}
