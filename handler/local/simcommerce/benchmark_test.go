package simcommerce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// BenchmarkReading reads a collection of 50,000 rows, five pages of them.
func BenchmarkReading(b *testing.B) {
	rows := make([]json.RawMessage, 50_000)
	for i := range rows {
		rows[i] = fmt.Appendf(nil, `{"PersonnelNumber":"%06d","RetailChannelId":"C%d","IsActive":"Yes"}`, i, i%500)
	}
	env, err := simcommerce.New(map[string][]json.RawMessage{"RetailChannelWorkers": rows}, simcommerce.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		next := "/data/RetailChannelWorkers?$select=PersonnelNumber,RetailChannelId,IsActive&cross-company=true"
		for next != "" {
			r := httptest.NewRequest("GET", next, nil)
			r.Header.Set("Authorization", "Bearer local")
			w := httptest.NewRecorder()
			env.ServeHTTP(w, r)
			var page struct {
				Next string `json:"@odata.nextLink"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
				b.Fatal(w.Code, err)
			}
			next = page.Next
		}
	}
}
