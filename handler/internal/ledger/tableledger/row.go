package tableledger

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// The properties of an entity, besides its keys. A value's pieces are d00 to
// d10, each at most 64 KiB, the limit of a binary property.
const (
	sizeProperty  = "size"  // Int32: the value's length, to know a torn row by
	nonceProperty = "nonce" // String: random, new with each write
	pieceBytes    = 64 * 1024
	maxPieces     = ledger.MaxValue / pieceBytes
)

func pieceProperty(i int) string { return fmt.Sprintf("d%02d", i) }

// entity is a row as the table has it, keys not escaped.
type entity struct {
	key   ledger.Key
	value []byte
	nonce string
	etag  string // only in listings; elsewhere it is a header
}

// newEntity returns the entity of a new write.
func newEntity(key ledger.Key, value []byte) entity {
	return entity{key: key, value: value, nonce: rand.Text()}
}

// encode returns the entity as the service takes it.
func (e entity) encode() ([]byte, error) {
	properties := map[string]any{
		"PartitionKey": escape(e.key.Partition),
		"RowKey":       escape(e.key.Row),
		sizeProperty:   len(e.value),
		nonceProperty:  e.nonce,
	}
	for i := 0; i*pieceBytes < len(e.value); i++ {
		name := pieceProperty(i)
		properties[name] = e.value[i*pieceBytes : min((i+1)*pieceBytes, len(e.value))]
		properties[name+"@odata.type"] = "Edm.Binary"
	}
	return json.Marshal(properties)
}

// errForeign is a row that this package did not write.
var errForeign = errors.New("the table holds a row that is not the ledger's")

// decode returns an entity as the service sent it.
func decode(body []byte) (entity, error) {
	var keys struct {
		PartitionKey, RowKey string
		ETag                 string `json:"odata.etag"`
		Size                 *int   `json:"size"`
		Nonce                string `json:"nonce"`
	}
	var pieces map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil || json.Unmarshal(body, &pieces) != nil || keys.Size == nil {
		return entity{}, errForeign
	}
	partition, okPartition := unescape(keys.PartitionKey)
	row, okRow := unescape(keys.RowKey)
	if !okPartition || !okRow {
		return entity{}, errForeign
	}
	value := make([]byte, 0, min(max(*keys.Size, 0), ledger.MaxValue))
	for i := range maxPieces {
		var piece []byte
		text, ok := pieces[pieceProperty(i)]
		if !ok {
			break
		}
		if err := json.Unmarshal(text, &piece); err != nil {
			return entity{}, errForeign
		}
		value = append(value, piece...)
	}
	if len(value) != *keys.Size {
		return entity{}, fmt.Errorf("a row of the table has %d bytes of %d", len(value), *keys.Size)
	}
	key := ledger.Key{Partition: partition, Row: row}
	return entity{key: key, value: value, nonce: keys.Nonce, etag: keys.ETag}, nil
}
