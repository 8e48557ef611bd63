package businessevent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/businessevent"
)

const business = `{"BusinessEventId":"WorkerHiredBusinessEvent","BusinessEventLegalEntity":"USRT","ContextRecordSubject":"",` +
	`"ControlNumber":5637166327,"EventId":"{9F9D5A5E-3B1E-4C0B-9F62-0D4A3D2E2B11}","EventTime":"/Date(1732431600000)/",` +
	`"InitiatingUserAADObjectId":"{8D0B0F6D-0000-0000-0000-000000000000}","MajorVersion":0,"MinorVersion":0,` +
	`"ParentContextRecordSubjects":[],"ExtensionFields":[],"PersonnelNumber":"000123","Unheard":{"of":[1]}}`

const data = `{"MessageName":"Create","PrimaryEntityName":"mserp_retailchannelworkerentity","OperationId":"7a0e3a3e-0000-4000-8000-000000000001",` +
	`"OperationCreatedOn":"/Date(1732431600000+0000)/","InputParameters":[{"key":"Target","value":{"__type":"Entity:x",` +
	`"LogicalName":"mserp_retailchannelworkerentity","Attributes":[{"key":"mserp_personnelnumber","value":"000123"},` +
	`{"key":"mserp_retailchannelid","value":"5637144592"},{"key":"mserp_isactive","value":{"Value":200000001}}]}}]}`

func TestParse(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1732431600000).UTC().Format(time.RFC3339)
	for name, test := range map[string]struct{ body, want string }{
		"a business event":   {business, "business 9f9d5a5e-3b1e-4c0b-9f62-0d4a3d2e2b11 " + at + " someone [] [000123] /"},
		"in the newer form":  {strings.Replace(business, `"EventTime":`, `"EventTimeIso8601":"2024-11-24T07:00:00.0000000Z","EventTime":`, 1), "business 9f9d5a5e-3b1e-4c0b-9f62-0d4a3d2e2b11 " + at + " someone [] [000123] /"},
		"with a byte order":  {"\ufeff" + business, "business 9f9d5a5e-3b1e-4c0b-9f62-0d4a3d2e2b11 " + at + " someone [] [000123] /"},
		"without EventId":    {`{"BusinessEventId":"B","BusinessEventLegalEntity":"USRT","ControlNumber":"42"}`, "business b/usrt/42 - nothing [] [] /"},
		"in extensions":      {`{"EventId":"e","ExtensionFields":[{"Key":"StoreNumber","Value":"135"},7]}`, "business e - organization [135] [] /"},
		"wrong types":        {`{"EventId":7,"EventTime":[],"PersonnelNumber":{},"ControlNumber":true,"ExtensionFields":5}`, "business 7 - nothing [] [] /"},
		"a task":             {`{"EventId":"e","StoreNumber":"135","Process_ProcessId":"P1","TaskId":"T1"}`, "business e - task [135] [] P1/T1"},
		"a data event":       {data, "data 7a0e3a3e-0000-4000-8000-000000000001 " + at + " someone [] [000123] /"},
		"of a store":         {`{"MessageName":"Update","PrimaryEntityName":"mserp_retailstoreentity","OperationId":"o","InputParameters":[]}`, "data o - organization [] [] /"},
		"of something else":  {`{"MessageName":"Update","PrimaryEntityName":"mserp_custcustomerv3entity","OperationId":"o","InputParameters":[]}`, "data o - nothing [] [] /"},
		"named by its row":   {`{"OperationId":"o","InputParameters":{"Target":{"LogicalName":"mserp_hcmworkerentity","Attributes":{"mserp_personnelnumber":"7"}}}}`, "data o - someone [] [7] /"},
		"parameters are odd": {`{"OperationId":"o","InputParameters":"x"}`, "data o - nothing [] [] /"},
		"too long a number":  {`{"EventId":"e","PersonnelNumber":"` + strings.Repeat("9", 65) + `"}`, "business e - nothing [] [] /"},
		"not printed":        {`{"EventId":"e","PersonnelNumber":"1\n2"}`, "business e - nothing [] [] /"},

		"nothing":   {"", "error"},
		"a list":    {"[]", "error"},
		"null":      {"null", "error"},
		"no JSON":   {"<event/>", "error"},
		"no UTF-8":  {`{"EventId":"` + "\xff" + `"}`, "error"},
		"too deep":  {strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65), "error"},
		"too large": {`{"a":"` + strings.Repeat("x", businessevent.MaxSize) + `"}`, "error"},
	} {
		e, err := businessevent.Parse([]byte(test.body))
		if got := told(e, err); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

func told(e businessevent.Event, err error) string {
	if err != nil {
		return "error"
	}
	at := "-"
	if !e.Time.IsZero() {
		at = e.Time.Format(time.RFC3339)
	}
	about := []string{"nothing", "someone", "organization", "task"}[e.About()]
	return fmt.Sprintf("%s %s %s %s %v %v %s/%s", e.Form, e.ID, at, about, e.Stores, e.Workers, e.Process, e.Task)
}

// Without any id of its own an event is told by its text.
func TestWhatIsSentTwiceHasOneID(t *testing.T) {
	t.Parallel()
	id := func(body string) string {
		e, err := businessevent.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	one, other := `{"PersonnelNumber":"1"}`, `{"PersonnelNumber":"2"}`
	if first, again := id(one), id(one); first != again || first == id(other) || first == "" {
		t.Errorf("%q, %q, %q", first, again, id(other))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(business))
	f.Add([]byte(data))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := businessevent.Parse(body)
		if err != nil {
			return
		}
		again, err := businessevent.Parse(body)
		if err != nil || told(again, nil) != told(e, nil) {
			t.Fatalf("read twice: %v, %v", e, again)
		}
		if e.ID == "" || len(e.Stores) > 100 || len(e.Workers) > 100 || len(e.ID) > 200 {
			t.Fatalf("%+v", e)
		}
	})
}
