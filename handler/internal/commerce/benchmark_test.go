package commerce_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"runtime"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/commerce"
)

// recording answers each address with a body made beforehand, so that a
// benchmark measures the reading and not the serving.
type recording map[string][]byte

func (rec recording) RoundTrip(r *http.Request) (*http.Response, error) {
	body := rec[path.Base(r.URL.Path)+r.URL.Query().Get("$skiptoken")]
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// record makes pages of 10,000 rows. Row i of a collection is its format with i
// in each verb.
func (rec recording) record(name string, rows int, format string) {
	const pageSize = 10_000
	for from := 0; from == 0 || from < rows; from += pageSize {
		var page bytes.Buffer
		page.WriteString(`{"@odata.context":"x","value":[`)
		for i := from; i < min(from+pageSize, rows); i++ {
			if i > from {
				page.WriteByte(',')
			}
			page.WriteString(`{"@odata.etag":"W/\"JzAsMjI1NjU0MjE0NTM7MSw1NjM3MTQ0NTc2Jw==\"",`)
			page.WriteString(strings.ReplaceAll(format, "#", fmt.Sprintf("%07d", i)))
			page.WriteByte('}')
		}
		page.WriteByte(']')
		token := ""
		if from > 0 {
			token = fmt.Sprint(from)
		}
		if from+pageSize < rows {
			fmt.Fprintf(&page, `,"@odata.nextLink":"%s/data/%s?$skiptoken=%d"`, root, name, from+pageSize)
		}
		page.WriteByte('}')
		rec[name+token] = page.Bytes()
	}
}

func chain(b *testing.B, workers int) (rec recording, bytesServed int64) {
	rec = recording{}
	for _, name := range newEnvironment(b).collections() {
		rec.record(name, 0, "")
	}
	const valid = `"ValidFrom":"2024-01-15T08:00:00Z","ValidTo":"2154-12-31T23:59:59Z"`
	for name, format := range map[string]string{
		"Workers":                      `"PersonnelNumber":"#","PartyNumber":"P#"`,
		"RetailChannelWorkers":         `"RetailChannelId":"000000135","PersonnelNumber":"#","IsActive":"Yes"`,
		"Employees":                    `"PersonnelNumber":"#","EmploymentEndDate":"2154-12-31T23:59:59Z"`,
		"RetailStaff":                  `"PersonnelNumber":"#","ExternalSubIdentifier":"8c7a6d1e-0000-4000-8000-00000#","ExternalIdentityAlias":"worker#@example.com"`,
		"PersonUsers":                  `"PartyNumber":"P#","UserId":"U#",` + valid,
		"SystemUsers":                  `"UserID":"U#","Alias":"worker#@example.com","UserObjectId":""`,
		"PositionWorkerAssignmentsV2":  `"PositionId":"X#","PersonnelNumber":"#",` + valid,
		"PositionsV2":                  `"PositionId":"X#","DepartmentNumber":"052","TitleId":"SA","Title":"Sales associate"`,
		"RetailPositionPosPermissions": `"PositionId":"X#","ManagerPrivileges":"No","PosPermissionGroupId":"Cashier"`,
	} {
		rec.record(name, workers, format)
	}
	for _, page := range rec {
		bytesServed += int64(len(page))
	}
	return rec, bytesServed
}

func BenchmarkSnapshot(b *testing.B) {
	const workers = 50_000
	rec, served := chain(b, workers)
	client := newClient(b, rec, commerce.Options{})
	b.SetBytes(served)
	b.ReportAllocs()
	var before, after runtime.MemStats
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		s, err := client.Snapshot(b.Context())
		b.StopTimer()
		if err != nil || len(s.Workers) != workers {
			b.Fatalf("%d workers, error %v", len(s.Workers), err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(s)
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/workers, "kept-B/worker")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/workers, "allocs/worker")
}
