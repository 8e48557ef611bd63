package tableledger_test

import (
	"bytes"
	"crypto/rand"
	"io"
	mathrand "math/rand/v2"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/azuritetest"
	"github.com/storeteams/storeteams/handler/internal/ledger/ledgertest"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
)

func TestStore(t *testing.T) {
	connection := azuritetest.Start(t)
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		return open(t, connection, newTable(), nil)
	})
}

// TestBlob has the largest rows and their listing in a table.
func TestBlob(t *testing.T) {
	s := open(t, azuritetest.Start(t), newTable(), nil)
	etag := ""
	for seed := range byte(2) {
		content := make([]byte, 5*ledger.MaxValue)
		_, _ = mathrand.NewChaCha8([32]byte{seed}).Read(content) // never fails
		newETag, err := ledger.WriteBlob(t.Context(), s, "large", etag, func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		etag, err = ledger.ReadBlob(t.Context(), s, "large", func(r io.Reader) error {
			got, err := io.ReadAll(r)
			if err == nil && !bytes.Equal(got, content) {
				t.Errorf("%d bytes came back as %d others", len(content), len(got))
			}
			return err
		})
		if err != nil || etag != newETag {
			t.Fatalf("ReadBlob: ETag %s, %v; want %s", etag, err, newETag)
		}
	}
	if err := ledger.DeleteBlob(t.Context(), s, "large"); err != nil {
		t.Fatal(err)
	}
	for row, err := range s.List(t.Context(), "blob/large", "") {
		t.Errorf("left over: %q, %v", row.Row, err)
	}
}

// newTable returns the name of a table that does not exist.
func newTable() string { return "t" + rand.Text() }

// open opens a ledger that must open, and has it make its table.
func open(t *testing.T, connection, table string, options *azcore.ClientOptions) *tableledger.Store {
	t.Helper()
	s, err := tableledger.OpenConnection(connection, table, options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), ledger.Key{Partition: "nothing", Row: "yet"}); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	return s
}
